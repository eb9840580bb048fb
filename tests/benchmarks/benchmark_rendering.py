"""How many pictures a second are rendered, all truths included: `python tests/benchmarks/benchmark_rendering.py`.

Reports, asserts nothing: the speed belongs to the machine and to whatever else runs on it.
"""

import statistics
import tempfile
import time

from warpgan.data import RenderedPeople


def rate(size: tuple[int, int], people: int, workers: int) -> float:
    """Pictures a second for new people, the start of the worker processes included."""
    with tempfile.TemporaryDirectory() as cache:
        start = time.perf_counter()
        data = RenderedPeople("train", size=size, people=people, cache=cache, workers=workers, progress=False)
        return data.num_pictures / (time.perf_counter() - start)


def main() -> None:
    """Print medians of three repetitions."""
    rate((128, 64), 2, 0)  # compiles the ray kernel where that has not been done
    for size, people, workers in (((128, 64), 48, 2), ((128, 64), 16, 0), ((256, 176), 16, 2)):
        rates = [rate(size, people, workers) for _ in range(3)]
        shown = f"{statistics.median(rates):.1f} ({min(rates):.1f} to {max(rates):.1f})"
        print(f"{size[0]}x{size[1]}, {people} people x 4 poses, {workers} worker processes: {shown} pictures a second")


if __name__ == "__main__":
    main()
