"""Flat colour finds no detail, the truth finds all, and a pattern beside its place is worth no more than none."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from warpgan import metrics
from warpgan.labels import COAT, PANTS

HEIGHT, WIDTH = 64, 32


def scene(seed=0):
    """A coat with a pattern over trousers with another, on a ground: picture and parsing."""
    generator = torch.Generator().manual_seed(seed)
    parsing = torch.zeros(1, HEIGHT, WIDTH, dtype=torch.int64)
    parsing[:, 8:32, 6:26], parsing[:, 32:60, 6:26] = COAT, PANTS
    rows, columns = torch.meshgrid(torch.arange(HEIGHT), torch.arange(WIDTH), indexing="ij")
    pattern = torch.where(rows < 32, (rows % 6 < 3) * 0.6 - 0.3, (columns % 5 < 2) * 0.4 - 0.2)
    colours = torch.zeros(1, 3, HEIGHT, WIDTH) + 0.9
    colours[:, :, 8:32], colours[:, :, 32:60] = -0.4, 0.3
    picture = colours + (parsing > 0)[:, None] * pattern + 0.02 * torch.randn(colours.shape, generator=generator)
    return picture.clamp(-1, 1), parsing


def flat(picture, parsing):
    out = picture.clone()
    for label in (0, COAT, PANTS):
        here = parsing[0] == label
        out[0, :, here] = picture[0, :, here].median(dim=1, keepdim=True).values
    return out


def test_flat_colour_scores_worst_and_the_truth_best():
    target, parsing = scene()
    generator = torch.Generator().manual_seed(3)
    noisy = (target + 0.2 * torch.randn(target.shape, generator=generator)).clamp(-1, 1)
    blurred = torch.from_numpy(gaussian_filter(target.numpy(), (0, 0, 1, 1)))
    found = {
        name: metrics.detail_correlation(image, target, parsing).item()
        for name, image in (("truth", target), ("noisy", noisy), ("blurred", blurred), ("flat", flat(target, parsing)))
    }
    assert found["truth"] == pytest.approx(1, abs=1e-5) and abs(found["flat"]) < 1e-3
    assert all(0.3 < found[name] < 0.99 for name in ("noisy", "blurred"))


def test_flat_colour_wins_the_mean_error_and_not_the_detail():
    target, parsing = scene()
    beside = target.roll((1, 1), dims=(2, 3))  # the pattern, one pixel beside its place
    mask = metrics.shared_clothing(parsing, parsing >= 0)
    painted = flat(target, parsing)
    far = target.roll(3, dims=2)
    assert metrics.mean_error(painted, target, mask) < metrics.mean_error(far, target, mask)
    detail = [metrics.detail_correlation(image, target, parsing).item() for image in (beside, painted)]
    assert detail[0] > 0.1 > detail[1]


def test_where_garments_meet_is_no_detail():
    target, parsing = scene()
    painted = flat(target, parsing)
    recoloured = -painted
    for image in (painted, recoloured, painted * 0):
        assert abs(metrics.detail_correlation(image, target, parsing).item()) < 1e-3
    assert metrics.detail_correlation(target, painted, parsing).isnan().all()  # nothing to be found
    assert metrics.detail_correlation(-target, target, parsing).item() == pytest.approx(-1, abs=1e-4)


def test_only_clothing_seen_in_both_counts():
    target, parsing = scene()
    valid = torch.zeros_like(parsing, dtype=torch.bool)
    valid[:, :20] = True
    image = torch.where(valid[:, None], target, -target)
    assert metrics.detail_correlation(image, target, parsing, valid).item() == pytest.approx(1, abs=1e-5)
    assert metrics.detail_correlation(image, target, parsing).item() < 0.5
    assert metrics.detail_correlation(target, target, parsing, valid & False).isnan().all()


def test_the_blur_is_scipys_within_one_garment():
    generator = torch.Generator().manual_seed(0)
    image, target = torch.rand(2, 1, 3, 40, 30, generator=generator) * 2 - 1
    parsing = torch.full((1, 40, 30), COAT)
    ones = gaussian_filter(np.ones((40, 30)), 2.0, mode="constant", radius=6)
    details = [
        np.stack([c - gaussian_filter(c, 2.0, mode="constant", radius=6) / ones for c in picture[0].double().numpy()])
        for picture in (image, target)
    ]
    expected = (details[0] * details[1]).sum() / np.sqrt((details[0] ** 2).sum() * (details[1] ** 2).sum())
    assert metrics.detail_correlation(image, target, parsing).item() == pytest.approx(expected, abs=1e-5)


def test_samples_do_not_depend_on_their_batch():
    (one, parsing), (two, _) = scene(0), scene(1)
    both = metrics.detail_correlation(torch.cat([two, one]), torch.cat([one, one]), parsing.expand(2, -1, -1))
    assert both[1].item() == pytest.approx(1, abs=1e-5)
    assert torch.allclose(both[:1], metrics.detail_correlation(two, one, parsing))


def test_faulty_arguments_are_refused():
    target, parsing = scene()
    with pytest.raises(ValueError, match=r"mask: expected \[1, 64, 32\], found \[64, 32\]"):
        metrics.detail_correlation(target, target, parsing[0])
    with pytest.raises(ValueError, match=r"valid: expected \[1, 64, 32\], found \[64, 32\]"):
        metrics.detail_correlation(target, target, parsing, parsing[0] > 0)
    with pytest.raises(ValueError, match="sigma: expected a positive number of pixels, found 0"):
        metrics.detail_correlation(target, target, parsing, sigma=0)
