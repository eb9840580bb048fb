"""Human parsing: from a picture to logits of the 20 labels, a small network on a torchvision backbone.

The backbone is MobileNetV3-large with stride 16 and the head of LR-ASPP (Howard et al. 2019, "Searching for
MobileNetV3"); a decoder then adds the backbone's finer maps step by step up to half resolution, because a glove or a
sock is smaller than the 8 pixels at which LR-ASPP stops. The paper takes such parsings as given. Notebook 02 trains it.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from warpgan.labels import BACKGROUND, NUM_LABELS
from warpgan.models.body_frame import PLACES, Turn, body_frame, places, statistics
from warpgan.models.mobilenet import LEVELS, backbone, channels

STEP = 16
"""Pixels: the backbone's stride. Pictures of other sizes are padded at the right and below."""

HEIGHT = 256
"""Pixels: of the pictures, with one person each, that the shipped weights were trained on."""

CONTEXT = 96  # channels of the map of stride 8, on which the picture is seen as a whole
HEADS = 4


class Guess(NamedTuple):
    """What a human parser says of pictures; all of it is trained.

    Attributes:
        logits: [B, 20, H, W], of each pixel's label.
        coarse: [B, 20, H/8, W/8] (of the padded picture), a first guess of the same.
        turn: [B], logits of "faces the camera".
    """

    logits: Tensor
    coarse: Tensor
    turn: Tensor


class HumanParser(nn.Module):
    """Predict the label of each pixel of a picture.

    A map of stride 8 looks at the whole picture and makes a coarse guess. From it follow the person's axis and which
    way the person faces, without which left and right cannot be told apart. The decoder is given both.

    Args:
        width: of the backbone, a factor of torchvision's channels (1).
        decoder: channels of the decoder's maps.
        weights: of the backbone, None or "imagenet": see `mobilenet.backbone`.

    Raises:
        ValueError: ImageNet weights for another width, or a width or decoder that is not positive.
        FileNotFoundError: the ImageNet weights have not been fetched; says how to.
    """

    def __init__(self, width: float = 1.0, decoder: int = 48, *, weights: str | None = None):
        super().__init__()
        if width <= 0 or decoder < 1:
            raise ValueError(f"width and decoder must be positive, found {width} and {decoder}")
        self.backbone = backbone(width, weights)
        *finer, deep = channels(self.backbone)
        self.deep = nn.Conv2d(deep, CONTEXT, 1)
        self.middle = nn.Conv2d(finer[-1], CONTEXT, 1)
        self.look = nn.ModuleList(Look(CONTEXT) for _ in range(2))
        self.coarse = nn.Conv2d(CONTEXT, NUM_LABELS, 1)
        self.turn = Turn(CONTEXT)
        self.high = _unit(nn.Conv2d(CONTEXT, decoder, 1, bias=False), decoder)
        self.squeeze = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(deep, decoder, 1, bias=False), nn.Sigmoid())
        self.laterals = nn.ModuleList(nn.Conv2d(count + PLACES, decoder, 1) for count in finer[::-1])
        self.refine = nn.ModuleList(_separable(decoder) for _ in self.laterals)
        self.classify = nn.Conv2d(decoder, NUM_LABELS, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Return the logits of each pixel's label.

        Args:
            image: [B, 3, H, W] in [-1, 1]; sides that are no multiples of `STEP` are padded with the last row and
                column, and the answer is cut back.

        Returns:
            Logits [B, 20, H, W], interpolated bilinearly from half resolution.

        Raises:
            ValueError: another shape, integers, or an empty picture.
        """
        return self.guess(image).logits

    def guess(self, image: Tensor) -> Guess:
        """Return the logits, the coarse guess and the turn; arguments and errors as of `forward`."""
        if image.dim() != 4 or image.shape[1] != 3 or 0 in image.shape or not image.is_floating_point():
            raise ValueError(
                f"image: expected floating point [B, 3, H, W], found {image.dtype} {list(image.shape)}"
            )
        height, width = image.shape[-2:]
        padded = F.pad(image, (0, -width % STEP, 0, -height % STEP), mode="replicate")
        *finer, deep = self._maps(padded)  # strides 2, 4, 8 and 16
        seen = self.deep(deep)  # [B, CONTEXT, H/16, W/16]
        x = self.middle(finer[-1]) + _resize(seen, finer[-1])  # [B, CONTEXT, H/8, W/8]
        for look in self.look:
            x = look(x, seen)
        coarse = self.coarse(x)
        labels = coarse.detach().softmax(dim=1)
        frame = body_frame(1 - labels[:, BACKGROUND, None])
        turn = self.turn(statistics(labels, frame), x.mean(dim=(2, 3)))
        where = places(frame, turn.tanh())
        x = self.high(x) * self.squeeze(deep)
        for lateral, refine, level in zip(self.laterals, self.refine, reversed(finer), strict=True):
            level = torch.cat([level, _resize(where, level)], dim=1)
            x = refine(_resize(x, level) + lateral(level))  # [B, decoder, H/8, W/8], then H/4, then H/2
        x = _resize(self.classify(x), padded)  # [B, 20, H, W]
        return Guess(x[..., :height, :width], coarse, turn)

    def _maps(self, x: Tensor) -> list[Tensor]:
        maps = []
        for index, layer in enumerate(self.backbone):
            x = layer(x)
            if index in LEVELS:
                maps.append(x)
        return maps


class Look(nn.Module):
    """Let each place of a map look at all places of a coarser one (attention), then think (two layers).

    Vaswani et al. 2017, "Attention Is All You Need", section 3.2; normalised before each part.
    """

    def __init__(self, channels: int):
        super().__init__()
        self.place = nn.Linear(len(WAVES) * 4, channels)
        self.norms = nn.ModuleList(nn.LayerNorm(channels) for _ in range(3))
        self.query, self.out = nn.Linear(channels, channels), nn.Linear(channels, channels)
        self.key_value = nn.Linear(channels, 2 * channels)
        self.think = nn.Sequential(nn.Linear(channels, 2 * channels), nn.GELU(), nn.Linear(2 * channels, channels))

    def forward(self, x: Tensor, seen: Tensor) -> Tensor:
        """Return a map of the shape of `x` [B, C, h, w] that has looked at `seen` [B, C, h', w']."""
        fine, coarse = (m.flatten(2).transpose(1, 2) for m in (x, seen))  # [B, n, C], [B, n', C]
        query = self.query(self.norms[0](fine) + self.place(_waves(x)))
        key, value = self.key_value(self.norms[1](coarse) + self.place(_waves(seen))).chunk(2, dim=-1)
        heads = (t.unflatten(-1, (HEADS, -1)).transpose(1, 2) for t in (query, key, value))
        found = F.scaled_dot_product_attention(*heads)  # [B, HEADS, n, C/HEADS]
        fine = fine + self.out(found.transpose(1, 2).flatten(2))
        fine = fine + self.think(self.norms[2](fine))
        return fine.transpose(1, 2).unflatten(2, x.shape[-2:])


WAVES = (1, 2, 4, 8)  # half waves across the picture


# Sines and cosines of the places of a map, [h w, 16]: attention itself does not know where a place is.
def _waves(x: Tensor) -> Tensor:
    frequency = torch.tensor(WAVES, device=x.device) * torch.pi
    down, across = (((torch.arange(n, device=x.device) + 0.5) / n)[:, None] * frequency for n in x.shape[-2:])
    grid = torch.cat([down[:, None].expand(-1, len(across), -1), across.expand(len(down), -1, -1)], dim=-1)
    return torch.cat([grid.sin(), grid.cos()], dim=-1).flatten(0, 1)


def _resize(x: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(x, size=like.shape[-2:], mode="bilinear", align_corners=False)


def _unit(convolution: nn.Module, channels: int) -> nn.Sequential:
    return nn.Sequential(convolution, nn.BatchNorm2d(channels, momentum=0.05), nn.ReLU(inplace=True))


# Depthwise 3x3, then 1x1: a tenth of the cost of a full 3x3, which at half resolution would outweigh the backbone.
def _separable(channels: int) -> nn.Sequential:
    depthwise = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
    return nn.Sequential(
        _unit(depthwise, channels), _unit(nn.Conv2d(channels, channels, 1, bias=False), channels)
    )


def label_photo(image: Tensor, parser: Callable[[Tensor], Tensor], height: int = HEIGHT) -> Tensor:
    """Find the labels of one photo of one person.

    Args:
        image: [3, H, W] uint8 or float in [-1, 1].
        parser: [1, 3, h, w] in, logits [1, 20, h, w] out, as `HumanParser`.
        height: pixels; the photo is shown to the parser at this height, and the logits brought back to its own.

    Returns:
        [H, W] int64, 0..19.
    """
    image = image if image.is_floating_point() else image.float() / 127.5 - 1
    full = image.shape[-2:]
    size = [height, max(1, round(full[1] * height / full[0]))]
    device = next((p.device for p in getattr(parser, "parameters", tuple)()), image.device)
    shown = F.interpolate(image[None], size=size, mode="bilinear", antialias=True, align_corners=False)
    with torch.no_grad():
        logits = parser(shown.to(device))[0].cpu()  # [20, h, w]
    best = labels = None
    for label in range(NUM_LABELS):  # one at a time: 20 maps of a 24-megapixel photo are two gigabytes
        layer = F.interpolate(logits[None, label, None], size=full, mode="bilinear", align_corners=False)[0, 0]
        if best is None:
            best, labels = layer, torch.zeros(full, dtype=torch.int64)
        else:
            labels[layer > best] = label
            best = torch.maximum(best, layer)
    return labels
