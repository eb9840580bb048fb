"""Where a training stage begins: at its own last checkpoint, at the weights of another run, or at random weights."""

from __future__ import annotations

import platform
import warnings
from pathlib import Path
from typing import Any

import torch

from warpgan import checkpoints
from warpgan import config as configuration
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

    What a network has beyond that one stays as it was made, if it changes nothing at first (`UNTOUCHED_AT_FIRST`).

    Args:
        found: the other run's checkpoint.
        modules: name to module, changed in place.

    Returns:
        For the card: `step` and `seconds` up to there, SHA-256 of the weights, the fields in which that run's
        configuration differs from its preset (`changes`), and the same of what that run began with (`earlier`).

    Raises:
        ValueError: the network there has another form.
    """
    name = (checkpoints.SHIPPED | checkpoints.ALONE)[found.stage]
    found.load_into(name, modules[name], getattr(modules[name], "UNTOUCHED_AT_FIRST", ()))
    before = found.facts.get("started_from")
    return {
        "step": (before["step"] if before else 0) + found.step,
        "seconds": (before["seconds"] if before else 0.0) + found.facts.get("seconds", 0.0),
        "sha256": sha256(found.folder / checkpoints.WEIGHTS),
        "changes": configuration.changes(found.config),
        "earlier": before,
    }
