"""The three pixel-wise losses: nothing where nothing is wrong, the written formula elsewhere."""

from dataclasses import replace

import pytest
import torch
from scenes import Boxes

from warpgan import config, keypoints, losses, opponent, pixel_losses
from warpgan.batches import collate


def pictures(batch=2, height=32, width=24, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [2 * torch.rand(batch, 3, height, width, generator=generator) - 1 for _ in range(2)]


def joints(batch=2):
    made = torch.zeros(batch, 18, 3)
    made[:, 8], made[:, 9] = torch.tensor([8.0, 6.0, 1.0]), torch.tensor([8.0, 20.0, 1.0])  # a thigh
    return made


def shifted(real, right):
    return torch.roll(real, right, dims=-1)


def test_equal_pictures_cost_nothing():
    _, real = pictures()
    assert pixel_losses.pose_mask(real, real, joints()) == 0 == pixel_losses.nearest(real, real)


def test_the_pose_mask_counts_the_body_twice():
    fake, real = torch.ones(2, 3, 32, 24), torch.zeros(2, 3, 32, 24)
    body = keypoints.limb_mask(joints(), (32, 24))
    assert pixel_losses.pose_mask(fake, real, joints()) == pytest.approx(1 + body.float().mean().item())
    nobody = torch.zeros(2, 18, 3)
    assert pixel_losses.pose_mask(fake, real, nobody) == losses.pixel(fake, real)


def test_a_texture_two_pixels_away_costs_nothing_in_the_middle_and_three_do():
    real = torch.zeros(1, 3, 32, 32)
    real[:, :, 12:20, 12:20] = pictures(1, 8, 8)[0]
    assert pixel_losses.nearest(shifted(real, 2), real) < 1e-7
    assert pixel_losses.nearest(shifted(real, 3), real) > 1e-3
    assert pixel_losses.nearest(shifted(real, 3), real, area=7) < 1e-7
    assert losses.pixel(shifted(real, 2), real) > 1e-2


def test_the_nearest_patch_is_the_written_formula():
    fake, real = pictures(1, 7, 6)
    total = 0.0
    for y in range(7):
        for x in range(6):
            best = min(patch_distance(fake, real, (y, x), (dy, dx)) for dy in (-1, 0, 1) for dx in (-1, 0, 1))
            total += best
    assert pixel_losses.nearest(fake, real, area=3, patch=3).item() == pytest.approx(total / 42, rel=1e-5)


def patch_distance(fake, real, place, move):
    (y, x), (dy, dx) = place, move
    rows, columns = (range(max(0, at - 1), min(end, at + 2)) for at, end in ((y, 7), (x, 6)))
    pairs = [(fake[0, :, j, i], real[0, :, min(max(j + dy, 0), 6), min(max(i + dx, 0), 5)])
             for j in rows for i in columns]
    return sum((a - b).abs().mean().item() for a, b in pairs) / len(pairs)


def test_with_one_place_and_one_pixel_it_is_the_plain_difference():
    fake, real = pictures()
    torch.testing.assert_close(pixel_losses.nearest(fake, real, area=1, patch=1), losses.pixel(fake, real))
    for sides in ({"area": 4}, {"patch": 0}):
        with pytest.raises(ValueError, match="expected an odd number of pixels"):
            pixel_losses.nearest(fake, real, **sides)


@pytest.mark.parametrize("form", ["person", "pose_mask", "nearest"])
def test_the_configured_one_is_taken_and_does_not_depend_on_how_a_batch_is_cut(form):
    chosen = config.preset("quick", pixel_loss=form)
    pairs = [Boxes()[i] for i in range(2)]
    fake = pictures(2, 64, 32)[0].requires_grad_()
    whole = pixel_losses.pixel_term(fake, collate(pairs), chosen)
    parts = [pixel_losses.pixel_term(fake[i : i + 1], collate(pairs[i : i + 1]), chosen) for i in range(2)]
    torch.testing.assert_close(whole, torch.stack(parts).mean())
    (gradient,) = torch.autograd.grad(whole, fake)
    assert gradient.isfinite().all() and gradient.any()
    batch = collate(pairs)
    expected = {
        "person": lambda: losses.pixel(fake, batch.target_image, batch.target_parsing, person_weight=5.0),
        "pose_mask": lambda: pixel_losses.pose_mask(fake, batch.target_image, batch.target_keypoints),
        "nearest": lambda: pixel_losses.nearest(fake, batch.target_image),
    }
    torch.testing.assert_close(whole, expected[form]())


def test_a_pose_mask_without_joints_is_told():
    batch = replace(collate([Boxes()[0]]), target_keypoints=None)
    with pytest.raises(ValueError, match="needs the target's joints"):
        pixel_losses.pixel_term(batch.target_image, batch, config.preset("quick", pixel_loss="pose_mask"))


def test_chroma_is_blind_to_brightness_and_squares_the_rest():
    real = 2 * torch.rand(2, 3, 6, 5) - 1
    parsing = torch.ones(2, 6, 5, dtype=torch.long)
    assert pixel_losses.chroma(real + 0.3, real, parsing) < 1e-9
    hue = opponent.from_opponent(torch.tensor([0.0, 1.0, 1.0]).view(1, 3, 1, 1))  # one spread on both axes
    assert pixel_losses.chroma(real + hue, real, parsing).item() == pytest.approx(1.0, abs=1e-5)
    assert pixel_losses.chroma(real + 3 * hue, real, parsing).item() == pytest.approx(9.0, abs=1e-4)


def test_chroma_counts_the_person_more():
    real, parsing = torch.zeros(1, 3, 4, 4), torch.zeros(1, 4, 4, dtype=torch.long)
    parsing[:, :1] = 5  # a quarter is the person
    fake = real + opponent.from_opponent(torch.tensor([0.0, 2.0, 0.0]).view(1, 3, 1, 1)) * (parsing > 0)[:, None]
    plain = pixel_losses.chroma(fake, real, parsing)
    heavy = pixel_losses.chroma(fake, real, parsing, person_weight=5.0)
    assert plain.item() == pytest.approx(2 / 4) and heavy.item() == pytest.approx(2 * 5 / 8)
