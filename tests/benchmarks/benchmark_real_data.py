"""What a pair of real pictures costs: `python tests/benchmarks/benchmark_real_data.py [folder]`.

Reads pairs of a data folder of DeepFashion, or of one drawn for the purpose, and beside it decodes the same files and
resizes those of another size, and nothing else, in turns, so that both meet one machine. Reports; the bar, at most 1.5
times, is asserted in tests/unit/test_real_cost.py.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

sys.path[:0] = [str(Path(__file__).parents[1] / "unit")]

from real_trees import annotation, draw, place, save, save_labels, scaled  # noqa: E402

from warpgan.data import DeepFashion  # noqa: E402

SIZE = 256, 256


def photos(root: Path, size: tuple[int, int], count: int = 12) -> Path:
    """Draw a data folder whose pictures are as hard to decode as photos: smooth, with edges and some noise."""
    rng, rows = np.random.default_rng(0), {}
    for number in range(count):
        joints = scaled(place(number % 5), size[0] / 256, 40 if size[0] != size[1] else 0)
        picture, labels = draw(joints, size)
        waves = np.sin(np.mgrid[:size[0], :size[1]].sum(0) / (9 + number))[..., None] * 40
        picture = np.clip(picture + waves + rng.normal(0, 6, picture.shape), 0, 255).astype(np.uint8)
        name = f"WOMEN/Dresses/id_{number // 2:08}/01_{number % 2}_side"
        (root / "img" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(root / "img" / f"{name}.jpg", quality=92)
        save_labels(root / "parsing" / f"{name}.png", labels, "palette")
        rows[f"img/{name}.jpg"] = place(number % 5)
    annotation(root / "fashion-annotation-train.csv", rows)
    save(root / "unused.png", np.zeros((16, 16, 3), np.uint8))
    return root


def bare(data: DeepFashion, pair: int, *, labels: bool) -> None:
    """Decode the photos of a pair, and with `labels` its label maps, and resize what has another size.

    The least that any loader does: no file is checked, nothing is copied that need not be, and no tensor is made.
    """
    for place_ in data.pairs[pair].tolist():
        _decode(f"{data._pictures}/{data._paths[place_]}", data.size, Image.Resampling.BILINEAR)
        if labels:
            _decode(f"{data._parsing}/{data._maps[place_]}", data.size, Image.Resampling.NEAREST)


def _decode(path, size, how):
    with Image.open(path) as picture:
        picture.load()
        if picture.size != size[::-1]:
            picture.resize(size[::-1], how)


def compare(data: DeepFashion, *, rounds: int = 5, labels: bool = True) -> tuple[float, float]:
    """Milliseconds of processor time of a pair, and of its files alone: medians over rounds in turns.

    Args:
        data: the pairs.
        rounds: how often each pair is read both ways.
        labels: whether its label maps are among the files that are decoded alone.
    """
    taken = {"pair": [], "bare": []}
    for _ in range(rounds):
        for what, call in (("pair", data.__getitem__), ("bare", lambda i: bare(data, i, labels=labels))):
            start = time.process_time()
            for pair in range(len(data)):
                call(pair)
            taken[what].append((time.process_time() - start) / len(data) * 1000)
    return statistics.median(taken["pair"]), statistics.median(taken["bare"])


def main() -> None:
    """Print both times for plain and for high-resolution pictures, with label maps and without."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("root", nargs="?", help="a data folder of DeepFashion with its split train")
    given = parser.parse_args().root
    with tempfile.TemporaryDirectory() as folder:
        trees = {"given": Path(given)} if given else {
            f"drawn {size[0]}x{size[1]}": photos(Path(folder) / str(size[0]), size)
            for size in ((256, 256), (1101, 750))
        }
        for name, root in trees.items():
            whole, photos_only = DeepFashion(root, "train", SIZE), DeepFashion(root, "train", SIZE, parsing=False)
            for data, labels, what, against in (
                (whole, True, "a pair", "its photos and label maps"),
                (photos_only, False, "a pair without label maps", "its photos"),
                (whole, False, "a pair", "its photos, but not its label maps,"),
            ):
                pair, alone = compare(data, rounds=9, labels=labels)
                ratio = f"{pair:.2f} ms, {against} alone {alone:.2f} ms: {pair / alone:.2f}"
                print(f"{name}: {what} at 256x256 {ratio}")


if __name__ == "__main__":
    main()
