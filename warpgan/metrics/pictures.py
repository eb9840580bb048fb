"""How far a picture is from the true one, pixel by pixel and window by window (notebook 07).

Pictures are [B, 3, H, W] in [-1, 1]. Published figures were read off files of 8 bits: where a convention rounds, its
docstring says so. The SSIM of other papers is in `similarity`.
"""

from __future__ import annotations

import torch

SSIM_BORDER = 5  # half of the 11 pixels to which a window of sigma 1.5 is cut


def ssim(image: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Structural similarity: Gaussian window of sigma 1.5, population covariance, colours averaged.

    Averaged where the window lies inside the picture, as scikit-image does. The data range is the fixed 2 of [-1, 1],
    unlike pose-gan's and PATN's, which take the generated picture's.

    Args:
        image, target: `[B, 3, H, W]` in [-1, 1], at least 11 pixels a side.

    Returns:
        `[B]` at most 1.
    """
    from torchmetrics.functional.image import structural_similarity_index_measure

    _, full = structural_similarity_index_measure(
        image,
        target,
        gaussian_kernel=True,
        sigma=1.5,
        data_range=2.0,
        reduction="none",
        return_full_image=True,
    )  # [B, 3, H, W]
    return full[..., SSIM_BORDER:-SSIM_BORDER, SSIM_BORDER:-SSIM_BORDER].mean(dim=(1, 2, 3))


def mean_error(image: torch.Tensor, target: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
    """Mean absolute difference over the pixels of a mask.

    Args:
        image, target: `[B, 3, H, W]` in [-1, 1].
        mask: `[B, H, W]` booleans, or None for all pixels.

    Returns:
        `[B]` in the units of the picture (its range is 2); not-a-number where the mask is empty.
    """
    error = (image - target).abs().mean(dim=1)  # [B, H, W]
    if mask is None:
        return error.mean(dim=(1, 2))
    return (error * mask).sum(dim=(1, 2)) / mask.sum(dim=(1, 2))


def psnr(image: torch.Tensor, target: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
    """Peak signal-to-noise ratio, 10 log10(range^2 / mean squared error); the range is the fixed 2 of [-1, 1].

    Nothing is rounded. GFLA measures 8-bit files in [0, 1] with range 1: the same but for the rounding.

    Args:
        image, target: `[B, 3, H, W]` in [-1, 1].
        mask: `[B, H, W]` booleans: the pixels whose error counts, or None for all.

    Returns:
        `[B]` in decibel; infinite where nothing differs, not-a-number where the mask is empty.
    """
    check_pair(image, target, mask)
    squared = (image - target).square().mean(dim=1)  # [B, H, W]
    if mask is None:
        return 10 * torch.log10(4 / squared.mean(dim=(1, 2)))
    return 10 * torch.log10(4 / ((squared * mask).sum(dim=(1, 2)) / mask.sum(dim=(1, 2))))


def l1_gfla(image: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Mean absolute error of 8-bit pictures in [0, 1], GFLA's `l1`: half of `mean_error`, but for the rounding."""
    check_pair(image, target)
    return (as_bytes(image) - as_bytes(target)).abs().mean(dim=(1, 2, 3)) / 255


def mae_gfla(image: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Sum of absolute errors of 8-bit pictures over the sum of both pictures' values, which GFLA calls `mae`.

    It is no mean: the same error counts less in a bright picture.
    """
    check_pair(image, target)
    one, two = as_bytes(image), as_bytes(target)
    return (one - two).abs().sum(dim=(1, 2, 3)) / (one + two).sum(dim=(1, 2, 3))


def as_bytes(image: torch.Tensor) -> torch.Tensor:
    """The values 0..255 that a picture in [-1, 1] has in a file, rounded to whole numbers; the dtype stays."""
    return ((image + 1) * 127.5).round().clamp(0, 255)


def check_pair(image: torch.Tensor, target: torch.Tensor, mask: torch.Tensor | None = None, window: int = 1) -> None:
    """Refuse what cannot be compared.

    Args:
        image: to be `[B, 3, H, W]` in [-1, 1].
        target: to be of the same shape.
        mask: to be `[B, H, W]`, or None.
        window: pixels that a side must have.

    Raises:
        ValueError: pictures of another shape or of two shapes, values outside [-1, 1], a mask of another size, or a
            picture smaller than the window; says what was found.
    """
    if image.dim() != 4 or image.shape[1] != 3 or not image.is_floating_point():
        raise ValueError(f"image: expected floating point [B, 3, H, W], found {image.dtype} {list(image.shape)}")
    if image.shape != target.shape:
        raise ValueError(f"target: expected the image's shape {list(image.shape)}, found {list(target.shape)}")
    if min(image.shape[2:]) < window:
        raise ValueError(f"a window of {window} pixels does not fit into a picture of {list(image.shape[2:])} pixels")
    for name, picture in (("image", image), ("target", target)):
        low, high = picture.detach().aminmax() if picture.numel() else (0, 0)
        if not (low >= -1.001 and high <= 1.001):
            raise ValueError(f"{name}: expected values in [-1, 1], found {float(low):.4g} to {float(high):.4g}")
    if mask is not None and mask.shape != image[:, 0].shape:
        raise ValueError(f"mask: expected {list(image[:, 0].shape)}, found {list(mask.shape)}")
