"""The shared layers: an encoder that halves, a decoder that undoes it, a block that starts from its input."""

import pytest
import torch
from torch import nn

from warpgan.models.layers import (
    Decoder,
    Encoder,
    ResidualBlock,
    check_maps,
    coordinate_channels,
    initialise,
    parameter_count,
    residual_branch,
)


def test_a_residual_block_whose_branch_is_silent_is_the_identity():
    block = ResidualBlock(4)
    x = torch.randn(2, 4, 8, 6)
    assert not torch.allclose(block(x), x)
    block.branch = nn.Sequential(residual_branch(4), nn.Threshold(1e9, 0.0))
    assert torch.equal(block(x), x)


def test_a_branch_keeps_its_input_and_gives_every_channel_mean_zero_and_deviation_one():
    x = torch.randn(2, 3, 16, 16)
    before = x.clone()
    y = residual_branch(3)(x)
    assert torch.equal(x, before)
    torch.testing.assert_close(y.mean(dim=(2, 3)), torch.zeros(2, 3), atol=1e-5, rtol=0)
    assert ((y.std(dim=(2, 3)) - 1).abs() < 0.05).all()


def test_a_constant_picture_stays_constant_to_the_edge():
    # Reflection padding: a zero border would be seen as an edge.
    conv = residual_branch(2)[0]
    y = conv(torch.full((1, 2, 8, 8), 3.0))
    torch.testing.assert_close(y, y[:, :, :1, :1].expand_as(y))
    stem = Encoder(2, 4, downs=1).stages[0][0](torch.full((1, 2, 8, 8), 3.0))
    torch.testing.assert_close(stem, stem[:, :, :1, :1].expand_as(stem))


@pytest.mark.parametrize("downs", [0, 1, 3])
def test_a_decoder_returns_to_the_size_that_the_encoder_left(downs):
    encoder = Encoder(5, 4, downs=downs)
    maps = encoder.features(torch.randn(1, 5, 32, 16))
    assert [tuple(m.shape) for m in maps] == [(1, 4 * 2**i, 32 // 2**i, 16 // 2**i) for i in range(downs + 1)]
    assert all((m >= 0).all() for m in maps)
    assert Decoder(encoder.out_channels, 4, out_channels=3, downs=downs)(maps[-1]).shape == (1, 3, 32, 16)


def test_a_decoder_of_twice_the_channels_has_one_layer_more():
    plain, wide = (Decoder(c, 4, out_channels=3, downs=2) for c in (16, 32))
    assert len(wide) == len(plain) + 1
    assert wide[-2][0].in_channels == 8 and wide[-2][0].out_channels == 4 and wide[-2][0].stride == (1, 1)
    assert wide(torch.randn(1, 32, 4, 4)).shape == (1, 3, 16, 16)


def test_weights_are_drawn_from_a_normal_of_deviation_0_02():
    torch.manual_seed(0)
    encoder = initialise(Encoder(8, 16))
    weights = torch.cat([c.weight.flatten() for c in encoder.modules() if isinstance(c, nn.Conv2d)])
    assert abs(weights.mean()) < 1e-3 and abs(weights.std() - 0.02) < 5e-4
    assert abs((weights.abs() < 0.02).float().mean() - 0.6827) < 0.01  # a normal, not a uniform
    assert all(not c.bias.any() for c in encoder.modules() if isinstance(c, nn.Conv2d))


def test_instance_norms_hold_no_parameters():
    assert parameter_count(residual_branch(4)) == 2 * (4 * 4 * 9 + 4)


def test_coordinates_are_those_of_the_pixel_centres():
    xy = coordinate_channels(torch.zeros(2, 1, 2, 4))
    assert xy.shape == (2, 2, 2, 4)
    assert xy[1, 0, 0].tolist() == [-0.75, -0.25, 0.25, 0.75]
    assert xy[1, 1, :, 0].tolist() == [-0.5, 0.5]


@pytest.mark.parametrize(
    "maps, words",
    [
        ({"a": (torch.zeros(1, 3, 16, 16), 4)}, r"a: expected \[B, 4, H, W\], found \(1, 3, 16, 16\)"),
        ({"a": (torch.zeros(3, 16, 16), 3)}, r"a: expected \[B, 3, H, W\]"),
        ({"a": (torch.zeros(1, 3, 16, 16, dtype=torch.long), 3)}, "floating point"),
        ({"a": (torch.zeros(1, 3, 20, 16), 3)}, "multiples of 8, at least 16, found 20 x 16"),
        ({"a": (torch.zeros(1, 3, 8, 16), 3)}, "at least 16"),
        ({"a": (torch.zeros(1, 3, 16, 16), 3), "b": (torch.zeros(1, 2, 16, 24), 2)}, "b: expected the batch"),
        ({"a": (torch.zeros(2, 3, 16, 16), 3), "b": (torch.zeros(1, 2, 16, 16), 2)}, "b: expected the batch"),
    ],
)
def test_unfit_maps_are_refused_by_name(maps, words):
    with pytest.raises(ValueError, match=words):
        check_maps(8, **maps)
