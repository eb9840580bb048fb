"""How fast maps become grids and grids warp features: `python tests/benchmarks/benchmark_geometry.py`.

The bars: affine map and TPS to a grid of 256x256, batch 8, at least 20 times faster than with a basis evaluated afresh
for each item, and in single precision within 1e-6 of scipy's thin-plate spline everywhere. The spline is in double
precision up to there: what is left is the rounding of places up to 1 across. Beside them kornia's functions for the
same, from control points to a grid and to a warped picture, where kornia is installed, and the whole warp, which is
mostly sampling.
"""

import argparse
import statistics
import sys
from pathlib import Path

import numpy as np
import torch

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1] / "unit"), str(Path(__file__).parent)]

from measuring import judge, milliseconds, spread  # noqa: E402
from test_tps_basis import naive_tps_grid  # noqa: E402

from warpgan import geometry as geo  # noqa: E402
from warpgan.keypoints import pose_map  # noqa: E402
from warpgan.parsing import one_hot  # noqa: E402
from warpgan.tps_basis import basis_at, pixel_centres  # noqa: E402


def shared_basis_grid(tps: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """Evaluate one basis for the whole batch, but anew: all that is saved by keeping it is keeping it."""
    centres = pixel_centres(size, device=tps.device)
    places = basis_at(centres, round(tps.shape[1] ** 0.5)).to(tps) @ tps.permute(1, 0, 2).flatten(1)
    return places.view(len(centres), -1, 2).transpose(0, 1).reshape(-1, *size, 2)


def error_against_scipy(tps: torch.Tensor, grid: torch.Tensor) -> float:
    """Give the largest difference to scipy's thin-plate spline over all pixels of the first grid."""
    from scipy.interpolate import RBFInterpolator

    side = round(tps.shape[1] ** 0.5)
    control, places = geo.lattice(side).double().numpy(), tps[0].double().cpu().numpy()
    oracle = RBFInterpolator(control, places, kernel="thin_plate_spline", degree=1)
    centres = geo.identity_grid(1, grid.shape[1:3], dtype=torch.float64).view(-1, 2).numpy()
    return float(np.abs(oracle(centres) - grid[0].reshape(-1, 2).double().cpu().numpy()).max())


def fresh_grid(affine: torch.Tensor, tps: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """The grid by way of a basis evaluated afresh for each item."""
    return geo.affine_points(affine, naive_tps_grid(tps, size).flatten(1, 2)).view(-1, *size, 2)


def kornia_calls(affine: torch.Tensor, tps: torch.Tensor, size: tuple[int, int], picture: torch.Tensor):
    """Kornia's way from control points to a grid and to a warped picture, or None where it is not installed.

    Its kernels stand where the control points are sent, not where they are, so its map is another one between them.
    """
    try:
        from kornia.geometry import transform
    except ImportError:
        return None
    control, points = geo.lattice(round(tps.shape[1] ** 0.5)).expand_as(tps), geo.identity_grid(len(tps), size)

    def grid():
        weights = transform.get_tps_transform(control, tps)
        places = transform.warp_points_tps(points.flatten(1, 2), tps, *weights)
        return geo.affine_points(affine, places).view(-1, *size, 2)

    def image():
        return transform.warp_image_tps(picture, tps, *transform.get_tps_transform(control, tps))

    return grid, image


def beside(ours, other, rounds: int) -> list[tuple[float, float]]:
    """Milliseconds of both calls, in turns."""
    return [(milliseconds(ours, 9), milliseconds(other, 1)) for _ in range(rounds)]


def parts(device: str, size: tuple[int, int], batch: int, generator: torch.Generator) -> None:
    """Print what single parts take: grids of several splines, warps of several features, maps of a batch."""
    affine = geo.random_affine(batch, generator)
    for side in (3, 5, 8):
        tps = geo.random_tps(batch, side, generator)
        ours = milliseconds(lambda tps=tps: geo.warp_grid(None, tps, size), device=device)
        both = milliseconds(lambda tps=tps: geo.warp_grid(affine, tps, size), device=device)
        once = milliseconds(lambda tps=tps: shared_basis_grid(tps, size), 3, device=device)
        print(f"TPS {side}x{side}: grid {ours:.2f} ms, with affine {both:.2f} ms; basis afresh, but once for the batch "
              f"and in double, {once:.0f} ms, ratio {once / ours:.0f}")
    for channels in (3, 20, 64):
        features, grid = torch.rand(batch, channels, *size, device=device), geo.warp_grid(affine, tps, size)
        sampling = milliseconds(lambda: geo.warp(features, grid), 3, device=device)  # noqa: B023
        whole = milliseconds(lambda: geo.warp(features, geo.warp_grid(affine, tps, size)), 3, device=device)  # noqa: B023
        print(f"warp of {channels} channels: sampling {sampling:.1f} ms, with the grid {whole:.1f} ms")
    keypoints = torch.rand(batch, 18, 3, device=device) * size[0]
    parsing = torch.randint(0, 20, (batch, *size), device=device)
    print(f"pose maps: {milliseconds(lambda: pose_map(keypoints, size), device=device):.1f} ms")
    print(f"one-hot parsings: {milliseconds(lambda: one_hot(parsing), device=device):.1f} ms")


def main(arguments: list[str] | None = None) -> int:
    """Print one line for each measured thing, last the ratio; returns the exit status."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--device", default="cpu", help="elsewhere than on the cpu only single parts are reported")
    options.add_argument("--size", type=int, default=256)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args(arguments)
    torch.set_num_threads(chosen.threads)
    size, batch = (chosen.size, chosen.size), 8
    generator = torch.Generator(chosen.device).manual_seed(0)
    print(f"{chosen.device}, {chosen.threads} threads, torch {torch.__version__}, {size[0]}x{size[1]}, batch {batch}")
    parts(chosen.device, size, batch, generator)
    if chosen.device != "cpu":
        return 0
    affine, tps = geo.random_affine(batch, generator), geo.random_tps(batch, 5, generator)
    picture = torch.rand(batch, 3, *size)
    calls = kornia_calls(affine, tps, size, picture)
    if calls is None:
        print("kornia is not installed: pip install kornia")
    else:
        for what, ours, theirs in (
            ("affine+TPS grid", lambda: geo.warp_grid(affine, tps, size), calls[0]),
            ("warp of a picture by a TPS", lambda: geo.warp(picture, geo.warp_grid(None, tps, size)), calls[1]),
        ):
            pairs = beside(ours, theirs, chosen.rounds)
            print(f"{what}: {spread([one for one, _ in pairs], '.2f')} ms, kornia's "
                  f"{spread([other for _, other in pairs])} ms, ratio {spread([b / a for a, b in pairs], '.1f')}")
    wrong = max(error_against_scipy(tps[i : i + 1], geo.warp_grid(None, tps[i : i + 1], size)) for i in range(batch))
    double = geo.warp_grid(None, tps.double(), size)
    print(f"largest error to scipy in double precision: {error_against_scipy(tps, double):.1e}")
    missed = judge("largest error to scipy in single precision", wrong, 1e-6)
    pairs = beside(lambda: geo.warp_grid(affine, tps, size), lambda: fresh_grid(affine, tps, size), chosen.rounds)
    ratios = [fresh / ours for ours, fresh in pairs]
    print(f"affine+TPS 5x5 grid: {spread([ours for ours, _ in pairs], '.2f')} ms, with a basis afresh "
          f"{spread([fresh for _, fresh in pairs])} ms; ratios {spread(ratios)}")
    return judge("the grid beside a basis evaluated afresh", statistics.median(ratios), 20, least=True) or missed


if __name__ == "__main__":
    sys.exit(main())
