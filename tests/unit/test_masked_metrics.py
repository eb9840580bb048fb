"""What lies outside the person does not count, and inside every score is the one of an independent oracle."""

import numpy as np
import pytest
import torch
from skimage.metrics import structural_similarity
from test_ssim_conventions import bytes_of, pair

from warpgan import metrics
from warpgan.keypoints import limb_mask
from warpgan.labels import COAT
from warpgan.parsing import IGNORE


def standing(count, height=128, width=64):
    keypoints = torch.ones(count, 18, 3)
    generator = torch.Generator().manual_seed(1)
    keypoints[..., 0] = width * (0.3 + 0.4 * torch.rand(count, 18, generator=generator))
    keypoints[..., 1] = torch.linspace(0.1, 0.9, 18) * height
    return keypoints


def parsing_of(count, height=128, width=64):
    parsing = torch.zeros(count, height, width, dtype=torch.int64)
    parsing[:, 10:-2, 15:50] = COAT
    return parsing


def test_what_lies_outside_the_mask_does_not_count():
    image, target = pair(2, 128, 64)
    keypoints, parsing = standing(2), parsing_of(2)
    outside = ~limb_mask(keypoints, (128, 64))[:, None]
    scribbled = torch.where(outside, torch.rand(image.shape) * 2 - 1, image)
    for measure in (metrics.mask_ssim, metrics.mask_l1):
        assert torch.equal(measure(scribbled, target, keypoints), measure(image, target, keypoints))
    scribbled = torch.where(parsing[:, None] == 0, torch.rand(image.shape) * 2 - 1, image)
    assert torch.equal(
        metrics.foreground_psnr(scribbled, target, parsing), metrics.foreground_psnr(image, target, parsing)
    )


@pytest.mark.parametrize("convention", ["ssim_patn", "ssim_pg2"])
def test_mask_ssim_is_scikit_images_of_the_blackened_pictures(convention):
    image, target = pair(2, 128, 64)
    keypoints = standing(2)
    masks = limb_mask(keypoints, (128, 64)).numpy()
    settings = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    expected = []
    for a, b, mask in zip(image, target, masks, strict=True):
        one, two = bytes_of(a) * mask[..., None], bytes_of(b) * mask[..., None]
        extra = settings | {"data_range": int(one.max()) - int(one.min())} if convention == "ssim_patn" else {}
        expected.append(structural_similarity(one, two, channel_axis=2, **extra))
    found = metrics.mask_ssim(image, target, keypoints, convention=convention)
    assert np.allclose(found.numpy(), expected, atol=1e-6)


def test_foreground_ssim_is_the_mean_of_scikit_images_map_over_the_person():
    image, target = pair(2, 128, 64)
    parsing = parsing_of(2)
    parsing[:, 20, 20] = IGNORE
    expected = []
    for a, b, labels in zip(image, target, parsing.numpy(), strict=True):
        _, full = structural_similarity(
            bytes_of(a), bytes_of(b), channel_axis=2, gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
            full=True,
        )
        inside = (labels == COAT)[5:-5, 5:-5]
        expected.append(full[5:-5, 5:-5].mean(axis=2)[inside].mean())
    assert np.allclose(metrics.foreground_ssim(image, target, parsing).numpy(), expected, atol=1e-6)


def test_the_truth_scores_perfectly_and_nobody_scores_nothing():
    _, target = pair(2, 128, 64)
    keypoints, parsing = standing(2), parsing_of(2)
    assert torch.allclose(metrics.mask_ssim(target, target, keypoints), torch.ones(2))
    assert torch.allclose(metrics.foreground_ssim(target, target, parsing), torch.ones(2))
    assert metrics.foreground_psnr(target, target, parsing).isinf().all()
    assert metrics.foreground_ssim(target, target, parsing * 0).isnan().all()
    assert metrics.mask_l1(target, target, keypoints * 0).isnan().all()


def test_faulty_masks_are_refused():
    image, target = pair(2, 128, 64)
    with pytest.raises(ValueError, match="convention: expected one of ssim, .* found 'ssim_fashion'"):
        metrics.mask_ssim(image, target, standing(2), convention="ssim_fashion")
    with pytest.raises(ValueError, match=r"target_keypoints: expected \[2, 18, 3\], found \[18, 3\]"):
        metrics.mask_ssim(image, target, standing(1)[0])
    with pytest.raises(ValueError, match=r"mask: expected \[2, 128, 64\], found \[2, 64, 32\]"):
        metrics.foreground_psnr(image, target, parsing_of(2, 64, 32))
