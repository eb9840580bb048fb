"""The losses: zero where nothing is wrong, the written formula elsewhere, gradient only where it belongs."""

import pytest
import torch
from torch.nn import functional as F

from warpgan import geometry, losses
from warpgan.models import warp_onehot


def onehot(batch=2, height=32, width=16, seed=0):
    labels = torch.randint(0, 20, (batch, height, width), generator=torch.Generator().manual_seed(seed))
    return F.one_hot(labels, 20).permute(0, 3, 1, 2).float()


def box(left, batch=1):
    labels = torch.zeros(batch, 32, 32, dtype=torch.long)
    labels[:, 8:24, left : left + 6] = 5
    return F.one_hot(labels, 20).permute(0, 3, 1, 2).float()


def test_every_distance_is_zero_between_equals_and_positive_between_others():
    image, other, parsing = torch.rand(2, 3, 32, 16), torch.rand(2, 3, 32, 16), onehot()
    tps = geometry.identity_tps(2, 5)
    assert losses.pixel(image, image) == 0 < losses.pixel(image, other)
    assert losses.pyramidal_hierarchy([image], [image], maps=1) == 0
    assert losses.pyramidal_hierarchy([image], [other], maps=1) > 0
    assert losses.pyramid_parsing(parsing, parsing) == 0 < losses.pyramid_parsing(parsing, onehot(seed=1))
    assert losses.transformed_grid(tps, tps) == 0
    assert losses.bending(tps) < 1e-12


def test_least_squares_gan_is_the_written_formula():
    real, fake = torch.tensor([[0.5, 1.0]]), torch.tensor([[0.25, -0.5]])
    assert losses.adversarial_discriminator(real, fake) == 0.5 * ((0.25 + 0) / 2 + (0.0625 + 0.25) / 2)
    assert losses.adversarial_generator(fake) == (0.5625 + 2.25) / 2
    assert losses.adversarial_discriminator(torch.ones(3), torch.zeros(3)) == 0
    assert losses.adversarial_generator(torch.ones(3)) == 0


def test_parsing_cross_entropy_is_minus_the_mean_log_probability_of_the_true_label():
    logits, parsing = torch.randn(2, 20, 4, 3), torch.randint(0, 20, (2, 4, 3))
    chosen = logits.softmax(dim=1).gather(1, parsing[:, None]).log()
    torch.testing.assert_close(losses.parsing_cross_entropy(logits, parsing), -chosen.mean())
    with pytest.raises(ValueError, match=r"parsing: expected \[2, 4, 3\], found \[2, 4, 2\]"):
        losses.parsing_cross_entropy(logits, parsing[..., :2])


def test_pyramidal_hierarchy_adds_the_shallow_maps_and_leaves_the_real_side_alone():
    fake = [torch.full((1, 1, 2, 2), v, requires_grad=True) for v in (1.0, 2.0, 4.0, 100.0)]
    real = [torch.zeros(1, 1, 2, 2, requires_grad=True) for _ in range(4)]
    assert losses.pyramidal_hierarchy(fake, real) == 7
    assert losses.pyramidal_hierarchy(fake, real, maps=4) == 107
    assert losses.pyramidal_hierarchy(fake, real, maps=2, weights=(1, 0.5)) == 2
    losses.pyramidal_hierarchy(fake, real).backward()
    assert fake[0].grad.any() and all(r.grad is None for r in real)
    with pytest.raises(ValueError, match="maps: expected 1..4, found 5"):
        losses.pyramidal_hierarchy(fake, real, maps=5)
    with pytest.raises(ValueError, match="weights: expected 3, found 1"):
        losses.pyramidal_hierarchy(fake, real, weights=(1.0,))


def test_transformed_grid_is_the_mean_squared_distance_of_400_points():
    shifted = geometry.identity_affine(2)
    shifted[:, :, 2] = torch.tensor([0.3, -0.4])
    still = geometry.identity_affine(2)
    torch.testing.assert_close(losses.transformed_grid(shifted, still), torch.tensor(0.25))
    # A scale moves each point by (s - 1) times its place; places on one axis have this mean square.
    square = torch.linspace(-1, 1, 20).square().mean()
    stretched = geometry.identity_affine(1) * torch.tensor([[1.5], [1.0]])
    torch.testing.assert_close(losses.transformed_grid(stretched, still[:1]), 0.25 * square)


def test_transformed_grid_compares_maps_of_different_kinds():
    affine = geometry.random_affine(3, torch.Generator().manual_seed(0))
    as_tps = geometry.affine_points(affine, geometry.identity_tps(3, 4))
    assert losses.transformed_grid(as_tps, affine) < 1e-9
    assert losses.transformed_grid(geometry.identity_tps(3, 5), affine) > 1e-3


def test_pyramid_parsing_feels_a_person_that_one_pixel_does_not():
    # Two boxes that do not touch: nudging one leaves the finest scale as it was, the coarsest notices.
    target = box(20)
    near, far = box(13), box(11)
    at = {s: [losses.pyramid_parsing(x, target, scales=(s,)) for x in (near, far)] for s in (1, 8)}
    assert at[1][0] == at[1][1]
    assert at[8][0] < at[8][1]


def test_pyramid_parsing_leads_a_warp_to_the_target():
    shift = torch.zeros(1, 2, requires_grad=True)
    optimiser = torch.optim.Adam([shift], 0.02)
    for _ in range(60):
        affine = torch.cat([torch.eye(2)[None], shift[:, :, None]], dim=2)
        warped = warp_onehot(box(10), geometry.warp_grid(affine, None, (32, 32)))
        loss = losses.pyramid_parsing(warped, box(14))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    torch.testing.assert_close(shift[0].detach(), torch.tensor([-4 / 16, 0.0]), atol=0.02, rtol=0)


def test_pyramid_parsing_weighs_background_pixels_less():
    empty, full = torch.zeros(1, 20, 8, 8), torch.zeros(1, 20, 8, 8)
    empty[:, 0], full[:, 5] = 1, 1
    half = torch.cat([empty[..., :4], full[..., :4]], dim=3)
    for weight in (0.3, 1.0):
        spilled = losses.pyramid_parsing(full, half, scales=(1,), background_weight=weight)
        missed = losses.pyramid_parsing(empty, half, scales=(1,), background_weight=weight)
        torch.testing.assert_close(spilled, torch.tensor(2 * weight / (1 + weight)))
        torch.testing.assert_close(missed, torch.tensor(2 / (1 + weight)))


@pytest.mark.parametrize("side", [2, 3, 5])
def test_bending_is_blind_to_affine_maps_and_sees_everything_else(side):
    affine = geometry.random_affine(3, torch.Generator().manual_seed(0))
    straight = geometry.affine_points(affine, geometry.identity_tps(3, side))
    assert losses.bending(straight) < 1e-12
    bent = straight.clone()
    bent[:, 0, 0] += 0.1
    assert losses.bending(bent) > 1e-4


def test_bending_is_the_written_formula_on_a_parabola_and_a_saddle():
    tps = geometry.identity_tps(1, 4, dtype=torch.float64)
    step = 2 / 3
    tps[..., 1] += tps[..., 0].square()  # second difference along x: 2 step^2; none along y, none mixed
    assert losses.bending(tps).item() == pytest.approx((2 * step**2) ** 2)
    saddle = geometry.identity_tps(1, 4, dtype=torch.float64)
    saddle[..., 0] += saddle[..., 0] * saddle[..., 1]  # mixed difference step^2, counted twice; no other
    assert losses.bending(saddle).item() == pytest.approx(2 * step**4)


@pytest.mark.parametrize("shape", [(1, 8, 2), (1, 9, 3), (1, 1, 2), (9, 2)])
def test_control_points_that_form_no_square_are_refused(shape):
    with pytest.raises(ValueError, match="a TPS is .B, g . g, 2. control points"):
        losses.bending(torch.zeros(shape))


def test_pixel_loss_weighs_the_person_and_stays_a_mean():
    real, parsing = torch.zeros(2, 3, 4, 4), torch.zeros(2, 4, 4, dtype=torch.long)
    parsing[:, :1] = 5  # a quarter of the picture is a person, who is wrong by 0.5; the rest by 0.1
    fake = torch.full_like(real, 0.1)
    fake[:, :, :1] = 0.5
    assert losses.pixel(fake, real) == losses.pixel(fake, real, parsing) == losses.pixel(fake, real, None)
    for weight in (0.0, 1.0, 5.0):
        found = losses.pixel(fake, real, parsing, person_weight=weight)
        torch.testing.assert_close(found, torch.tensor((0.1 * 3 + 0.5 * weight) / (3 + weight)))
    for wrong in (None, parsing[:1], parsing[:, :2]):
        with pytest.raises(ValueError, match=r"parsing: a person_weight needs labels \(2, 4, 4\), found"):
            losses.pixel(fake, real, wrong, person_weight=2.0)
