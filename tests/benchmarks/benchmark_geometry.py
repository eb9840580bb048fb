"""How fast maps become grids and grids warp features. Reports only; run it with `python`.

The bar, a TPS grid of 256x256 and batch 8 at least 20 times faster than a basis evaluated afresh, is asserted
in tests/unit/test_tps_basis.py; this prints the numbers behind it.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import torch

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1] / "unit")]

from test_tps_basis import naive_tps_grid  # noqa: E402

from warpgan import geometry as geo  # noqa: E402
from warpgan.keypoints import pose_map  # noqa: E402
from warpgan.parsing import one_hot  # noqa: E402
from warpgan.tps_basis import basis_at, pixel_centres  # noqa: E402


def milliseconds(call, device: str, repeats: int = 9) -> float:
    """Take the median time of a call."""
    taken = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        call()
        if device == "cuda":
            torch.cuda.synchronize()
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken[1:])  # the first call fills the cache


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


def main() -> None:
    """Print one line for each measured thing."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--device", default="cpu")
    chosen = options.parse_args()
    torch.set_num_threads(chosen.threads)
    device, size, batch = chosen.device, (256, 256), 8
    generator = torch.Generator(device).manual_seed(0)
    print(f"{device}, {chosen.threads} threads, torch {torch.__version__}, 256x256, batch {batch}")
    affine = geo.random_affine(batch, generator)
    for side in (3, 5, 8):
        tps = geo.random_tps(batch, side, generator)
        ours = milliseconds(lambda tps=tps: geo.warp_grid(None, tps, size), device)
        both = milliseconds(lambda tps=tps: geo.warp_grid(affine, tps, size), device)
        wrong = error_against_scipy(tps, geo.warp_grid(None, tps, size))
        line = f"TPS {side}x{side}: grid {ours:.2f} ms, with affine {both:.2f} ms, error to scipy {wrong:.1e}"
        if device == "cpu":
            fresh = milliseconds(lambda tps=tps: naive_tps_grid(tps, size), device, 3)
            once = milliseconds(lambda tps=tps: shared_basis_grid(tps, size), device, 5)
            line += f"; basis afresh for each item {fresh:.0f} ms, ratio {fresh / ours:.0f}"
            line += f"; once for the batch, in double, {once:.0f} ms, ratio {once / ours:.0f}"
        print(line)
    grid = geo.warp_grid(affine, tps, size)
    for channels in (3, 20, 64):
        features = torch.rand(batch, channels, *size, device=device)
        taken = milliseconds(lambda features=features: geo.warp(features, grid), device)
        print(f"warp of {channels} channels: {taken:.1f} ms")
    keypoints = torch.rand(batch, 18, 3, device=device) * 256
    parsing = torch.randint(0, 20, (batch, *size), device=device)
    print(f"pose maps: {milliseconds(lambda: pose_map(keypoints, size), device):.1f} ms")
    print(f"one-hot parsings: {milliseconds(lambda: one_hot(parsing), device):.1f} ms")


if __name__ == "__main__":
    main()
