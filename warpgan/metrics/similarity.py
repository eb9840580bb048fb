"""Structural similarity (Wang et al. 2004) as the papers of this field compute it; no two of them do it alike.

Their programs read 8-bit files and call scikit-image, so every function here first rounds pictures in [-1, 1] to 8
bits, and averages where the window lies inside the picture. The project's own convention, which does not round, is
`pictures.ssim`. Notebook 07 shows how far apart they are.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from warpgan.metrics.pictures import as_bytes, check_pair, ssim

GAUSSIAN = 11  # pixels: scikit-image cuts a Gaussian of sigma 1.5 at 3.5 sigma, 5 pixels on each side


def ssim_pg2(image: Tensor, target: Tensor) -> Tensor:
    """SSIM as PG2 (Ma et al. 2017): uniform window of 7x7, sample covariance, data range 255 on 8-bit pictures.

    Args:
        image, target: `[B, 3, H, W]` in [-1, 1], at least 7 pixels a side; rounded to 8 bits here.

    Returns:
        `[B]` at most 1.

    Raises:
        ValueError: as `pictures.check_pair`.
    """
    check_pair(image, target, window=7)
    return ssim_map(as_bytes(image), as_bytes(target), data_range=255, uniform=7).mean(dim=(1, 2))


def ssim_patn(image: Tensor, target: Tensor, *, padded: bool = False) -> Tensor:
    """SSIM as Def-GAN (Siarohin et al. 2018), PATN (Zhu et al. 2019) and GFLA's `SSIM_256`.

    Gaussian window of sigma 1.5, population covariance. The data range is max - min of the generated picture, so that
    the order of the two matters and a picture of less contrast is judged more strictly. A generated picture of one
    value has no range: 0 or not-a-number.

    Args:
        image: the generated picture, `[B, 3, H, W]` in [-1, 1], at least 11 pixels a side; rounded to 8 bits here.
        target: the true one.
        padded: first pad both with white at the left and the right until they are square, as PATN does with
            DeepFashion's 176x256. The white strips are equal in both: they raise the value by more than 0.1.

    Returns:
        `[B]` at most 1.

    Raises:
        ValueError: as `pictures.check_pair`; `padded` and a picture wider than high.
    """
    check_pair(image, target, window=1 if padded else GAUSSIAN)
    image, target = as_bytes(image), as_bytes(target)
    if padded:
        image, target = _white_square(image), _white_square(target)
        check_pair(image / 255, target / 255, window=GAUSSIAN)
    data_range = image.amax(dim=(1, 2, 3)) - image.amin(dim=(1, 2, 3))
    return ssim_map(image, target, data_range=data_range).mean(dim=(1, 2))


def ssim_patn_padded(image: Tensor, target: Tensor) -> Tensor:
    """PATN's SSIM on DeepFashion: `ssim_patn` of pictures padded with white to a square."""
    return ssim_patn(image, target, padded=True)


def ssim_gfla(image: Tensor, target: Tensor) -> Tensor:
    """SSIM as GFLA (Ren et al. 2020) and DPTN: uniform window of 51x51, sample covariance, 8-bit pictures in [0, 1].

    Args:
        image, target: `[B, 3, H, W]` in [-1, 1], at least 51 pixels a side; rounded to 8 bits here.

    Returns:
        `[B]` at most 1.

    Raises:
        ValueError: as `pictures.check_pair`.
    """
    check_pair(image, target, window=51)
    return ssim_map(as_bytes(image) / 255, as_bytes(target) / 255, data_range=1, uniform=51).mean(dim=(1, 2))


CONVENTIONS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "ssim": ssim,
    "ssim_pg2": ssim_pg2,
    "ssim_patn": ssim_patn,
    "ssim_patn_padded": ssim_patn_padded,
    "ssim_gfla": ssim_gfla,
}
"""Name of an SSIM convention -> function of (generated picture, true picture) `[B, 3, H, W]` to `[B]`."""


def ssim_map(image: Tensor, target: Tensor, *, data_range: float | Tensor, uniform: int | None = None) -> Tensor:
    """The similarity of each window that lies inside the picture, colours averaged.

    Args:
        image, target: `[B, 3, H, W]`.
        data_range: the difference of the largest and the smallest possible value; a number or `[B]`.
        uniform: side of a uniform window, odd, in pixels, with sample covariance; None: Gaussian window of sigma 1.5,
            11 pixels a side, with population covariance.

    Returns:
        `[B, H - side + 1, W - side + 1]`: of the window around each pixel, in the pictures' dtype.
    """
    dtype, side = image.dtype, uniform or GAUSSIAN
    if image.device.type != "mps":  # a variance is a small difference of large squares; mps has no double precision
        image, target = image.double(), target.double()
    if not isinstance(data_range, Tensor):
        data_range = image.new_full((len(image),), data_range)
    data_range = data_range.to(image)[:, None, None, None]
    pairs = torch.stack([image, target, image * image, target * target, image * target])  # [5, B, 3, H, W]
    means = _average(pairs, uniform)
    one, two = means[0], means[1]
    unbiased = side**2 / (side**2 - 1) if uniform else 1.0
    var_one, var_two, both = (
        unbiased * (means[2] - one * one),
        unbiased * (means[3] - two * two),
        unbiased * (means[4] - one * two),
    )
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    value = (2 * one * two + c1) * (2 * both + c2) / ((one * one + two * two + c1) * (var_one + var_two + c2))
    return value.mean(dim=1).to(dtype)


def _average(pictures: Tensor, uniform: int | None) -> Tensor:
    # The mean of each window [..., H - side + 1, W - side + 1].
    flat = pictures.flatten(0, -3)[:, None]  # [N, 1, H, W]
    if uniform:
        flat = F.avg_pool2d(F.avg_pool2d(flat, (uniform, 1), stride=1), (1, uniform), stride=1)
    else:
        line = torch.arange(GAUSSIAN, dtype=flat.dtype, device=flat.device) - GAUSSIAN // 2
        line = torch.exp(line.square() / (-2 * 1.5**2))
        line = line / line.sum()
        flat = F.conv2d(F.conv2d(flat, line.view(1, 1, -1, 1)), line.view(1, 1, 1, -1))
    return flat[:, 0].unflatten(0, pictures.shape[:-2])


def _white_square(pictures: Tensor) -> Tensor:
    height, width = pictures.shape[-2:]
    if width > height:
        raise ValueError(f"padded: expected pictures at least as high as wide, found {height}x{width}")
    left = (height - width) // 2
    return F.pad(pictures, (left, height - width - left), value=255.0)
