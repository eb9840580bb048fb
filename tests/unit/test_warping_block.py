"""The warping-block: T = Phi + g W R(Phi), W the explicit matrix of bilinear weights; gate 0 is the skip."""

import math

import pytest
import torch
from torch import nn

from warpgan import geometry
from warpgan.models import SoftGatedWarpingBlock
from warpgan.models.warping_block import GATES, RESIDUALS, warp_twice


def sampling_matrix(grid):
    """Weights of bilinear sampling with zeros outside, written out entry by entry: [HW, HW]."""
    height, width, _ = grid.shape
    matrix = torch.zeros(height * width, height * width, dtype=grid.dtype)
    for row, (x, y) in enumerate(grid.reshape(-1, 2).tolist()):
        column, line = ((x + 1) * width - 1) / 2, ((y + 1) * height - 1) / 2
        for i in (math.floor(line), math.floor(line) + 1):
            for j in (math.floor(column), math.floor(column) + 1):
                if 0 <= i < height and 0 <= j < width:
                    matrix[row, i * width + j] += (1 - abs(line - i)) * (1 - abs(column - j))
    return matrix


def random_grid(batch=1, size=(6, 5), seed=0):
    generator = torch.Generator().manual_seed(seed)
    affine = geometry.random_affine(batch, generator).double()
    tps = geometry.random_tps(batch, 3, generator).double()
    return geometry.warp_grid(affine, tps, size)


def block(channels=3, *args, **options):
    torch.manual_seed(0)
    return SoftGatedWarpingBlock(channels, *args, **options).double()


@pytest.mark.parametrize("residual", RESIDUALS)
def test_the_grid_gate_is_a_product_with_the_sampling_matrix_and_its_row_sums(residual):
    unit, grid, phi = block(3, residual, gate="grid"), random_grid(2), torch.randn(2, 3, 6, 5).double()
    result, gate = unit(phi, grid)
    for sample in range(2):
        matrix = sampling_matrix(grid[sample])
        sums = matrix.sum(dim=1)
        assert (matrix >= 0).all() and (matrix <= 1).all() and (sums <= 1 + 1e-9).all()
        assert (sums < 0.99).any() and (sums > 0.99).any()  # the grid leaves the picture in places
        flat = unit.residual(phi)[sample].flatten(1).T  # [HW, C]
        expected = phi[sample] + (matrix @ flat).T.reshape(3, 6, 5)
        torch.testing.assert_close(result[sample], expected, atol=1e-9, rtol=0)
        torch.testing.assert_close(gate[sample, 0].flatten(), sums, atol=1e-9, rtol=0)


@pytest.mark.parametrize("gate", GATES)
def test_gate_0_is_the_skip(gate):
    phi = torch.randn(2, 3, 6, 5).double()
    result, shown = block(gate=gate)(phi, random_grid(2), forced_gate=0.0)
    assert torch.equal(result, phi)
    assert not shown.any()


def test_a_sample_wholly_outside_leaves_the_features_alone():
    phi, outside = torch.randn(1, 3, 6, 5).double(), torch.full((1, 6, 5, 2), 4.0).double()
    for gate in ("grid", "learned_pixel", "learned_channel"):
        result, shown = block(gate=gate)(phi, outside)
        assert torch.equal(result, phi), gate
        assert gate == "grid" or shown.std() > 1e-3  # it still sees what lies there, unwarped
    assert not block(gate="grid")(phi, outside)[1].any()
    # With border padding and no gate, the edge is smeared instead: that is what "none" lacks.
    unit = block(gate="none")
    corner = unit.residual(phi)[:, :, -1:, -1:]
    torch.testing.assert_close(unit(phi, outside)[0], phi + corner)


@pytest.mark.parametrize("gate", GATES)
def test_the_identity_grid_adds_the_unmoved_residual(gate):
    unit, phi = block(gate=gate), torch.randn(1, 3, 6, 5).double()
    grid = geometry.identity_grid(1, (6, 5), dtype=torch.float64)
    result, shown = unit(phi, grid)
    torch.testing.assert_close(result, phi + shown * unit.residual(phi))
    torch.testing.assert_close(unit(phi, grid, forced_gate=1.0)[0], phi + unit.residual(phi))


@pytest.mark.parametrize("gate, channels", [("learned_pixel", 1), ("learned_channel", 3)])
def test_a_learned_gate_multiplies_the_warped_residual(gate, channels):
    unit, phi, grid = block(gate=gate), torch.randn(2, 3, 6, 5).double(), random_grid(2)
    context = torch.randn(2, 3, 6, 5).double()
    warped = geometry.warp(unit.residual(phi), grid)
    for given in (None, context):
        result, shown = unit(phi, grid, given)
        assert shown.shape == (2, channels, 6, 5) and shown.min() > 0 and shown.max() < 1
        assert shown.std() > 1e-3  # it looks at its inputs
        torch.testing.assert_close(result, phi + shown * warped)
    assert not torch.allclose(unit(phi, grid)[1], unit(phi, grid, context)[1])
    unit.gate_features.bias.data.fill_(-50.0)
    torch.testing.assert_close(unit(phi, grid, context)[0], phi)


@pytest.mark.parametrize("gate", GATES)
def test_gradients_reach_features_grid_and_weights(gate):
    unit = block(gate=gate)
    phi = torch.randn(1, 3, 6, 5).double().requires_grad_()
    grid = random_grid().requires_grad_()
    unit(phi, grid, torch.randn(1, 3, 6, 5).double())[0].square().sum().backward()
    for tensor in (phi, grid, *unit.parameters()):
        assert tensor.grad is not None and torch.isfinite(tensor.grad).all()
    assert phi.grad.any() and grid.grad.any()


def test_only_a_learned_gate_and_a_two_conv_residual_have_parameters():
    def count(*names, **options):
        return sum(p.numel() for p in SoftGatedWarpingBlock(4, *names, **options).parameters())

    assert count("identity", gate="grid") == count("identity", gate="none") == 0
    assert count("two_conv", gate="grid") == 2 * (4 * 4 * 9 + 4)
    assert count("identity", gate="learned_pixel") == 8 * 9 + 1 + 4 * 9
    assert isinstance(SoftGatedWarpingBlock(4, "identity").residual, nn.Identity)


def test_half_precision_features_keep_their_type():
    phi = torch.randn(1, 3, 6, 5).bfloat16()
    for gate in GATES:
        result, shown = SoftGatedWarpingBlock(3, "identity", gate).bfloat16()(phi, random_grid().float())
        assert result.dtype == shown.dtype == torch.bfloat16


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: SoftGatedWarpingBlock(3, "three"), "residual: expected one of two_conv, identity"),
        (lambda: SoftGatedWarpingBlock(3, gate="hard"), "gate: expected one of .* found 'hard'"),
        (lambda: block()(torch.zeros(1, 4, 6, 5), random_grid()), r"features: expected \[B, 3, h, w\]"),
        (lambda: block()(torch.zeros(2, 3, 6, 5), random_grid()), r"grid: expected \(2, 6, 5, 2\)"),
        (lambda: block()(torch.zeros(1, 3, 6, 5), random_grid(), torch.ones(1, 2, 6, 5)), "context: .*"),
        (lambda: block()(torch.zeros(1, 3, 6, 5), random_grid(), forced_gate=1.5), "forced_gate.* 1.5"),
    ],
)
def test_unfit_arguments_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_two_passes_are_the_same_map_blurred():
    x, y = geometry.identity_grid(1, (32, 32))[0].unbind(-1)
    smooth = torch.stack([torch.sin(2 * x + y), torch.cos(x - 3 * y)])[None]
    draw = torch.Generator().manual_seed(3)
    affine, tps = 0.7 * geometry.random_affine(1, draw), geometry.random_tps(1, 3, draw, jitter=0.1)
    grid = geometry.warp_grid(affine, tps, (32, 32))
    one, two = geometry.warp(smooth, grid), warp_twice(smooth, affine, tps)
    inside = geometry.coverage(geometry.warp_grid(None, tps, (32, 32)), (32, 32)) > 0.999
    assert inside.float().mean() > 0.6
    assert 0 < ((one - two).abs() * inside).max() < 0.03
    swapped = smooth
    for grid in (geometry.warp_grid(None, tps, (32, 32)), geometry.warp_grid(affine, None, (32, 32))):
        swapped = geometry.warp(swapped, grid)
    assert ((one - swapped).abs() * inside).max() > 0.06  # the order of the two matters
    torch.testing.assert_close(warp_twice(smooth, None, None), smooth)
    # A single bright place is spread by the way there and back; one pass by the identity leaves it be.
    dot = torch.zeros(1, 1, 8, 8)
    dot[0, 0, 4, 4] = 1
    still = geometry.identity_affine(1), geometry.identity_tps(1, 3)
    assert geometry.warp(dot, geometry.warp_grid(*still, (8, 8)))[0, 0, 4, 4] > 0.999 > warp_twice(dot, *still).max()


def test_the_block_warps_twice_if_it_is_given_both_maps():
    torch.manual_seed(0)
    block = SoftGatedWarpingBlock(4, "identity", gate="grid")
    features, affine, tps = torch.randn(2, 4, 8, 8), geometry.random_affine(2), geometry.random_tps(2, 3)
    grid = geometry.warp_grid(affine, tps, (8, 8))
    out, gate = block(features, grid, twice=(affine, tps))
    torch.testing.assert_close(out, features + warp_twice(features, affine, tps))
    assert torch.equal(gate, block(features, grid)[1]) and not torch.allclose(out, block(features, grid)[0])
