"""Published weights of Rocco et al. 2017 (cnngeometric_pytorch) for `models.GeoMatcher`, as the authors' code has them.

Two pickled files, one for the affine network and one for the spline. They are read without running anything in them,
their names and shapes are checked, and their conventions are turned into ours once and for all, in the weights:

- Places of the condition are channels column by column there, row by row here: the first layer's inputs are permuted.
- Control points come column by column, nine x, then nine y there; row by row, x and y of each, here: the last layer's
  outputs are permuted.
- There -1 and 1 are the centres of the outermost pixels (`align_corners=True`), here their outer edges. At the 240
  pixels that the network looks at, ours = 239/240 of theirs, on both axes. An affine map keeps its linear part and its
  shift shrinks by that factor: exact. A spline goes through nine points that lie 239/240 as far out; ours goes through
  where it sends our nine, which is exact there and, for control points moved by up to 0.4, within 0.0025 (a third of
  a pixel of 240) everywhere else. Both are affine in what the last layer gives, so they become part of it.
"""

import argparse
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from warpgan import checkpoints, models
from warpgan.config import Config
from warpgan.files import sha256
from warpgan.models.geo_matcher import PLACES, SIDE, GeoMatcher, with_counts
from warpgan.tps_basis import basis_at, lattice

SHRINK = (SIDE - 1) / SIDE
_FEATURES, _REGRESSION = "FeatureExtraction.model.", "FeatureRegression."


def load_cnngeometric(matcher: GeoMatcher, affine_path: str | Path, tps_path: str | Path) -> dict[str, Any]:
    """Copy published weights into a matcher, in our conventions.

    The matcher has one set of features for both networks: those of the affine file, where it holds any (as published
    ones do), else those that the matcher has.

    Args:
        matcher: with the backbone that the files were trained on; changed in place, and only if both files fit.
        affine_path: file of the affine network, such as
            `best_pascal_checkpoint_adam_affine_grid_loss_resnet_random.pth.tar`.
        tps_path: file of the spline network.

    Returns:
        What is worth noting: `affine` and `tps`, each with the file's `name`, `sha256`, and `epoch` and
        `best_test_loss` where it has them; `features`, whether it brought features; `features_differ`, the largest
        difference of the two files' features.

    Raises:
        FileNotFoundError: a path leads nowhere.
        ValueError: a file is damaged, wants to run code, or has other names or shapes; names the file.
    """
    networks, facts = [], {}
    for kind, path in (("affine", affine_path), ("tps", tps_path)):
        state, noted = _read(Path(path))
        regressor = _regressor(state, getattr(matcher, f"{kind}_regressor"), Path(path))
        networks.append((regressor, _features(state, matcher, Path(path))))
        facts[kind] = noted
    (affine, features), (tps, others) = networks
    for state in (affine, tps):
        weight = state["conv.0.weight"]  # [128, 225, 7, 7], the inputs column by column
        state["conv.0.weight"] = weight.unflatten(1, (PLACES, PLACES)).transpose(1, 2).flatten(1, 2)
    _turn(affine, affine_offset)
    _turn(tps, tps_offset)
    matcher.affine_regressor.load_state_dict(affine)
    matcher.tps_regressor.load_state_dict(tps)
    if features:
        matcher.extractor.load_state_dict(features)
    common = [float((features[key] - others[key]).abs().max()) for key in features if key in others]
    return facts | {"features": bool(features), "features_differ": max(common, default=0.0)}


def adopt(affine_path: str | Path, tps_path: str | Path, out: str | Path, config: Config) -> dict[str, Any]:
    """Make the stage `matcher` of a run folder from published weights, for stage II or for going on from (`start`).

    Args:
        affine_path: as for `load_cnngeometric`.
        tps_path: the same.
        out: run folder; `out/matcher` is written.
        config: of the run; its `matcher` is the backbone.

    Returns:
        What `load_cnngeometric` notes; it is kept in the checkpoint too.

    Raises:
        FileExistsError: the folder holds a matcher already.
        ValueError: the configuration has the light matcher, the files hold no features, or what `load_cnngeometric`
            refuses.
    """
    folder = Path(out) / "matcher"
    if checkpoints.exists(folder):
        raise FileExistsError(f"{folder}: holds a matcher already; choose another folder")
    if config.matcher == "light":
        raise ValueError("matcher is 'light'; published weights fit 'vgg16' or 'resnet101'")
    matcher = models.build(config)["matcher"]
    facts = load_cnngeometric(matcher, affine_path, tps_path)
    if not facts["features"]:
        raise ValueError(
            f"{affine_path}: holds no features; make models.GeoMatcher(..., weights='imagenet') and load into that"
        )
    checkpoints.save(folder, {"matcher": matcher}, stage="matcher", config=config, step=0, facts={"origin": facts})
    return facts


def affine_offset(theta: Tensor) -> Tensor:
    """Turn an affine map of theirs into the offset from the identity of ours.

    Args:
        theta: [..., 6], a11, a12, tx, a21, a22, ty.

    Returns:
        [..., 6] in the same order.
    """
    factor = theta.new_tensor([1, 1, SHRINK, 1, 1, SHRINK])
    return theta * factor - theta.new_tensor([1, 0, 0, 0, 1, 0])


def tps_offset(theta: Tensor) -> Tensor:
    """Turn control points of theirs into the offset from the regular grid of ours.

    Args:
        theta: [..., 18], nine x and nine y, column by column.

    Returns:
        [..., 18], x and y of each control point, row by row.
    """
    points = theta.unflatten(-1, (2, 3, 3)).transpose(-1, -2)  # [..., xy, row, column]
    moved = points.flatten(-2).transpose(-1, -2) - lattice(3, dtype=theta.dtype, device=theta.device)  # [..., 9, 2]
    # The spline goes on beyond its control points, to where our grid lies in their coordinates.
    places = lattice(3, dtype=torch.float64) / SHRINK
    return (SHRINK * basis_at(places, 3).to(theta) @ moved).flatten(-2)


def _turn(state: dict[str, Tensor], convert) -> None:
    # `convert` is affine: what it makes of 0 is its shift, and the columns of the weights pass without it.
    weight, bias = state["linear.weight"].double(), state["linear.bias"].double()
    shift = convert(torch.zeros_like(bias))
    state["linear.weight"] = (convert(weight.T) - shift).T.float()
    state["linear.bias"] = convert(bias).float()


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file; published weights of cnngeometric_pytorch end in .pth.tar")
    try:
        # Their training notes its options, an `argparse.Namespace`: plain values under names, which may be rebuilt.
        with torch.serialization.safe_globals([argparse.Namespace]):
            found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # noqa: BLE001 - of a damaged file torch raises whatever its readers meet
        if type(error).__name__ != "UnpicklingError":
            raise ValueError(f"{path}: damaged, or not a file that torch.save wrote ({error})") from None
        # torch says first how to run it all the same, and last where to read about it; why is in between.
        reason = " ".join(str(error).split("Check the documentation")[0].strip().split("\n\n")[-1].split())
        raise ValueError(f"{path}: holds something else than weights and was not run ({reason})") from None
    state = found.get("state_dict") if isinstance(found, dict) else None
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise ValueError(f"{path}: no 'state_dict' of tensors in it; expected a checkpoint of cnngeometric_pytorch")
    facts = {"name": path.name, "sha256": sha256(path)}
    numbers = {name: found.get(name) for name in ("epoch", "best_test_loss")}
    facts |= {name: float(value) for name, value in numbers.items() if isinstance(value, int | float | Tensor)}
    # Files from before ResNet was an option say `vgg` where later ones say `model`.
    return {key.replace("FeatureExtraction.vgg.", _FEATURES): value for key, value in state.items()}, facts


def _regressor(state: dict[str, Tensor], regressor: torch.nn.Module, path: Path) -> dict[str, Tensor]:
    return _matched(state, _REGRESSION, regressor.state_dict(), path)


def _features(state: dict[str, Tensor], matcher: GeoMatcher, path: Path) -> dict[str, Tensor]:
    if not any(key.startswith(_FEATURES) for key in state):
        return {}
    return _matched(state, _FEATURES, matcher.extractor.state_dict(), path, f" (features of {matcher.backbone})")


def _matched(state: dict, prefix: str, wanted: dict[str, Tensor], path: Path, of: str = "") -> dict[str, Tensor]:
    found = {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}
    found = with_counts(found, wanted)
    for key in sorted(set(wanted) ^ set(found)):
        kind = "is missing" if key in wanted else "is not expected"
        raise ValueError(f"{path}: tensor {prefix}{key} {kind}{of}")
    for key, value in wanted.items():
        if found[key].shape != value.shape:
            raise ValueError(
                f"{path}: tensor {prefix}{key} has shape {tuple(found[key].shape)}; expected {tuple(value.shape)}{of}"
            )
        if not torch.isfinite(found[key]).all():
            raise ValueError(f"{path}: tensor {prefix}{key} is not finite")
    return found
