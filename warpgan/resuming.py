"""Where a training stage begins: at its own last checkpoint, at the weights of another run, or at random weights."""

from __future__ import annotations

import platform
import warnings
from pathlib import Path
from typing import Any

import torch

from warpgan import checkpoints
from warpgan.config import Config
from warpgan.files import sha256
from warpgan.machine import Machine


def place(machine: Machine, config: Config) -> dict[str, Any]:
    """What decides the last bits of the weights, beside the configuration and the data.

    Args:
        machine: where it is trained.
        config: with what.
    """
    kind = machine.device.type
    return {
        "device": kind,
        "name": torch.cuda.get_device_name(machine.device) if kind == "cuda" else platform.machine(),
        "threads": torch.get_num_threads(),
        "processes": machine.processes,
        "parts": config.accumulate,
        "torch": torch.__version__,
    }


def check_pairs(folder: Path, facts: dict[str, Any], pairs: int) -> None:
    """Refuse to go on with data of another length, on which their order depends.

    Args:
        folder: of the stage, for the message.
        facts: of its checkpoint.
        pairs: that the data hold now; 0: not known.

    Raises:
        ValueError: names both numbers.
    """
    if pairs and facts.get("pairs", pairs) != pairs:
        raise ValueError(
            f"{folder}: trained on {facts['pairs']} pairs, but these data hold {pairs}, and their order depends on it; "
            "give the same data, or choose another folder"
        )


def warn_of_another_place(folder: Path, facts: dict[str, Any], here: dict[str, Any]) -> None:
    """Warn where the machine is not the one of the checkpoint, so that the last bits will differ.

    Args:
        folder: of the stage, for the message.
        facts: of its checkpoint.
        here: what `place` says now.
    """
    there = facts.get("machine", {})
    changed = [f"{name} {there[name]} there and {here[name]} here" for name in there if there[name] != here.get(name)]
    if changed:
        warnings.warn(
            f"{folder}: goes on elsewhere ({', '.join(changed)}), so its weights will not be those of an uninterrupted "
            "run to the last bit",
            stacklevel=2,
        )


def begin_with(found: checkpoints.Checkpoint, modules: dict[str, torch.nn.Module]) -> dict[str, Any]:
    """Load the network of another run of the stage; its discriminator is not shipped and starts anew.

    Args:
        found: the other run's checkpoint.
        modules: name to module, changed in place.

    Returns:
        Steps, seconds and SHA-256 of the weights, for the card.

    Raises:
        ValueError: the network there has another form.
    """
    name = (checkpoints.SHIPPED | checkpoints.ALONE)[found.stage]
    found.load_into(name, modules[name])
    before = found.facts.get("started_from") or {"step": 0, "seconds": 0.0}
    return {
        "step": before["step"] + found.step,
        "seconds": before["seconds"] + found.facts.get("seconds", 0.0),
        "sha256": sha256(found.folder / checkpoints.WEIGHTS),
    }
