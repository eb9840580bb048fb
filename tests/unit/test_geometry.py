"""Maps and warping: their defining properties, golden numbers, precision and bad input."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from warpgan import geometry as geo

seeds = st.integers(0, 10_000)
sides = st.integers(2, 6)


def draw(seed):
    return torch.Generator().manual_seed(seed)


def smooth(size, channels=2):
    x, y = geo.identity_grid(1, size)[0].unbind(-1)
    waves = [torch.sin((i + 2) * x + i) * torch.cos((i + 1) * y - i) for i in range(channels)]
    return torch.stack(waves)[None]  # [1, C, H, W]


# What makes the maps what they are


@given(sides, st.integers(1, 40), st.integers(1, 40))
def test_the_identity_moves_nothing(side, height, width):
    features = torch.rand(2, 3, height, width)
    grid = geo.warp_grid(geo.identity_affine(2), geo.identity_tps(2, side), (height, width))
    assert torch.equal(grid, geo.identity_grid(2, (height, width)))
    for padding in ("zeros", "border"):
        torch.testing.assert_close(geo.warp(features, grid, padding), features, atol=1e-5, rtol=0)


@given(seeds)
def test_affine_maps_compose(seed):
    outer, inner = geo.random_affine(4, draw(seed)), geo.random_affine(4, draw(seed + 1))
    points = 2 * torch.rand(4, 9, 2, generator=draw(seed)) - 1
    torch.testing.assert_close(
        geo.affine_points(geo.compose_affine(outer, inner), points),
        geo.affine_points(outer, geo.affine_points(inner, points)), atol=1e-6, rtol=0,
    )


@given(seeds, sides)
def test_the_grid_is_the_point_maps_in_order(seed, side):
    """Source = affine(tps(output)): the spline sees the output's place, the affine map what it gives."""
    affine, tps = geo.random_affine(2, draw(seed)), geo.random_tps(2, side, draw(seed))
    centres = geo.identity_grid(1, (7, 5)).flatten(1, 2)
    expected = geo.affine_points(affine, geo.tps_points(tps, centres)).view(2, 7, 5, 2)
    torch.testing.assert_close(geo.warp_grid(affine, tps, (7, 5)), expected, atol=1e-6, rtol=0)


def test_one_pass_equals_two_passes_up_to_interpolation():
    size = (160, 120)
    features = smooth(size)
    affine, tps = 0.7 * geo.random_affine(1, draw(1)), geo.random_tps(1, 4, draw(2), jitter=0.1)
    both = geo.warp(features, geo.warp_grid(affine, tps, size), "border")
    first = geo.warp(features, geo.warp_grid(affine, None, size), "border")
    second = geo.warp(first, geo.warp_grid(None, tps, size), "border")
    inside = geo.coverage(geo.warp_grid(None, tps, size), size) > 0.999
    assert inside.float().mean() > 0.7
    assert ((both - second).abs() * inside).max() < 2e-3
    other = geo.warp(geo.warp(features, geo.warp_grid(None, tps, size)), geo.warp_grid(affine, None, size))
    assert ((both - other).abs() * inside).max() > 2e-2  # the order matters, so the test can tell


def test_a_map_runs_from_output_to_source():
    picture = torch.zeros(1, 1, 4, 4)
    picture[0, 0, 1, 2] = 1
    right_by_one = geo.identity_affine(1)
    right_by_one[0, 0, 2] = 2 / 4  # look one pixel to the right: the picture moves to the left
    assert geo.warp(picture, geo.warp_grid(right_by_one, None, (4, 4)))[0, 0, 1, 1] == 1


def test_maps_know_no_resolution():
    affine, tps = geo.random_affine(1, draw(3)), geo.random_tps(1, 5, draw(4))
    small, large = (geo.warp_grid(affine, tps, size) for size in ((16, 8), (48, 24)))
    # The middle one of three pixels lies where the one pixel of the small picture does.
    torch.testing.assert_close(small, large[:, 1::3, 1::3], atol=1e-6, rtol=0)


def test_coverage_is_the_row_sums_of_the_sampling_matrix():
    grid = geo.warp_grid(geo.random_affine(1, draw(5)), geo.random_tps(1, 3, draw(6)), (6, 5))
    # Each source pixel in its own channel: the samples are then the rows of the matrix itself.
    rows = geo.warp(torch.eye(30).view(1, 30, 6, 5), grid)  # [1, 30, 6, 5]
    assert rows.min() >= 0 and rows.max() <= 1
    torch.testing.assert_close(geo.coverage(grid, (6, 5)), rows.sum(dim=1, keepdim=True))
    far = geo.coverage(grid + 3, (6, 5))
    assert far.max() == 0


def test_folds_are_found():
    assert not geo.folds(geo.identity_grid(1, (8, 8))).any()
    assert geo.folds(geo.identity_grid(1, (8, 8)) * torch.tensor([-1.0, 1.0])).all()  # inside out
    tps = geo.identity_tps(1, 3)
    tps[0, 4, 0] = 1.6  # the middle beyond its right neighbour
    folded = geo.folds(geo.warp_grid(None, tps, (32, 32)))
    assert folded.any() and not folded.all()


def test_grid_error_is_the_mean_squared_distance():
    grid = geo.identity_grid(2, (20, 20))
    other = grid + torch.tensor([[0.3, 0.4], [0.0, 0.0]])[:, None, None]
    torch.testing.assert_close(geo.grid_error(grid, other), torch.tensor([0.25, 0.0]))


# Golden numbers


def test_affine_agrees_with_cnngeometric_and_torch(golden):
    anchor = golden("geometry")["affine"]
    affine = torch.tensor(anchor["theta"]).view(1, 2, 3)
    aligned = torch.tensor(anchor["grid_align_true"])
    height, width = aligned.shape[:2]
    y, x = torch.meshgrid(torch.linspace(-1, 1, height), torch.linspace(-1, 1, width), indexing="ij")
    found = geo.affine_points(affine, torch.stack((x, y), -1).view(1, -1, 2))
    torch.testing.assert_close(found.view(height, width, 2), aligned, atol=2e-6, rtol=0)
    grid = geo.warp_grid(affine, None, (height, width))
    torch.testing.assert_close(grid[0], torch.tensor(anchor["grid_align_false"]), atol=2e-6, rtol=0)
    torch.testing.assert_close(grid, F.affine_grid(affine, (1, 1, height, width), align_corners=False))


# Training and precision


def test_gradients_reach_the_maps_even_after_inference():
    with torch.inference_mode():
        geo.warp_grid(None, geo.identity_tps(1, 7), (9, 9))  # fills the cache
    tps, affine = geo.identity_tps(1, 7).requires_grad_(), geo.identity_affine(1).requires_grad_()
    geo.warp(smooth((9, 9)), geo.warp_grid(affine, tps, (9, 9))).sum().backward()
    assert tps.grad.abs().sum() > 0 and affine.grad.abs().sum() > 0
    points = geo.lattice(7)[None].requires_grad_()  # on the control points, where the logarithm is infinite
    geo.tps_points(tps, points).sum().backward()
    torch.testing.assert_close(points.grad, torch.ones_like(points), atol=1e-4, rtol=0)


def test_mixed_precision_keeps_coordinates():
    affine, tps = geo.random_affine(2, draw(11)), geo.random_tps(2, 5, draw(12))
    expected = geo.warp_grid(affine, tps, (64, 64))
    features = torch.rand(2, 3, 64, 64)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(geo.warp_grid(affine, tps, (64, 64)), expected)
        assert geo.warp(features.bfloat16(), expected).dtype == torch.bfloat16
    assert geo.warp_grid(affine.bfloat16(), tps.bfloat16(), (64, 64)).dtype == torch.float32


@given(st.floats(-5, 5), st.floats(-5, 5), st.integers(1, 300), st.integers(1, 300))
def test_pixels_and_normalised_coordinates_are_inverse(x, y, height, width):
    point = torch.tensor([x, y], dtype=torch.float64)
    there = geo.pixel_to_normalised(point, (height, width))
    torch.testing.assert_close(geo.normalised_to_pixel(there, (height, width)), point)
    centres = geo.identity_grid(1, (3, 5))[0]
    y_index, x_index = torch.meshgrid(torch.arange(3.0), torch.arange(5.0), indexing="ij")
    torch.testing.assert_close(geo.normalised_to_pixel(centres, (3, 5)), torch.stack((x_index, y_index), -1))


# Bad input


def test_labels_are_not_blended():
    grid = geo.identity_grid(1, (4, 4))
    with pytest.raises(ValueError, match="torch.int64: warp labels as one-hot maps"):
        geo.warp(torch.zeros(1, 1, 4, 4, dtype=torch.int64), grid)


@pytest.mark.parametrize(
    "call, sentence",
    [
        (lambda: geo.warp_grid(None, None, (4, 4)), "needs an affine map or a TPS"),
        (lambda: geo.warp_grid(torch.zeros(1, 6), None, (4, 4)), r"\[B, 2, 3\], got \[1, 6\]"),
        (lambda: geo.warp_grid(None, torch.zeros(1, 10, 2), (4, 4)), r"g at least 2, got \[1, 10, 2\]"),
        (lambda: geo.tps_points(torch.zeros(1, 1, 2), torch.zeros(1, 5, 2)), r"got \[1, 1, 2\]"),
        (lambda: geo.warp_grid(geo.identity_affine(2), geo.identity_tps(3, 3), (4, 4)), "2 affine maps"),
        (lambda: geo.tps_points(geo.identity_tps(3, 3), torch.zeros(2, 5, 2)), r"\[3, N, 2\] or"),
        (lambda: geo.warp(torch.zeros(2, 1, 4, 4), geo.identity_grid(1, (4, 4))), "same B"),
        (lambda: geo.warp(torch.zeros(1, 1, 4, 4), geo.identity_grid(1, (4, 4)), "mirror"), "'mirror'"),
        (lambda: geo.grid_error(torch.zeros(1, 4, 2), torch.zeros(1, 5, 2)), "one shape"),
        (lambda: geo.identity_tps(1, 1), "at least 2 points along each side, got 1"),
    ],
)
def test_wrong_shapes_are_told(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()
