"""Opponent axes are a rotation and three scales: they come back, and grey has brightness alone."""

import pytest
import torch

from warpgan import opponent


def test_there_and_back():
    image = 2 * torch.rand(2, 3, 5, 4, dtype=torch.float64) - 1
    there = opponent.to_opponent(image)
    torch.testing.assert_close(opponent.from_opponent(there), image)
    torch.testing.assert_close(opponent.to_opponent(opponent.from_opponent(image)), image)
    assert there.dtype == image.dtype and there.shape == image.shape


def test_grey_is_brightness_alone_and_each_hue_has_an_axis():
    grey, orange, magenta = (torch.tensor(c).view(1, 3, 1, 1) for c in ([0.5] * 3, [1.0, 0.0, -1.0], [0.5, -1.0, 0.5]))
    values = torch.cat([opponent.to_opponent(colour) for colour in (grey, orange, magenta)])[..., 0, 0]
    for row, axis in enumerate(range(3)):
        others = [other for other in range(3) if other != axis]
        assert values[row, axis] > 0.5 and values[row, others].abs().max() < 1e-6


def test_a_palette_is_the_identity_or_the_turn():
    image = 2 * torch.rand(2, 3, 5, 4) - 1
    plain, turned = opponent.Palette(), opponent.Palette("opponent")
    assert plain.read(image) is image and torch.equal(plain.paint(image), torch.tanh(image))
    torch.testing.assert_close(turned.mix(turned.read(image)), image)
    torch.testing.assert_close(turned.paint(turned.read(image)), torch.tanh(image))
    with pytest.raises(ValueError, match="colours: expected one of rgb, opponent, found 'lab'"):
        opponent.Palette("lab")


def test_a_scale_is_the_spread_of_its_axis():
    axes = torch.tensor(opponent.AXES)
    unit = axes / axes.norm(dim=1, keepdim=True)
    torch.testing.assert_close(unit @ unit.T, torch.eye(3), atol=1e-6, rtol=0)
    for axis, spread in enumerate(opponent.SPREAD):
        value = opponent.to_opponent((spread * unit[axis]).view(1, 3, 1, 1))[0, axis]
        assert value.item() == pytest.approx(1.0)
