"""Where a training is computed: on which device, in which precision, by how many processes, in how many parts.

The loops in `stages/` say what is learned; everything of lightning-fabric is behind this one class. Several processes
are started by `launch.py`, never by forking. Notebook 08 explains it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

import torch
from torch import nn

from warpgan.batches import ReadAhead, collate, indices
from warpgan.config import Config
from warpgan.models.layers import ResidualBlock

PRECISIONS = {"32": "32-true", "bf16": "bf16-mixed", "fp16": "16-mixed"}
Part = TypeVar("Part")


class Machine:
    """The device and the processes that take the steps of a training together.

    Each step's batch is shared out among the processes, and each share is cut into `config.accumulate` parts; every
    loss is a mean over pictures of one size, so that sharing out changes nothing but rounding.

    Args:
        config: `batch`, `accumulate`, `precision`, `compile` and `recompute`.
        device: of this process; with several processes only its kind counts ("cuda"), each has a device of its own.

    Raises:
        ValueError: the batch cannot be shared out evenly, or there is no such device.
    """

    def __init__(self, config: Config, device: torch.device | str = "cpu"):
        from lightning_fabric import Fabric

        self.config, device = config, torch.device(device)
        check_device(device)
        self.processes = int(os.environ.get("WORLD_SIZE", "1")) if "TORCHELASTIC_RUN_ID" in os.environ else 1
        shares = self.processes * config.accumulate
        if config.batch % shares:
            raise ValueError(
                f"batch is {config.batch}; it cannot be shared out among {self.processes} processes in "
                f"{config.accumulate} parts each (accumulate): expected a multiple of {shares}"
            )
        for name in ("lightning.fabric", "lightning_fabric"):  # they announce each process
            logging.getLogger(name).setLevel(logging.WARNING)
        options = {"accelerator": device.type, "devices": 1 if device.index is None else [device.index]}
        if device.type == "cpu":
            options["devices"] = 1
        if self.processes > 1:
            local = int(os.environ["LOCAL_WORLD_SIZE"])
            options |= {"strategy": "ddp", "devices": local, "num_nodes": self.processes // local}
        self.fabric = Fabric(plugins=_plugins(config.precision, device.type, self.processes), **options)
        self.fabric.launch()
        self.device = self.fabric.device
        self.first = self.fabric.is_global_zero  # the process that writes and prints

    def learner(self, module: nn.Module) -> nn.Module:
        """The module as it is trained here: on the device, perhaps compiled, its gradients averaged over processes.

        Its weights are those of the module given, under the same names: that one is what is saved.
        """
        if self.config.recompute:
            for part in module.modules():
                if isinstance(part, ResidualBlock):
                    part.recompute = True
        if self.config.compile:
            module.compile()  # in place, so that the names of the weights stay as they are
        return self.fabric.setup_module(module)

    def optimiser(self, optimiser: torch.optim.Optimizer) -> torch.optim.Optimizer:
        """The optimiser with the loss scaling that fp16 needs."""
        return self.fabric.setup_optimizers(optimiser)

    def half(self) -> AbstractContextManager:
        """Within the block networks that are only asked, not trained, compute in the configured precision."""
        return self.fabric.autocast()

    def parts(self, data: ReadAhead, step: int) -> list:
        """This process' share of a step's batch, on the device, in `accumulate` parts."""
        return [collate(pairs, self.device) for pairs in data.at(step)]

    def read_ahead(self, data: Sequence) -> ReadAhead:
        """The data in the order of the steps, read by threads before they are needed."""
        size = self.config.batch // (self.processes * self.config.accumulate)
        first = self.fabric.global_rank * size * self.config.accumulate

        def plan(step: int) -> list[list[int]]:
            chosen = indices(len(data), self.config.batch, step, self.config.seed)[first:]
            return [chosen[i * size : (i + 1) * size] for i in range(self.config.accumulate)]

        return ReadAhead(data, plan, self.config.loaders)

    def mine(self, drawn: torch.Tensor) -> list[torch.Tensor]:
        """This process' parts of something that was drawn for the whole batch, alike in every process."""
        shares = drawn.to(self.device).chunk(self.processes * self.config.accumulate)
        first = self.fabric.global_rank * self.config.accumulate
        return list(shares[first : first + self.config.accumulate])

    def in_turn(self, learner: nn.Module, parts: Sequence[Part]) -> Iterator[Part]:
        """Each part in turn; the processes exchange gradients once, with the last.

        Args:
            learner: what `learner` gave.
            parts: of a step's batch.
        """
        for number, part in enumerate(parts):
            if self.processes == 1 or number == len(parts) - 1:
                yield part
            else:
                with self.fabric.no_backward_sync(learner):
                    yield part

    def backward(self, loss: torch.Tensor) -> None:
        """Add the gradient of a part's loss; the parts of a step together give that of their mean."""
        self.fabric.backward(loss / self.config.accumulate)

    def update(self, optimiser: torch.optim.Optimizer) -> None:
        """Take the step and forget the gradient."""
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)

    def mean(self, values: torch.Tensor) -> torch.Tensor:
        """The mean of a tensor over the processes."""
        return values if self.processes == 1 else self.fabric.all_reduce(values, reduce_op="mean")

    def alike(self, values: torch.Tensor) -> bool:
        """Whether a tensor is the same in all processes, to the last bit."""
        return self.processes == 1 or bool((self.fabric.all_gather(values) == values).all())

    def anywhere(self, flag: bool) -> bool:
        """Whether the flag is set in any process; all must ask."""
        if self.processes == 1:
            return flag
        return bool(self.fabric.all_reduce(torch.tensor(float(flag), device=self.device), reduce_op="sum") > 0)

    def by_first(self, make: Callable[[], Any]) -> Any:
        """What the first process makes, while the others wait, given to all of them."""
        made = make() if self.first else None
        return made if self.processes == 1 else self.fabric.broadcast(made)

    def one_first(self, make: Callable[[], Any]) -> Any:
        """What every process makes for itself, the first one before the others: what it writes, they find."""
        if self.processes == 1:
            return make()
        made = make() if self.first else None
        self.fabric.barrier()
        return made if self.first else make()

    def scaler(self) -> dict[str, Any]:
        """The state of fp16's loss scaling, plain numbers; empty in other precisions."""
        return self.fabric.strategy.precision.state_dict()

    def restore_scaler(self, state: dict[str, Any]) -> None:
        """Go on with the loss scaling of a checkpoint."""
        if state:
            self.fabric.strategy.precision.load_state_dict(state)


def leave() -> None:
    """End the ties to the other processes, once all have come here; an exit with open ties may abort."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.barrier()
        torch.distributed.destroy_process_group()


def check_device(device: torch.device) -> None:
    """Raise ValueError if there is no such device here, naming those that are."""
    found = ["cpu"] + [f"cuda:{i}" for i in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        found.append("mps")
    named = device.type if device.index is None else str(device)
    if not any(name == named or name.split(":")[0] == named for name in found):
        raise ValueError(f"device {str(device)!r} is not there; found {', '.join(found)}")


def _plugins(precision: str, kind: str, processes: int) -> list:
    from lightning_fabric.plugins import MixedPrecision, Precision
    from lightning_fabric.plugins.environments import LightningEnvironment, TorchElasticEnvironment

    class Mixed(MixedPrecision):
        # Not cast on the way in: control points in bf16 would be off by half a pixel at 256. Autocast turns into
        # half precision what bears it, the convolutions.
        def convert_input(self, data: Any) -> Any:
            return data

    chosen = Precision() if precision == "32" else Mixed(PRECISIONS[precision], kind)
    # Named, so that the variables of a cluster's scheduler are never taken for an order to join other processes.
    return [chosen, TorchElasticEnvironment() if processes > 1 else LightningEnvironment()]
