"""Perfect answers score perfectly, and every number agrees with an independent oracle or a count by hand."""

import math

import numpy as np
import pytest
import torch
from skimage.metrics import structural_similarity

from warpgan import geometry, metrics
from warpgan.labels import FACE, PANTS, UPPER_CLOTHES


def test_a_perfect_answer_scores_perfectly():
    image = torch.rand(2, 3, 32, 24) * 2 - 1
    parsing = torch.randint(0, 20, (2, 32, 24))
    assert torch.allclose(metrics.ssim(image, image), torch.ones(2))
    assert torch.equal(metrics.mean_error(image, image), torch.zeros(2))
    assert torch.equal(metrics.label_agreement(parsing, parsing), torch.ones(2))
    assert torch.equal(metrics.mean_iou(parsing, parsing), torch.ones(2))


def test_ssim_is_scikit_images_with_a_gaussian_window():
    generator = torch.Generator().manual_seed(0)
    target = torch.rand(3, 3, 48, 40, generator=generator) * 2 - 1
    image = (target + 0.3 * torch.randn(target.shape, generator=generator)).clamp(-1, 1)
    expected = [
        structural_similarity(
            a.numpy(), b.numpy(), channel_axis=0, gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
            data_range=2.0,
        )
        for a, b in zip(image, target, strict=True)
    ]
    assert np.allclose(metrics.ssim(image, target).numpy(), expected, atol=2e-4)


def test_agreement_counts_the_targets_foreground_only():
    target = torch.tensor([[[0, 0, 5, 9]]])
    assert metrics.label_agreement(torch.tensor([[[5, 0, 5, 5]]]), target).item() == 0.5
    assert math.isnan(metrics.label_agreement(target, torch.zeros_like(target)).item())


def test_mean_iou_by_hand():
    target, guess = torch.tensor([[[0, 0, 5, 9]]]), torch.tensor([[[0, 5, 5, 9]]])
    assert metrics.mean_iou(guess, target).item() == pytest.approx((1 / 2 + 1 / 2 + 1) / 3)


def test_the_error_is_taken_inside_the_mask():
    image, target = torch.zeros(1, 3, 2, 2), torch.zeros(1, 3, 2, 2)
    image[..., 0, 0] = 1.0
    mask = torch.tensor([[[True, True], [False, False]]])
    assert metrics.mean_error(image, target, mask).item() == 0.5
    assert metrics.mean_error(image, target).item() == 0.25
    assert math.isnan(metrics.mean_error(image, target, mask & False).item())


def test_shared_clothing_is_clothing_that_both_pictures_show():
    parsing = torch.tensor([[[0, FACE, UPPER_CLOTHES, PANTS]]])
    valid = torch.tensor([[[True, True, True, False]]])
    assert metrics.shared_clothing(parsing, valid).tolist() == [[[False, False, True, False]]]


def test_correspondence_error_of_a_known_shift_in_pixels():
    size = (8, 6)
    grid = geometry.identity_grid(1, size)
    truth = geometry.normalised_to_pixel(grid, size) + torch.tensor([3.0, 4.0])
    valid = torch.zeros(1, *size, dtype=torch.bool)
    valid[:, 2:4] = True
    assert metrics.correspondence_error(grid, truth, valid).item() == pytest.approx(5.0, abs=1e-4)


def test_the_interval_resamples_people_not_pairs():
    rng = np.random.default_rng(0)
    person = np.repeat(np.arange(30), 12)
    values = rng.normal(size=30)[person] + 0.01 * rng.normal(size=360)
    mean, low, high = metrics.bootstrap_interval(values, person)
    assert low < mean < high and mean == pytest.approx(values.mean())
    _, pair_low, pair_high = metrics.bootstrap_interval(values, np.arange(360))
    assert high - low > 2.5 * (
        pair_high - pair_low
    )  # twelve equal pairs say no more than one: sqrt(12) = 3.5
    assert metrics.bootstrap_interval(values, person) == (mean, low, high)


def test_intervals_leave_out_what_is_not_a_number_and_refuse_nothing():
    assert metrics.bootstrap_interval([1.0, math.nan, 3.0], ["a", "b", "c"])[0] == 2.0
    with pytest.raises(ValueError, match="no value is a number"):
        metrics.bootstrap_interval([math.nan], ["a"])
    with pytest.raises(ValueError, match="2 values and 1 groups"):
        metrics.bootstrap_interval([1.0, 2.0], ["a"])
