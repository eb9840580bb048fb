"""Where in the body a pixel lies and which way the body faces, read off a coarse parsing (of the human parser).

Left and right are the person's own. Which leg is the left one cannot be told from the leg: it takes the side of the
body's axis on which the leg lies, times the way the body faces. A small network learns that product very slowly, so
it is written down here.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from warpgan.labels import BACKGROUND, NUM_LABELS

FREQUENCIES = (0.6, 1.2, 2.4, 4.8)  # radians a unit of the body's frame
COORDINATES = 3
PLACES = 2 * len(FREQUENCIES) * COORDINATES + COORDINATES + 1
"""Channels of `places`: waves of the three coordinates, the coordinates times the turn, the turn."""

BAND = 8  # the axis at a row is that of the rows around it, an eighth of the height to either side in all


def body_frame(person: Tensor) -> Tensor:
    """Return each place's position relative to a person.

    Args:
        person: [B, 1, H, W], from 0 (ground) to 1 (person).

    Returns:
        [B, 3, H, W]: to the right of the person's centre and below it, and to the right of the axis of the rows around;
        in standard deviations of the person's height, between -4 and 4.
    """
    height, width = person.shape[-2:]
    y = (torch.arange(height, device=person.device) + 0.5)[:, None] / height
    x = (torch.arange(width, device=person.device) + 0.5) / height
    mass = person.sum(dim=(2, 3), keepdim=True) + 1e-3
    centre_x, centre_y = ((person * side).sum(dim=(2, 3), keepdim=True) / mass for side in (x, y))
    spread = ((person * (y - centre_y).square()).sum(dim=(2, 3), keepdim=True) / mass).sqrt() + 0.02
    reach = max(1, height // (2 * BAND))
    rows = torch.cat([person.sum(dim=3, keepdim=True), (person * x).sum(dim=3, keepdim=True)], dim=1)  # [B, 2, H, 1]
    near, moment = F.avg_pool2d(rows, (2 * reach + 1, 1), stride=1, padding=(reach, 0)).split(1, dim=1)
    axis = (moment + 1e-3 * centre_x) / (near + 1e-3)  # [B, 1, H, 1]
    frame = [(x - centre_x).expand_as(person), (y - centre_y).expand_as(person), x - axis]
    return (torch.cat(frame, dim=1) / spread).clamp(-4, 4)


def statistics(labels: Tensor, frame: Tensor) -> Tensor:
    """Return how much of the person each label covers and where its centroid lies.

    Args:
        labels: [B, 20, H, W], probabilities.
        frame: [B, 3, H, W], of `body_frame`.

    Returns:
        [B, 60]: half the logarithm of 100 times the share (0 for the background), and the centroid's x and y.
    """
    mass = labels.sum(dim=(2, 3))  # [B, 20]
    centroid = torch.einsum("bkhw,bchw->bck", labels, frame[:, :2]) / (mass[:, None] + 0.5)  # [B, 2, 20]
    share = mass / (mass.sum(dim=1, keepdim=True) - mass[:, BACKGROUND, None] + 1e-3)
    amount = (100 * share + 0.1).log() / 2
    amount = amount.index_fill(1, torch.tensor([BACKGROUND], device=mass.device), 0.0)
    return torch.cat([amount, centroid.flatten(1)], dim=1)


class Turn(nn.Module):
    """Tell which way a body faces from what each label covers, where it lies, and what the picture shows.

    Args:
        channels: of the picture's vector.
        width: of the hidden layers.
    """

    def __init__(self, channels: int, width: int = 64):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(3 * NUM_LABELS + channels, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(),
            nn.Linear(width, 1),
        )

    def forward(self, statistics: Tensor, picture: Tensor) -> Tensor:
        """Return logits [B] of "faces the camera" from `statistics` [B, 60] and a vector of the picture [B, C]."""
        return self.layers(torch.cat([statistics, picture], dim=1))[:, 0]


def places(frame: Tensor, turn: Tensor) -> Tensor:
    """Return what a pixel's place tells about its label: `PLACES` channels.

    Args:
        frame: [B, 3, H, W], of `body_frame`.
        turn: [B] from -1 (seen from behind) to 1 (faces the camera).
    """
    frequencies = torch.tensor(FREQUENCIES, device=frame.device).view(1, -1, 1, 1, 1)
    waves = (frame[:, None] * frequencies).flatten(1, 2)
    turn = turn[:, None, None, None]
    return torch.cat([waves.sin(), waves.cos(), turn * frame, turn.expand_as(frame[:, :1])], dim=1)
