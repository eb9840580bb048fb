"""The losses of the three trainings, one function each.

Paper section 3.2: adversarial, pixel-wise, perceptual and pyramidal hierarchy losses for the generators; the
transformed grid loss of Rocco et al. 2017 and a parsing distance for the matcher. Every loss is a mean over
pictures, so that a batch can be shared out among processes. Notebooks 03, 04 and 06 explain them.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from warpgan import geometry
from warpgan.arguments import choose
from warpgan.labels import BACKGROUND
from warpgan.perceptual import Perceptual
from warpgan.tps_basis import control_side

__all__ = [
    "Perceptual",
    "adversarial_discriminator",
    "adversarial_generator",
    "bending",
    "correspondence",
    "parsing_cross_entropy",
    "person_mean",
    "pixel",
    "pyramid_parsing",
    "pyramidal_hierarchy",
    "transformed_grid",
]


ADVERSARIAL = ("least_squares", "cross_entropy")


def adversarial_discriminator(real_score: Tensor, fake_score: Tensor, form: str = "least_squares") -> Tensor:
    """Return the discriminator's loss, halved as in the authors' code (with Adam that changes the value, not the pace).

    - `least_squares` (Mao et al. 2017; the authors' code): 0.5 (mean (real - 1)^2 + mean fake^2).
    - `cross_entropy` (Goodfellow et al. 2014): -0.5 (mean log s(real) + mean log(1 - s(fake))), s the sigmoid.

    Args:
        real_score: score map of the real picture, any shape, without activation.
        fake_score: score map of the made picture, any shape.
        form: one of the two.

    Raises:
        ValueError: another form.
    """
    return 0.5 * (_judged(real_score, form, 1.0) + _judged(fake_score, form, 0.0))


def adversarial_generator(fake_score: Tensor, form: str = "least_squares") -> Tensor:
    """Return the generator's loss: mean (fake - 1)^2, or -mean log s(fake), which never saturates.

    Args:
        fake_score: score map of the made picture, any shape, without activation.
        form: "least_squares" or "cross_entropy", as for the discriminator.

    Raises:
        ValueError: another form.
    """
    return _judged(fake_score, form, 1.0)


def pixel(fake: Tensor, real: Tensor, parsing: Tensor | None = None, *, person_weight: float = 1.0) -> Tensor:
    """Return mean |fake - real|, the paper's pixel-wise loss, the person's pixels weighted.

    Args:
        fake: [B, 3, H, W] in [-1, 1].
        real: the same shape.
        parsing: true labels of `real`, int64 [B, H, W]; needed for a weight other than 1.
        person_weight: of a pixel that is not background, whose weight is 1 (1 in the paper).

    Raises:
        ValueError: if the shapes do not fit, or a weight is given without a parsing.
    """
    _same_shape(fake, real)
    difference = (fake - real).abs().mean(dim=1)  # [B, H, W]
    if person_weight == 1:
        return difference.mean()
    if parsing is None or parsing.shape != difference.shape:
        found = None if parsing is None else tuple(parsing.shape)
        raise ValueError(f"parsing: a person_weight needs labels {tuple(difference.shape)}, found {found}")
    return person_mean(difference, parsing, person_weight)


def person_mean(values: Tensor, parsing: Tensor, person_weight: float) -> Tensor:
    """Return the mean over pictures of the weighted mean of each one's pixels.

    Each picture is taken by itself: its loss must not depend on the others of its batch.

    Args:
        values: [B, H, W].
        parsing: labels, int64 [B, H, W].
        person_weight: of a pixel that is not background, whose weight is 1.
    """
    weight = torch.where(parsing == BACKGROUND, 1.0, person_weight)
    return ((weight * values).sum(dim=(1, 2)) / weight.sum(dim=(1, 2)).clamp(min=1e-6)).mean()


def parsing_cross_entropy(logits: Tensor, parsing: Tensor) -> Tensor:
    """Return the pixel-wise softmax loss of stage I: mean over pixels of -log softmax(logits)[true label].

    Args:
        logits: [B, 20, H, W].
        parsing: true labels 0..19, int64 [B, H, W].

    Raises:
        ValueError: if the shapes do not fit.
    """
    if (logits.shape[0], *logits.shape[2:]) != tuple(parsing.shape):
        expected = [logits.shape[0], *logits.shape[2:]]
        raise ValueError(f"parsing: expected {expected}, found {list(parsing.shape)}")
    return F.cross_entropy(logits, parsing)


def pyramidal_hierarchy(
    fake_features: Sequence[Tensor],
    real_features: Sequence[Tensor],
    *,
    maps: int = 3,
    weights: Sequence[float] | None = None,
) -> Tensor:
    """Return sum_i alpha_i mean |F_i(fake) - F_i(real)| over a discriminator's feature maps F_i (weight 10).

    Args:
        fake_features: maps of the made picture, shallow to deep, from `PyramidDiscriminator`.
        real_features: maps of the real picture; no gradient flows into them.
        maps: how many, from the shallowest (3 strided layers in the paper's figure 5; 4 in the author's
            code).
        weights: alpha of each map; 1 each if None.

    Raises:
        ValueError: if there are fewer maps than asked for, or another number of weights.
    """
    if not 1 <= maps <= min(len(fake_features), len(real_features)):
        raise ValueError(f"maps: expected 1..{min(len(fake_features), len(real_features))}, found {maps}")
    weights = [1.0] * maps if weights is None else weights
    if len(weights) != maps:
        raise ValueError(f"weights: expected {maps}, found {len(weights)}")
    pairs = zip(weights, fake_features[:maps], real_features[:maps], strict=True)
    return torch.stack([weight * (fake - real.detach()).abs().mean() for weight, fake, real in pairs]).sum()


def transformed_grid(predicted: Tensor, true: Tensor, *, points: int = 20) -> Tensor:
    """Return the mean squared distance between where two maps send a regular grid of points.

    Args:
        predicted: affine [B, 2, 3] or control points [B, K, 2].
        true: a map of either kind.
        points: per side, spread over [-1, 1].

    Returns:
        Scalar, in squared normalised units (Rocco et al. 2017).
    """
    grid = geometry.lattice(points, device=predicted.device, dtype=predicted.dtype)
    grid = grid.expand(predicted.shape[0], -1, 2)  # [B, 400, 2]
    return geometry.grid_error(_map_points(predicted, grid), _map_points(true, grid)).mean()


def pyramid_parsing(
    warped_onehot: Tensor,
    target_onehot: Tensor,
    *,
    scales: Sequence[int] = (1, 4, 8),
    background_weight: float = 0.3,
) -> Tensor:
    """Return the distance of two parsings at several scales, the person counting more than the background.

    A label that has to travel gives no gradient at one pixel; averaged over 8 it does. Cross-entropy would
    explode here: a warped hard parsing is 0 or 1 except on its edges.

    Args:
        warped_onehot: condition parsing after the warp, a distribution over labels, [B, 20, H, W].
        target_onehot: [B, 20, H, W].
        scales: side of the averaged squares, pixels.
        background_weight: weight of a target pixel that is background; 1 for one of the person.

    Returns:
        Scalar in [0, 2]: the absolute difference summed over labels, weighted mean over the places of a
        picture, mean over pictures and scales.
    """
    _same_shape(warped_onehot, target_onehot)
    terms = []
    for scale in scales:
        warped, target = F.avg_pool2d(warped_onehot, scale), F.avg_pool2d(target_onehot, scale)
        background = target[:, BACKGROUND]  # [B, h, w]
        weight = 1 - (1 - background_weight) * background
        off = (weight * (warped - target).abs().sum(dim=1)).sum(dim=(1, 2)) / weight.sum(dim=(1, 2))  # [B]
        terms.append(off.mean())
    return torch.stack(terms).mean()


def correspondence(grid: Tensor, true: Tensor, valid: Tensor) -> Tensor:
    """Return how far a map looks from where the same body points really are, for data that know it.

    A mean of distances, not of their squares: a spline cannot follow an arm that crosses the body, and should not
    give up the rest for it.

    Args:
        grid: [B, H, W, 2], see `geometry.warp_grid`.
        true: true (x, y) in pixels of the condition picture, [B, H, W, 2].
        valid: bool [B, H, W], pixels whose point is visible in both pictures.

    Returns:
        Scalar in heights of the picture: mean over the valid pixels of a picture, 0 where it has none, mean over
        pictures.
    """
    looked = geometry.normalised_to_pixel(grid, grid.shape[1:3])
    # The square root's slope at nothing is infinite: a thousandth of a pixel keeps it finite.
    distance = ((looked - true).square().sum(dim=-1) + 1e-6).sqrt() / grid.shape[1]  # [B, H, W]
    distance = torch.where(valid, distance, 0)
    return (distance.sum(dim=(1, 2)) / valid.sum(dim=(1, 2)).clamp(min=1)).mean()


def bending(tps: Tensor) -> Tensor:
    """Return the mean squared second differences of control points, the mixed ones twice.

    Zero for every affine arrangement, so it holds the spline to bending only where it pays.

    Args:
        tps: control points [B, K, 2], K = g * g.
    """
    side = control_side(tps)
    lattice = tps.unflatten(1, (side, side))  # [B, g, g, 2]
    down, along = lattice.diff(dim=1), lattice.diff(dim=2)
    second = [down.diff(dim=2).square().sum(dim=-1).mean() * 2]
    if lattice.shape[1] > 2:
        second += [part.square().sum(dim=-1).mean() for part in (down.diff(dim=1), along.diff(dim=2))]
    return torch.stack(second).sum()


def _judged(score: Tensor, form: str, wanted: float) -> Tensor:
    if choose("adversarial", form, ADVERSARIAL) == "least_squares":
        return (score - wanted).square().mean()
    return F.binary_cross_entropy_with_logits(score, torch.full_like(score, wanted))


def _map_points(mapping: Tensor, points: Tensor) -> Tensor:
    if tuple(mapping.shape[1:]) == (2, 3):
        return geometry.affine_points(mapping, points)
    return geometry.tps_points(mapping, points)


def _same_shape(a: Tensor, b: Tensor) -> None:
    if a.shape != b.shape:
        raise ValueError(f"expected two tensors of one shape, found {tuple(a.shape)} and {tuple(b.shape)}")
