"""One person into one pose: `python tests/benchmarks/benchmark_transfer.py`, with the shipped weights on two cores.

Prints the time of a whole `PoseTransfer` call at 128x64 and where it goes, and beside it the same convolutions alone.
The bar, 120 ms, is an absolute one. Calls come in rounds, and the round with the least median is judged by the clock:
whatever else runs on the two cores makes a round slower and none faster. All rounds are printed.
"""

import argparse
import statistics
import sys
from pathlib import Path

import torch

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1] / "unit"), str(Path(__file__).parent)]

from measuring import Convolutions, every, judge, now, shares, since, spread  # noqa: E402
from scenes import Boxes  # noqa: E402

from warpgan.transfer import PoseTransfer  # noqa: E402

BAR = 120.0  # milliseconds


class Stages:
    """Notes when each network begins and ends while a call runs."""

    def __init__(self, transfer: PoseTransfer):
        self.marks: list[tuple[str, float]] = []
        for name, network in (("parser", transfer.parser), ("matcher", transfer.matcher),
                              ("generator", transfer.generator)):  # fmt: skip
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


def main(arguments: list[str] | None = None) -> int:
    """Print the figures and last the bar's; returns the exit status."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--weights", default="rendered", help="shipped weights or a run folder")
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--calls", type=int, default=20, help="of a round")
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args(arguments)
    torch.set_num_threads(chosen.threads)
    transfer = PoseTransfer.from_pretrained(chosen.weights)
    pair = Boxes(size=transfer.size)[0]
    given = pair["condition_image"], pair["condition_parsing"], pair["target_keypoints"]
    stages, convolutions = Stages(transfer), Convolutions()
    transfer(*given)
    with convolutions:
        transfer(*given)
    convolutions.alone()
    whole, bare, parts = [], [], []
    for _ in range(chosen.calls * chosen.rounds):
        start = now()
        parts.append(stages.call(transfer, *given))
        whole.append(since(start))
        bare.append(convolutions.alone())
    print(f"one call at {transfer.size[0]}x{transfer.size[1]}, {chosen.threads} threads, torch {torch.__version__}; "
          f"{convolutions}")
    for clock, what in enumerate(("of processor time", "by the clock")):
        call, alone = ([1000 * pair[clock] for pair in pairs] for pairs in (whole, bare))
        print(f"a call: {spread(call)} ms {what}; its convolutions alone: {spread(alone)} ms; ratio "
              f"{statistics.median(one / other for one, other in zip(call, alone)):.2f}")
    rounds = [statistics.median(1000 * taken for _, taken in calls) for calls in every(whole, chosen.calls)]
    best = rounds.index(min(rounds))
    chosen_parts = every(parts, chosen.calls)[best]
    print("medians of rounds: " + ", ".join(f"{median:.0f}" for median in rounds) + " ms")
    print("where it goes: " + shares({name: statistics.median(part[name] for part in chosen_parts) for name in parts[0]}))
    return judge("one call by the clock", rounds[best], BAR, unit=" ms")


if __name__ == "__main__":
    sys.exit(main())
