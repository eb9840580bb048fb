"""Whether memory grows while stage II trains: `python tests/benchmarks/benchmark_memory.py`.

Three epochs on rendered people, with checkpoints, log rows and samples. After each step the resident set is read at the
same place of the loop. What is compared is the median over the last epoch with the median over the second half of the
first one: in its first half the allocator still collects what it will go on using, and single readings jump by the
size of a feature map, for glibc gives large blocks back and keeps small ones. Beside it stand two counts that no
allocator blurs, at the end of each epoch after a garbage collection: bytes in live tensors and Python objects.
"""

import argparse
import gc
import statistics
import sys
import tempfile
from pathlib import Path

import torch

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1] / "unit"), str(Path(__file__).parent)]

from measuring import every, judge, resident  # noqa: E402

from warpgan import config, training  # noqa: E402

BAR = 1.0  # percent
EPOCHS = 3


class Memory:
    """Called after each step; reads memory, and at the end of an epoch counts what is alive."""

    def __init__(self, epoch: int):
        self.epoch = epoch  # steps
        self.read: list[int] = []  # resident bytes after each step
        self.alive: list[tuple[int, int]] = []  # bytes in tensors and number of objects after each epoch

    def __call__(self, run) -> None:
        self.read.append(resident())
        if len(self.read) % self.epoch == 0:
            gc.collect()
            objects = gc.get_objects()
            kept = {one.untyped_storage().data_ptr(): one.untyped_storage().nbytes() for one in objects
                    if type(one) in (torch.Tensor, torch.nn.Parameter)}
            self.alive.append((sum(kept.values()), len(objects)))


def main(arguments: list[str] | None = None) -> int:
    """Print the figures and last the growth; returns the exit status."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--preset", default="quick", choices=("quick", "rendered", "market"))
    options.add_argument("--epoch", type=int, default=48, help="steps of an epoch")
    options.add_argument("--batch", type=int, default=4)
    options.add_argument("--width", type=int, help="of generator and discriminator, by default the preset's")
    options.add_argument("--people", type=int, default=16, help="rendered people, 12 pairs each")
    options.add_argument("--threads", type=int, default=1)
    chosen = options.parse_args(arguments)
    torch.set_num_threads(chosen.threads)
    changes = {f"{name}_width": chosen.width for name in ("generator", "discriminator") if chosen.width}
    settings = config.preset(
        chosen.preset, batch=chosen.batch, people=chosen.people, poses=4, perceptual="parser", adversarial_from=0,
        gan_steps=EPOCHS * chosen.epoch, log_every=1, sample_every=max(1, chosen.epoch // 2),
        checkpoint_every=max(1, chosen.epoch // 2), evaluation_pairs=2, **changes,
    )
    data = training.rendered(settings, "train")
    data = torch.utils.data.Subset(data, range(min(len(data), chosen.epoch * settings.batch)))
    memory = Memory(len(data) // settings.batch)
    settings = settings.replace(gan_steps=EPOCHS * memory.epoch)
    with tempfile.TemporaryDirectory() as folder:
        training.train("gan", settings, folder, data=data, unseen=data, frozen="rendered", on_log=memory)
    epochs = every(memory.read, memory.epoch)
    print(f"{chosen.preset}, batch {settings.batch}, {memory.epoch} steps an epoch, {chosen.threads} threads, torch "
          f"{torch.__version__}")
    for number, (read, (held, objects)) in enumerate(zip(epochs, memory.alive), 1):
        print(f"epoch {number}: resident {statistics.median(read) / 2**20:.1f} MiB ({min(read) / 2**20:.1f} to "
              f"{max(read) / 2**20:.1f}); at its end {held / 2**20:.2f} MiB in live tensors, {objects} objects")
    steady, last = statistics.median(epochs[0][memory.epoch // 2 :]), statistics.median(epochs[-1])
    print(f"second half of epoch 1: {steady / 2**20:.1f} MiB, epoch {EPOCHS}: {last / 2**20:.1f} MiB")
    return judge("growth of memory", 100 * (last / steady - 1), BAR, unit=" %")


if __name__ == "__main__":
    sys.exit(main())
