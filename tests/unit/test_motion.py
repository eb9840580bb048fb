"""Cloth that keeps its colours does not flicker, however it moves; what changes does, by as much as it changes."""

import pytest
import torch

from warpgan.motion import flicker


def still(frames=4, size=(12, 10)):
    """Frames in which nothing moves: `forward`, `valid`, `mask`."""
    y, x = torch.meshgrid(*(torch.arange(side, dtype=torch.float32) for side in size), indexing="ij")
    everywhere = torch.ones(frames, *size, dtype=torch.bool)
    return torch.stack([x, y], -1).expand(frames, *size, 2), everywhere, everywhere


def noise(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_what_keeps_its_colours_has_none():
    assert torch.equal(flicker(torch.full((4, 3, 12, 10), 0.3), *still()), torch.zeros(4))
    pattern = noise(3, 12, 10).expand(4, -1, -1, -1)
    torch.testing.assert_close(flicker(pattern, *still()), torch.zeros(4), atol=1e-5, rtol=0)


def test_what_changes_has_as_much_as_it_changes():
    light = torch.tensor([0.0, 0.1, 0.3, -0.2])
    frames = light[:, None, None, None].expand(4, 3, 12, 10)
    torch.testing.assert_close(flicker(frames, *still()), torch.tensor([0.2, 0.1, 0.2, 0.5]))
    assert flicker(noise(4, 3, 12, 10), *still()).min() > 0.4


def test_a_pattern_that_moves_with_its_cloth_has_none_and_one_that_stays_behind_has():
    pattern, steps = noise(3, 12, 10), (0, 2, 5, 3)
    frames = torch.stack([pattern.roll(step, dims=-1) for step in steps])
    forward, valid, mask = still()
    back = torch.tensor(steps) - torch.tensor(steps).roll(1)
    forward = forward - torch.stack([back.float(), torch.zeros(4)], -1)[:, None, None]
    valid = (forward[..., 0] >= 0) & (forward[..., 0] <= 9)
    torch.testing.assert_close(flicker(frames, forward, valid, mask), torch.zeros(4), atol=1e-5, rtol=0)
    assert flicker(pattern.expand(4, -1, -1, -1), forward, valid, mask).min() > 0.3


def test_only_the_mask_of_both_frames_counts():
    frames = torch.zeros(2, 3, 12, 10)
    frames[0, :, :, :5], frames[1, :, :, 5:] = 1.0, noise(3, 12, 5)
    forward, valid, mask = still(2)
    mask = mask.clone()
    mask[0, :, 3:] = False  # frame 1 has cloth everywhere, frame 0 in its first three columns
    torch.testing.assert_close(flicker(frames, forward, valid, mask), torch.ones(2))
    hidden = torch.zeros_like(valid)
    assert flicker(frames, forward, hidden, mask).isnan().all()
    half = forward + torch.tensor([0.5, 0.0])  # between two columns: the third one would mix with what is no cloth
    assert flicker(frames, half, valid, mask)[1] == 1


@pytest.mark.parametrize(
    "number, value, message",
    [
        (0, torch.zeros(3, 12, 10), r"frames has shape \(3, 12, 10\); expected \[F, 3, H, W\]"),
        (1, torch.zeros(4, 12, 10, 3), r"forward has shape \(4, 12, 10, 3\); the frames ask for \(4, 12, 10, 2\)"),
        (2, torch.zeros(3, 12, 10), r"valid has shape \(3, 12, 10\); the frames ask for \(4, 12, 10\)"),
        (3, torch.zeros(4, 10, 12), r"mask has shape \(4, 10, 12\); the frames ask for \(4, 12, 10\)"),
    ],
)
def test_sizes_that_disagree_are_told(number, value, message):
    arguments = [torch.zeros(4, 3, 12, 10), *still()]
    arguments[number] = value
    with pytest.raises(ValueError, match=message):
        flicker(*arguments)
