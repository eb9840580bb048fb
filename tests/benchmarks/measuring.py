"""What the benchmarks share: medians of times, convolutions recorded and taken alone, where time goes, the verdict.

A bar is a ratio of two things measured in turns in the same minute, so that both meet one machine; what a benchmark
prints last is that ratio, and its exit status is 1 if the bar is missed. Absolute figures belong to the machine.
"""

import statistics
import time
from collections.abc import Callable, Sequence

import torch
from torch.utils._python_dispatch import TorchDispatchMode

aten = torch.ops.aten
CONVOLUTIONS = (aten.convolution.default, aten.convolution_backward.default)
# The first that fits the name of an operator says what its time is spent on.
KINDS = (
    ("convolution", "convolutions"), ("norm", "normalisation"), ("pad", "padding"), ("adam", "Adam"),
    ("relu", "activations"), ("threshold", "activations"), ("tanh", "activations"), ("sigmoid", "activations"),
    ("grid_sample", "sampling"), ("copy", "copies"), ("cat", "copies"), ("zero", "filling"), ("fill", "filling"),
)


def now() -> tuple[float, float]:
    """Seconds of processor time that this process has had, which no other process adds to, and those of the clock."""
    return time.process_time(), time.perf_counter()


def since(start: tuple[float, float]) -> tuple[float, float]:
    """The same, counted from a moment before."""
    return tuple(after - before for after, before in zip(now(), start))


def milliseconds(call: Callable[[], object], repeats: int = 9, *, device: str = "cpu") -> float:
    """The median time of a call; one more call before them fills caches."""
    taken = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        call()
        if device == "cuda":
            torch.cuda.synchronize()
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken[1:])


def spread(values: Sequence[float], form: str = ".0f") -> str:
    """A median and its smallest and largest neighbours, as text."""
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def judge(what: str, value: float, bar: float, *, least: bool = False, unit: str = "") -> int:
    """Print the last line of a benchmark; returns its exit status."""
    reached = value >= bar if least else value <= bar
    print(f"{what}: {value:.4g}{unit}, {'at least' if least else 'at most'} {bar:g}{unit} "
          f"{'is' if reached else 'was'} asked for{'' if reached else ': MISSED'}", flush=True)
    return 0 if reached else 1


class Convolutions(TorchDispatchMode):
    """While entered, notes every convolution that runs, forward and backward, with all that its cost depends on.

    What is noted lies below autograd: shapes, strides and types of the arguments, stride, padding and groups, and for
    a backward pass which of the gradients (to the input, the weight, the bias) were asked for. Padding by reflection is
    not part of a convolution.
    """

    def __init__(self):
        super().__init__()
        self.calls: list[tuple] = []
        self._tensors: dict[tuple, torch.Tensor] = {}

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        if function in CONVOLUTIONS:
            self.calls.append((function, tuple(self._form(argument) for argument in args)))
        return function(*args, **(kwargs or {}))

    @staticmethod
    def _form(argument):
        if isinstance(argument, torch.Tensor):
            return torch.Tensor, tuple(argument.shape), argument.stride(), argument.dtype, argument.device
        return tuple(argument) if isinstance(argument, list) else argument

    def _stand_in(self, form):
        if not (isinstance(form, tuple) and form and form[0] is torch.Tensor):
            return list(form) if isinstance(form, tuple) else form
        if form not in self._tensors:  # equal shapes share numbers, whatever they stand for
            _, shape, stride, dtype, device = form
            room = 1 + sum((side - 1) * step for side, step in zip(shape, stride))
            made = torch.empty(room, dtype=dtype, device=device).normal_(0, 0.02)
            self._tensors[form] = made.as_strided(shape, stride)
        return self._tensors[form]

    @torch.no_grad()
    def alone(self) -> tuple[float, float]:
        """Seconds that the noted convolutions take with nothing between them, in the order in which they ran.

        Returns:
            Of processor time and of the clock.
        """
        ready = [(function, [self._stand_in(form) for form in forms]) for function, forms in self.calls]
        start = now()
        for function, arguments in ready:
            function(*arguments)
        return since(start)

    def __str__(self) -> str:
        backward = sum(function is CONVOLUTIONS[1] for function, _ in self.calls)
        return (f"{len(self.calls) - backward} forward and {backward} backward convolutions of "
                f"{len(set(self.calls))} forms")


def where(profile: torch.profiler.profile) -> dict[str, float]:
    """Milliseconds of the clock by kind of operator, the most expensive kind first."""
    found: dict[str, float] = {}
    for event in profile.key_averages():
        name = event.key.lower()
        kind = next((kind for part, kind in KINDS if part in name), "everything else")
        found[kind] = found.get(kind, 0.0) + event.self_cpu_time_total / 1000
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def shares(times: dict[str, float]) -> str:
    """Where time went, as text: each part in milliseconds and percent."""
    whole = sum(times.values()) or 1.0
    return ", ".join(f"{name} {taken:.1f} ms ({100 * taken / whole:.1f} %)" for name, taken in times.items())


def resident() -> int:
    """Bytes of this process that are in memory now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


def every(values: list, of: int) -> list[list]:
    """Cut a list into groups of a number, the last one perhaps shorter."""
    return [values[start : start + of] for start in range(0, len(values), of)]
