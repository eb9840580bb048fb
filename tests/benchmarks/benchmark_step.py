"""A training step of stage II beside its convolutions alone: `python tests/benchmarks/benchmark_step.py --help`.

Trains as notebook 06 does (`stages/gan.py`: frozen parser and matcher, discriminator's step, generator's step, log) the
paper's networks of a preset on painted boxes. Every convolution of one step is noted; from then on each step is
followed by the same convolutions alone, forward and backward, as often as in the step and for the same gradients. What
a step costs beyond them is normalisation, padding, activations, losses, sampling, Adam, Python. Checkpoints and the
evaluation before and after are left out; the perceptual loss has VGG-19's layers with random weights.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from unittest import mock

import torch

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1] / "unit"), str(Path(__file__).parent)]

from measuring import Convolutions, judge, now, shares, since, spread, where  # noqa: E402
from scenes import Boxes  # noqa: E402

from warpgan import config, models, perceptual  # noqa: E402
from warpgan.machine import Machine  # noqa: E402
from warpgan.records import StageRun  # noqa: E402
from warpgan.stages import train_gan  # noqa: E402

BAR = 1.25
WARM = 2  # steps before anything is measured


def random_vgg19() -> torch.nn.Sequential:
    """The layers of VGG-19 without what they have learned."""
    from torchvision.models.vgg import cfgs, make_layers

    return make_layers(cfgs["E"])


class Meter:
    """Called after each step: the first are to warm up, one is noted, then steps are timed, the last is profiled."""

    def __init__(self, steps: int):
        self.steps, self.number, self.start, self.convolutions = steps, 0, now(), Convolutions()
        self.taken: list[tuple[float, float]] = []  # of processor time and of the clock
        self.alone: list[tuple[float, float]] = []
        self.profile = torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU])

    @property
    def all_steps(self) -> int:
        """How many steps must be trained."""
        return WARM + 1 + self.steps + 1

    def __call__(self, run) -> None:
        taken, self.number = since(self.start), self.number + 1
        if self.number == WARM:
            self.convolutions.__enter__()
        elif self.number == WARM + 1:
            self.convolutions.__exit__(None, None, None)
            self.convolutions.alone()
        elif WARM + 1 < self.number <= WARM + 1 + self.steps:
            self.taken.append(taken)
            self.alone.append(self.convolutions.alone())
        if self.number == WARM + 1 + self.steps:
            self.profile.start()
        elif self.number == self.all_steps:
            self.profile.stop()
        self.start = now()


def measure(settings, steps: int) -> Meter:
    """Train a few steps with a meter."""
    meter = Meter(steps)
    settings = settings.replace(gan_steps=meter.all_steps, log_every=1, sample_every=meter.all_steps)
    machine, data = Machine(settings), Boxes(size=settings.size)
    torch.manual_seed(settings.seed)
    networks = models.build(settings)
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(perceptual, "_vgg19_features", random_vgg19),
        mock.patch.multiple(StageRun, save=lambda self: None, measured=lambda *_: None),
    ):
        train_gan(networks, settings, machine, data, data, Path(folder), pairs=len(data), on_log=meter)
    return meter


def main(arguments: list[str] | None = None) -> int:
    """Print the figures and last the ratio; returns the exit status."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--preset", default="deepfashion", choices=("deepfashion", "market", "rendered", "quick"))
    options.add_argument("--batch", type=int, help="by default 1 for deepfashion and 2 for the others")
    options.add_argument("--width", type=int, help="of parser, matcher, generator and discriminator (64 in the paper)")
    options.add_argument("--steps", type=int, default=5, help="how many are timed")
    options.add_argument("--threads", type=int, default=1)
    chosen = options.parse_args(arguments)
    torch.set_num_threads(chosen.threads)
    settings = config.preset(chosen.preset, accumulate=1)
    settings = settings.replace(batch=chosen.batch or (1 if settings.width > 128 else 2), adversarial_from=0)
    if chosen.width:
        settings = settings.replace(
            **{f"{name}_width": chosen.width for name in ("parser", "matcher", "generator", "discriminator")}
        )
    meter = measure(settings, chosen.steps)
    print(f"{chosen.preset}, {settings.height}x{settings.width}, widths {settings.generator_width}, batch "
          f"{settings.batch}, {chosen.threads} threads, torch {torch.__version__}; {meter.convolutions}")
    for clock, what in enumerate(("processor time", "by the clock")):
        whole, bare = ([1000 * pair[clock] for pair in pairs] for pairs in (meter.taken, meter.alone))
        print(f"a step: {spread(whole)} ms {what}; its convolutions alone: {spread(bare)} ms")
    print(f"where one more step goes: {shares(where(meter.profile))}")
    ratios = [whole / bare for (whole, _), (bare, _) in zip(meter.taken, meter.alone)]
    print(f"ratios: {spread(ratios, '.3f')}")
    return judge("a training step beside its convolutions alone", statistics.median(ratios), BAR)


if __name__ == "__main__":
    sys.exit(main())
