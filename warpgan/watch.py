"""What watches over a training: losses that run away, and where the time and the memory go.

Losses stay on the device until a row of the log is due, so that watching them does not make the device wait.
"""

from __future__ import annotations

import math
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable

import torch

FIRST = 100  # rows of the log whose median says how large a loss is when all is well
ENOUGH = 10  # rows before anything is called an explosion


class Diverged(FloatingPointError):
    """A loss, or a weight, is not finite or has run away; the last checkpoint is from before."""


class Alarm:
    """Looks at every loss of every step.

    Args:
        limit: a loss of so many times the median of its first rows in the log has exploded.
        mean: gives the mean of a tensor over the processes that train together.
    """

    def __init__(self, limit: float, mean: Callable[[torch.Tensor], torch.Tensor] = lambda values: values):
        self.limit, self.mean = limit, mean
        self._waiting: list[tuple[int, dict[str, torch.Tensor]]] = []
        self._usual: dict[tuple[str, float], list[float]] = {}  # by loss and phase

    def note(self, step: int, losses: dict[str, torch.Tensor | float]) -> None:
        """Keep the losses of a step until they are looked at."""
        self._waiting.append((step, {name: torch.as_tensor(value).detach() for name, value in losses.items()}))

    def remember(self, losses: dict[str, float]) -> None:
        """Count a row of the log among those that say what is usual.

        A row with a `phase` counts for that phase alone: another phase has another loss under the same name.
        """
        for name, value in losses.items():
            usual = self._usual.setdefault((name, losses.get("phase", 0)), [])
            if value > 0 and len(usual) < FIRST:  # 0: the term does not take part yet
                usual.append(value)

    def look(self) -> dict[str, float]:
        """Look at the losses kept since the last time.

        Returns:
            Those of the last step, as numbers, means over the processes; empty if there are none.

        Raises:
            Diverged: names the step and the loss.
        """
        if not self._waiting:
            return {}
        waiting, self._waiting = self._waiting, []
        device = max((value.device for value in waiting[0][1].values()), key=lambda device: device.type != "cpu")
        table = torch.stack([torch.stack([v.to(device).float() for v in row.values()]) for _, row in waiting])
        values = self.mean(table).tolist()  # one journey from the device for all steps
        for (step, row), numbers in zip(waiting, values, strict=True):
            named = dict(zip(row, numbers, strict=True))
            for name, value in named.items():
                self._judge(step, name, value, named.get("phase", 0))
        return dict(zip(waiting[-1][1], values[-1], strict=True))

    def _judge(self, step: int, name: str, value: float, phase: float) -> None:
        if not math.isfinite(value):
            raise Diverged(f"step {step}: the loss {name!r} is {value}")
        usual = self._usual.get((name, phase), [])
        if len(usual) >= ENOUGH and abs(value) > self.limit * statistics.median(usual):
            raise Diverged(
                f"step {step}: the loss {name!r} is {value:.4g}, more than {self.limit:g} times its "
                f"{statistics.median(usual):.4g} at the beginning (`explosion`)"
            )


def check_weights(modules: Iterable[torch.nn.Module], alike: Callable[[torch.Tensor], bool] | None = None) -> None:
    """Make sure that weights may be saved.

    Args:
        modules: the networks.
        alike: says whether a tensor is the same in all processes that train together.

    Raises:
        Diverged: a weight is no finite number, or the processes have different weights.
    """
    sums = torch.stack([weight.detach().double().abs().sum() for part in modules for weight in part.parameters()])
    if not torch.isfinite(sums).all():
        raise Diverged("a weight is no finite number")
    if alike is not None and not alike(sums):
        raise Diverged("the processes have come to different weights")


class Speedometer:
    """Time since the last reading: pictures a second, the share of it spent waiting for data, memory."""

    def __init__(self, device: torch.device):
        self.device = device
        self._begin()

    def _begin(self) -> None:
        self._start, self._waited, self._pictures = time.monotonic(), 0.0, 0

    def waited(self, seconds: float, pictures: int) -> None:
        """Add the pictures of a step and the seconds that it took to get them."""
        self._waited += seconds
        self._pictures += pictures

    def read(self) -> dict[str, float]:
        """What was measured since the last reading: `pictures_per_second`, `waiting` (0 to 1), `memory_mib` (peak)."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        seconds = max(time.monotonic() - self._start, 1e-9)
        found = {
            "pictures_per_second": self._pictures / seconds,
            "waiting": min(1.0, self._waited / seconds),
            "memory_mib": peak_memory(self.device),
        }
        self._begin()
        return found


def peak_memory(device: torch.device) -> float:
    """The largest memory so far in MiB: of the tensors on a GPU, or of this process on the CPU."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**20
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, bytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20
