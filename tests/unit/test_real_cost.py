"""Real pictures cost about what decoding and resizing them costs, and nothing of them stays in memory."""

import gc
import resource
import sys
import time
import tracemalloc
from pathlib import Path

import pytest
import torch

sys.path[:0] = [str(Path(__file__).parents[1] / "benchmarks")]

from benchmark_real_data import SIZE, compare, photos  # noqa: E402

from warpgan.data import DeepFashion  # noqa: E402


@pytest.mark.alone
@pytest.mark.parametrize("size, given", [
    ((256, 256), {}),
    ((256, 256), {"parsing": False}),
    ((256, 256), {"frame": "picture"}),  # then keypoints are moved one by one, not at once for all
    ((1101, 750), {}),
    ((1101, 750), {"parsing": False}),
], ids=str)
def test_a_pair_costs_at_most_half_more_than_its_pictures(tmp_path, size, given):
    """Against decoding the same files, and resizing those of another size, in turns in one run."""
    data = DeepFashion(photos(tmp_path, size), "train", SIZE, **given)
    ratios, end = [], time.monotonic() + 60
    # A pair fills megabytes of tensors, bare decoding fills none: a program beside it that keeps the memory busy makes
    # every ratio of its time larger, and none smaller. So one quiet moment of the minute is waited for.
    while not ratios or (ratios[-1] > 1.5 and time.monotonic() < end):
        pair, alone = compare(data, labels="parsing" not in given)
        ratios.append(pair / alone)
        time.sleep(0.5 if ratios[-1] > 1.5 else 0)
    told = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    assert ratios[-1] <= 1.5, f"a pair of {size} costs {told} times its pictures"


def test_memory_does_not_grow_over_epochs(tmp_path):
    data = DeepFashion(photos(tmp_path, (256, 256)), "train", SIZE)

    def epoch():
        for pair in range(len(data)):
            data[pair]
        gc.collect()

    epoch()
    tracemalloc.start()
    epoch()
    kept, peak = tracemalloc.get_traced_memory()[0], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(5):
        epoch()
    grown = tracemalloc.get_traced_memory()[0] - kept
    tracemalloc.stop()
    assert grown < 50_000  # bytes of Python objects in 5 epochs; one picture is 786,432
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < 8_000  # kB of the whole process


def test_what_is_held_is_small_and_of_arrays(tmp_path):
    """52,712 pictures as lists of tensors would be copied into every worker as soon as it counts references."""
    data = DeepFashion(photos(tmp_path, (256, 256), count=24), "train", SIZE)
    assert len(data) == 24 and data.pairs.dtype == torch.int32
    held = [value for value in vars(data).values() if isinstance(value, (list, dict))]
    assert sum(map(len, held)) == len(data.left_out) == 0
    assert data._paths.nbytes < 500 * 24 and data._keypoints.shape == (24, 18, 3)
