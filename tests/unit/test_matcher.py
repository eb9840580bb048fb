"""The matcher: the identity before training, a known map recovered after some, never lost on bad input."""

import pytest
import torch
from torch.nn import functional as F

from warpgan import geometry, losses
from warpgan.models import GeometricMatcher, correlate, matcher_size, warp_onehot
from warpgan.models.matcher import usable


def figures(batch=2, height=32, width=16, seed=0):
    """Two labelled boxes on background, at random places: enough of a person to match."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.zeros(batch, height, width, dtype=torch.long)
    for sample in labels:
        top = int(torch.randint(6, 10, (), generator=generator))
        left = int(torch.randint(3, 6, (), generator=generator))
        sample[top : top + 9, left : left + 7] = 5
        sample[top + 9 : top + 16, left + 1 : left + 6] = 9
    return F.one_hot(labels, 20).permute(0, 3, 1, 2).float()


def small(**options):
    torch.manual_seed(0)
    return GeometricMatcher(8, (32, 16), **{"depth": 2, "tps_grid": 3, **options})


def test_untrained_it_is_exactly_the_identity():
    a, b = figures(seed=1), figures(seed=2)
    affine, tps = small(tps_grid=4)(a, b)
    assert torch.equal(affine, geometry.identity_affine(2))
    assert torch.equal(tps, geometry.identity_tps(2, 4))


def test_untrained_it_can_move_off_the_identity():
    matcher = small()
    affine, tps = matcher(figures(seed=1), figures(seed=2))
    (affine.sum() + tps.sum()).backward()
    for regressor in (matcher.affine_regressor, matcher.tps_regressor):
        assert regressor.last.weight.grad.abs().sum() > 0


def test_trained_on_random_shifts_it_recovers_shifts_that_it_has_not_seen():
    matcher, generator = small(), torch.Generator().manual_seed(1)

    def draw(batch, seed):
        source = figures(batch, seed=seed)
        affine = geometry.random_affine(batch, generator, rotation=0, shear=0, scale=(1, 1), shift=0.3)
        return source, matcher.warp_parsing(source, affine, None), affine

    optimiser = torch.optim.Adam(matcher.parameters(), 3e-3)
    for step in range(120):
        source, moved, true = draw(16, step)
        loss = losses.transformed_grid(matcher.affine(source, moved), true)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    source, moved, true = draw(64, 10_000)
    start = losses.transformed_grid(geometry.identity_affine(64), true)
    # The map goes from the moved picture back into the source: the inverse would be far worse than the start.
    assert losses.transformed_grid(matcher.affine(source, moved), true) < 0.2 * start


def test_correlation_is_the_product_of_every_pair_of_places():
    a, b = torch.randn(2, 5, 3, 4).double(), torch.randn(2, 5, 2, 6).double()
    volume = correlate(a, b)
    assert volume.shape == (2, 12, 2, 6)
    for row, column, i, j in ((0, 0, 0, 0), (2, 1, 1, 5), (1, 3, 0, 2)):
        expected = (a[:, :, row, column] * b[:, :, i, j]).sum(dim=1)
        torch.testing.assert_close(volume[:, row * 4 + column, i, j], expected)


def test_features_have_unit_length_and_a_place_is_most_like_itself():
    matcher, a = small(), figures()
    features = matcher.features(a)
    torch.testing.assert_close(features.norm(dim=1), torch.ones(2, 8, 4))
    volume = correlate(features, features).flatten(2)
    assert (volume.diagonal(dim1=1, dim2=2) >= volume.amax(dim=1) - 1e-5).all()
    b = figures(seed=5)
    similarity = matcher.correlation(a, b)
    expected = F.normalize(correlate(features, matcher.features(b)).clamp(min=0), dim=1)
    torch.testing.assert_close(similarity, expected)  # channels are the condition's places, not the target's
    torch.testing.assert_close(similarity.norm(dim=1), torch.ones(2, 8, 4))


def shaken(**options):
    matcher = small(**options)
    for regressor in (matcher.affine_regressor, matcher.tps_regressor):
        torch.nn.init.normal_(regressor.last.weight, 0, 0.1)
    return matcher


@pytest.mark.parametrize("fault", ["empty", "nan", "inf"])
@pytest.mark.parametrize("which", [0, 1])
def test_a_parsing_without_a_person_gives_the_identity_to_that_sample_alone(fault, which):
    matcher, pair = shaken(), [figures(3, seed=1), figures(3, seed=2)]
    sound_affine, sound_tps = matcher(*pair)
    bad = pair[which].clone()
    if fault == "empty":
        bad[1] = 0
        bad[1, 0] = 1
    else:
        bad[1, 5, 4, 4] = float(fault)
    pair[which] = bad
    affine, tps = matcher(*pair)
    assert torch.equal(affine[1], geometry.identity_affine(1)[0])
    assert torch.equal(tps[1], geometry.identity_tps(1, 3)[0])
    for kept in (0, 2):
        assert not torch.equal(affine[kept], affine[1])
        torch.testing.assert_close(affine[kept], sound_affine[kept])
        torch.testing.assert_close(tps[kept], sound_tps[kept])
    (affine.square().sum() + tps.square().sum()).backward()
    assert all(torch.isfinite(p.grad).all() for p in matcher.parameters())


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_weights_gone_wrong_give_the_identity(value):
    matcher = shaken()
    matcher.affine_regressor.last.bias.data[2] = float(value)
    affine, tps = matcher(figures(seed=1), figures(seed=2))
    assert torch.equal(affine, geometry.identity_affine(2))
    assert torch.isfinite(tps).all()


def test_no_map_runs_away():
    matcher = small()
    matcher.affine_regressor.last.bias.data.fill_(1e4)
    matcher.tps_regressor.last.bias.data.fill_(-1e4)
    a = figures()
    affine, tps = matcher.affine(a, a), matcher.tps(a, a)
    torch.testing.assert_close(affine, geometry.identity_affine(2) + 2)
    torch.testing.assert_close(tps, geometry.identity_tps(2, 3) - 1)


def test_the_spline_sees_the_condition_after_the_affine_map():
    matcher, seen = shaken(), []
    matcher.tps = lambda warped, target: seen.append(warped) or geometry.identity_tps(len(warped), 3)
    a, b = figures(seed=1), figures(seed=2)
    affine, _ = matcher(a, b)
    torch.testing.assert_close(seen[0], matcher.warp_parsing(a, affine, None))
    assert not torch.allclose(seen[0], a)
    assert not seen[0].requires_grad


def test_a_warped_one_hot_stays_a_distribution_with_background_outside():
    onehot = figures(1)
    grid = geometry.warp_grid(torch.tensor([[[1.3, 0.2, 0.4], [0.1, 1.2, -0.3]]]), None, (20, 12))
    warped = warp_onehot(onehot, grid)
    assert warped.shape == (1, 20, 20, 12)
    torch.testing.assert_close(warped.sum(dim=1), torch.ones(1, 20, 12))
    assert warped.min() >= -1e-6
    outside = geometry.coverage(grid, (32, 16))[:, 0] == 0
    assert outside.any() and (warped[:, 0][outside] == 1).all()
    identity = geometry.identity_grid(1, (32, 16))
    torch.testing.assert_close(warp_onehot(onehot, identity), onehot, atol=1e-5, rtol=0)


def test_a_pair_does_not_depend_on_its_batch_nor_on_train_mode():
    matcher, a, b = shaken(), figures(3, seed=1), figures(3, seed=2)
    together, alone = matcher(a, b), matcher.eval()(a[1:2], b[1:2])
    for one, other in zip(together, alone, strict=True):
        torch.testing.assert_close(one[1:2], other, atol=1e-5, rtol=0)


def test_another_resolution_gives_the_same_maps():
    matcher, a, b = shaken(), figures(seed=1), figures(seed=2)
    fine = [x.repeat_interleave(4, 2).repeat_interleave(4, 3) for x in (a, b)]
    torch.testing.assert_close(matcher.affine(*fine), matcher.affine(a, b), atol=1e-5, rtol=0)
    shifted = figures(1, 128, 64).roll(2, 2)  # no longer on the coarse pixels: shares of labels, none skipped
    torch.testing.assert_close(matcher.features(shifted), matcher.features(F.avg_pool2d(shifted, 4)))


def test_usable_means_finite_and_somebody_there():
    onehot = figures(3)
    onehot[1, :, :, :], onehot[2, 3, 0, 0] = 0, float("nan")
    assert usable(onehot).tolist() == [True, False, False]


def test_somebody_is_there_where_another_label_than_background_wins():
    levels = torch.randint(0, 3, (200, 20, 2, 2), generator=torch.Generator().manual_seed(0)).float()  # many equals
    levels[::2, 0] = 2
    expected = (levels.argmax(dim=1) != 0).flatten(1).any(dim=1)
    assert torch.equal(usable(levels), expected) and expected.any() and not expected.all()


def test_the_size_of_matching_keeps_the_shape_of_the_pictures():
    assert matcher_size(128, 64) == (128, 64)
    assert matcher_size(256, 256) == (128, 128)
    assert matcher_size(256, 176) == (128, 88)
    assert matcher_size(32, 16) == (32, 16)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: GeometricMatcher(8, (100, 64)), r"size: expected multiples of 8, found \(100, 64\)"),
        (lambda: GeometricMatcher(7), "width: expected an even number, found 7"),
        (lambda: GeometricMatcher(8, tps_grid=1), "tps_grid: expected at least 2"),
        (lambda: small()(figures()[:, :19], figures()), r"condition_onehot: expected \[B, 20, H, W\]"),
        (lambda: small()(figures(), figures(3)), "target_onehot: expected the batch and size"),
        (lambda: correlate(torch.zeros(1, 2, 3, 3), torch.zeros(1, 3, 3, 3)), "of one B and C"),
    ],
)
def test_unfit_arguments_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
