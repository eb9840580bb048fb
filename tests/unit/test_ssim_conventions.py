"""Each SSIM is the one its paper computes: golden numbers of real pictures, and scikit-image on random ones."""

import json

import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from warpgan import metrics


def opened(path):
    from torchvision.io import decode_image

    return decode_image(path.as_posix(), mode="RGB")[None].float() / 127.5 - 1


def bytes_of(picture):
    return ((picture + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()


def pair(count, height, width, seed=0):
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(count, 3, 8, 8, generator=generator) * 2 - 1
    target = torch.nn.functional.interpolate(coarse, (height, width), mode="bilinear")
    return (target + 0.2 * torch.randn(target.shape, generator=generator)).clamp(-0.9, 0.8), target


ANCHORS = {
    "patn_defgan_ssim": metrics.ssim_patn, "pg2_ssim_win7": metrics.ssim_pg2, "gfla_ssim_win51": metrics.ssim_gfla,
    "patn_fashion_ssim_padded_256": metrics.ssim_patn_padded, "l1_minus1_1": metrics.mean_error,
}


@pytest.mark.parametrize("number", range(4))
def test_the_golden_numbers_of_real_pictures(number, realdata):
    golden = json.loads((realdata / "anchors" / "ssim_anchors.json").read_text())["pairs"][number]
    image, target = opened(realdata / golden["generated"]), opened(realdata / golden["target"])
    checked = [name for name in ANCHORS if name in golden]
    assert len(checked) >= 4
    for name in checked:
        assert ANCHORS[name](image, target).item() == pytest.approx(golden[name], abs=2e-5), name
    fixed = metrics.similarity.ssim_map(*((picture + 1) * 127.5 for picture in (image, target)), data_range=255)
    assert fixed.mean().item() == pytest.approx(golden["patn_ssim_data_range_255"], abs=2e-5)
    assert metrics.l1_gfla(image, target).item() == pytest.approx(golden["l1_minus1_1"] / 2, abs=2e-5)


def oracle(name, one, two):
    gaussian = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    if name == "ssim_pg2":
        return structural_similarity(one, two, channel_axis=2)
    if name == "ssim_gfla":
        return structural_similarity(
            one.astype(np.float32) / 255, two.astype(np.float32) / 255, channel_axis=2, win_size=51, data_range=1
        )
    if name == "ssim_patn_padded":
        left = (one.shape[0] - one.shape[1]) // 2
        sides = ((0, 0), (left, one.shape[0] - one.shape[1] - left), (0, 0))
        one, two = (np.pad(picture, sides, constant_values=255) for picture in (one, two))
    return structural_similarity(one, two, channel_axis=2, data_range=int(one.max()) - int(one.min()), **gaussian)


@pytest.mark.parametrize("name", ["ssim_pg2", "ssim_patn", "ssim_patn_padded", "ssim_gfla"])
@pytest.mark.parametrize("size", [(128, 64), (71, 53), (64, 64)])
def test_conventions_are_scikit_images(name, size):
    image, target = pair(3, *size)
    expected = [oracle(name, bytes_of(a), bytes_of(b)) for a, b in zip(image, target, strict=True)]
    found = metrics.CONVENTIONS[name](image, target)
    assert found.shape == (3,) and found.dtype == image.dtype
    assert np.allclose(found.numpy(), expected, atol=1e-6)


@pytest.mark.parametrize("name", list(metrics.CONVENTIONS))
def test_a_picture_is_most_like_itself(name):
    image, target = pair(2, 64, 56)
    convention = metrics.CONVENTIONS[name]
    assert torch.allclose(convention(target, target), torch.ones(2), atol=1e-6)
    assert (convention(image, target) < 0.999).all()
    assert torch.allclose(convention(image, target)[1:], convention(image[1:], target[1:]))


def test_the_conventions_disagree_and_padding_flatters():
    image, target = pair(1, 128, 64)
    found = {name: convention(image, target).item() for name, convention in metrics.CONVENTIONS.items()}
    assert len({round(value, 3) for value in found.values()}) == len(found)
    assert found["ssim_patn_padded"] > found["ssim_patn"] + 0.1


def test_pictures_smaller_than_the_window_are_refused():
    small = torch.zeros(1, 3, 50, 60)
    with pytest.raises(ValueError, match=r"window of 51 pixels does not fit into a picture of \[50, 60\]"):
        metrics.ssim_gfla(small, small)
    tiny = torch.zeros(1, 3, 6, 60)
    with pytest.raises(ValueError, match="window of 7 pixels"):
        metrics.ssim_pg2(tiny, tiny)
    with pytest.raises(ValueError, match="at least as high as wide, found 6x60"):
        metrics.ssim_patn(tiny, tiny, padded=True)


def test_what_is_no_pair_of_pictures_is_refused():
    image = torch.zeros(2, 3, 20, 20)
    for one, two, message in (
        (image, image[:1], r"target: expected the image's shape \[2, 3, 20, 20\], found \[1, 3, 20, 20\]"),
        (image, image + 128, r"target: expected values in \[-1, 1\], found 128 to 128"),
        (image * torch.nan, image, "image: expected values"),
        (image[0], image[0], r"expected floating point \[B, 3, H, W\], found torch.float32 \[3, 20, 20\]"),
        (image.byte(), image.byte(), "found torch.uint8"),
    ):
        with pytest.raises(ValueError, match=message):
            metrics.ssim_pg2(one, two)


def test_psnr_is_scikit_images():
    image, target = pair(2, 20, 30)
    expected = [
        peak_signal_noise_ratio(b.numpy(), a.numpy(), data_range=2) for a, b in zip(image, target, strict=True)
    ]
    assert np.allclose(metrics.psnr(image, target).numpy(), expected, atol=1e-4)
    assert metrics.psnr(target, target).isinf().all()
    mask = torch.zeros(2, 20, 30, dtype=torch.bool)
    mask[:, :, :15] = True
    assert torch.allclose(metrics.psnr(image, target, mask), metrics.psnr(image[..., :15], target[..., :15]))
    assert metrics.psnr(image, target, mask & False).isnan().all()
    with pytest.raises(ValueError, match=r"mask: expected \[2, 20, 30\], found \[20, 30\]"):
        metrics.psnr(image, target, mask[0])


def test_gflas_errors_by_hand():
    image, target = torch.full((1, 3, 2, 2), -1.0), torch.full((1, 3, 2, 2), 1.0)
    image[..., 0] = 1.0
    assert metrics.l1_gfla(image, target).item() == 0.5
    assert metrics.mae_gfla(image, target).item() == pytest.approx(0.5 / 1.5)
