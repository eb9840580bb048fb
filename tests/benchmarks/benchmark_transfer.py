"""One person into one pose: `python tests/benchmarks/benchmark_transfer.py`, with the shipped weights.

Prints the time of a whole `PoseTransfer` call at 128x64 and where it goes, and beside it the same convolutions alone.
The bar, 120 ms by the clock, is an absolute one: the median of all calls on two cores is judged, so it says something
of a quiet machine alone. Calls come in rounds, which are all printed, and the load of the machine.
"""

import argparse
import os
import statistics
import sys
from pathlib import Path

import torch

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1] / "unit"), str(Path(__file__).parent)]

from measuring import Convolutions, judge, now, shares, since, spread  # noqa: E402
from scenes import Boxes  # noqa: E402

from warpgan.transfer import PoseTransfer  # noqa: E402

BAR = 120.0  # milliseconds


class Stages:
    """Notes when each network begins and ends while a call runs."""

    def __init__(self, transfer: PoseTransfer):
        self.marks: list[tuple[str, float]] = []
        for name, network in (("parser", transfer.parser), ("matcher", transfer.matcher),
                              ("generator", transfer.generator)):
            network.register_forward_pre_hook(lambda *_, name=name: self._mark(BEFORE[name]))
            network.register_forward_hook(lambda *_, name=name: self._mark(name))

    def _mark(self, name: str) -> None:
        self.marks.append((name, now()[1]))

    def call(self, transfer: PoseTransfer, *arguments) -> dict[str, float]:
        """Milliseconds of each part of one call."""
        self.marks.clear()
        before = now()[1]
        transfer(*arguments)
        self._mark("grid and labels")
        times: dict[str, float] = {}
        for name, moment in self.marks:
            times[name] = times.get(name, 0.0) + 1000 * (moment - before)
            before = moment
        return times


BEFORE = {"parser": "checks and maps", "matcher": "one-hot parsing", "generator": "between matcher and generator"}


def rounds(transfer: PoseTransfer, given: tuple, threads: list[int], count: int, calls: int) -> dict[int, list]:
    """Rounds of calls by number of threads; of each call its time, that of its convolutions, and its parts."""
    stages, convolutions = Stages(transfer), Convolutions()
    with convolutions:
        transfer(*given)
    print(f"a call has {convolutions}")
    found = {number: [] for number in threads}
    for _ in range(count):
        for number in threads:
            torch.set_num_threads(number)
            taken = []
            for warm in (True, *[False] * calls):
                start = now()
                parts = stages.call(transfer, *given)
                whole = since(start)
                alone = convolutions.alone()
                if not warm:
                    taken.append((whole, alone, parts))
            found[number].append(taken)
    return found


def main(arguments: list[str] | None = None) -> int:
    """Print the figures and last the bar's; returns the exit status."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--weights", default="rendered", help="shipped weights or a run folder")
    options.add_argument("--threads", type=int, nargs="+", default=[2], help="each in turn; the first is judged")
    options.add_argument("--calls", type=int, default=20, help="of a round")
    options.add_argument("--rounds", type=int, default=5, help="for each number of threads")
    chosen = options.parse_args(arguments)
    transfer = PoseTransfer.from_pretrained(chosen.weights)
    pair = Boxes(size=transfer.size)[0]
    given = pair["condition_image"], pair["condition_parsing"], pair["target_keypoints"]
    print(f"{transfer.size[0]}x{transfer.size[1]}, torch {torch.__version__}, {os.cpu_count()} cores, on which "
          f"{os.getloadavg()[0]:.1f} processes wanted to run")
    before, judged = torch.get_num_threads(), []
    for threads, found in rounds(transfer, given, chosen.threads, chosen.rounds, chosen.calls).items():
        medians = [1000 * statistics.median(whole[1] for whole, *_ in taken) for taken in found]
        taken = [call for calls in found for call in calls]
        judged.append(1000 * statistics.median(whole[1] for whole, *_ in taken))
        rounded = ", ".join(f"{median:.0f}" for median in medians)
        print(f"{threads} threads, medians of rounds: {rounded} ms; all calls:")
        for clock, what in enumerate(("of processor time", "by the clock")):
            call, alone = ([1000 * one[which][clock] for one in taken] for which in (0, 1))
            ratio = statistics.median(one / other for one, other in zip(call, alone))
            print(f"  {spread(call)} ms {what}; its convolutions alone: {spread(alone)} ms; ratio {ratio:.2f}")
        print("  where it goes: " + shares({
            name: statistics.median(parts[name] for *_, parts in taken) for name in taken[0][2]
        }))
    torch.set_num_threads(before)
    return judge("one call by the clock", judged[0], BAR, unit=" ms")


if __name__ == "__main__":
    sys.exit(main())
