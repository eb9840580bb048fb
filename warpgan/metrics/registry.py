"""Every per-sample measure of a picture by its name, for tables (notebook 07, `evaluation.table`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, partial

import torch
from torch import Tensor

from warpgan.metrics import masked, pictures, similarity, texture
from warpgan.metrics.published import LPIPS


def _of_pictures(measure: Callable[[Tensor, Tensor], Tensor], image: Tensor, batch) -> Tensor:
    return measure(image, batch.target_image)


def _of_pose(measure: Callable[..., Tensor], image: Tensor, batch) -> Tensor:
    if batch.target_keypoints is None:
        raise ValueError("masked measures need the target's keypoints, which these pairs lack")
    return measure(image, batch.target_image, batch.target_keypoints)


def _of_parsing(measure: Callable[..., Tensor], image: Tensor, batch) -> Tensor:
    return measure(image, batch.target_image, batch.target_parsing)


def _of_shared_clothing(measure: Callable[..., Tensor], image: Tensor, batch) -> Tensor:
    if batch.correspondence_valid is None:  # photos: it is not known what is seen in both
        return image.new_full((len(image),), torch.nan)
    return measure(image, batch)


def _clothing_l1(image: Tensor, batch) -> Tensor:
    mask = texture.shared_clothing(batch.target_parsing, batch.correspondence_valid)
    return pictures.mean_error(image, batch.target_image, mask)


def _detail(image: Tensor, batch) -> Tensor:
    return texture.detail_correlation(image, batch.target_image, batch.target_parsing, batch.correspondence_valid)


@cache
def _network(net: str) -> LPIPS:
    return LPIPS(net)  # never downloads: whoever wants it has fetched the weights


def _lpips(net: str, image: Tensor, batch) -> Tensor:
    with torch.no_grad():
        return _network(net).to(image.device)(image, batch.target_image)


MEASURES: dict[str, Callable[..., Tensor]] = {
    "l1": partial(_of_pictures, pictures.mean_error),
    "l1_gfla": partial(_of_pictures, pictures.l1_gfla),
    "mae_gfla": partial(_of_pictures, pictures.mae_gfla),
    "psnr": partial(_of_pictures, pictures.psnr),
    **{name: partial(_of_pictures, convention) for name, convention in similarity.CONVENTIONS.items()},
    "mask_ssim": partial(_of_pose, masked.mask_ssim),
    "mask_ssim_pg2": partial(_of_pose, partial(masked.mask_ssim, convention="ssim_pg2")),
    "mask_l1": partial(_of_pose, masked.mask_l1),
    "foreground_ssim": partial(_of_parsing, masked.foreground_ssim),
    "foreground_psnr": partial(_of_parsing, masked.foreground_psnr),
    "clothing_l1": partial(_of_shared_clothing, _clothing_l1),
    "clothing_detail": partial(_of_shared_clothing, _detail),
    "lpips_alex": partial(_lpips, "alex"),
    "lpips_vgg": partial(_lpips, "vgg"),
}
"""Name -> function of pictures `[B, 3, H, W]` and their `batches.Batch` to `[B]`.

`clothing_l1` and `clothing_detail` are taken where clothing is seen in both pictures, and are not-a-number where that
is not known. `lpips_alex` and `lpips_vgg` need weights that have been fetched: `metrics.LPIPS("alex", download=True)`.
"""


def check_names(names: str | Iterable[str]) -> tuple[str, ...]:
    """Give names of measures back as a tuple, once each.

    Raises:
        ValueError: a name that `MEASURES` does not have; lists those that it has.
    """
    names = (names,) if isinstance(names, str) else tuple(dict.fromkeys(names))
    for name in names:
        if name not in MEASURES:
            raise ValueError(f"no measure is called {name!r}; the measures are {', '.join(MEASURES)}")
    return names
