"""One checkpoint format for training, resuming and shipping; nothing in it is unpickled.

`state.safetensors` holds every tensor: weights, and while training the optimiser's moments and the random
state. Its header carries the description (configuration, stage, step), so that the pair can never disagree;
`state.json` is the same description for people and other programs. Notebook 06 shows one.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from warpgan import config as configuration
from warpgan.files import atomic, sha256, write_json

FORMAT = "warpgan-1"
WEIGHTS, DESCRIPTION = "state.safetensors", "state.json"
SHIPPED = {"parser": "parser", "matcher": "matcher", "gan": "generator"}  # stage: the network that is shipped
ALONE = {"human_parser": "human_parser"}  # the same, of what is shipped in a folder of its own


@dataclass
class Checkpoint:
    """What a checkpoint folder holds.

    Attributes:
        folder: where it was read from.
        stage: `parser`, `matcher` or `gan`.
        config: the configuration it was trained with.
        step: optimiser steps done.
        facts: anything else that was noted (metrics, seconds, origin).
        tensors: name to tensor; weights are `module.parameter`, moments `adam.module.index.moment`.
    """

    folder: Path
    stage: str
    config: configuration.Config
    step: int
    facts: dict[str, Any]
    tensors: dict[str, torch.Tensor]

    def load_into(self, name: str, module: torch.nn.Module, lacking: tuple[str, ...] = ()) -> torch.nn.Module:
        """Copy the weights saved under `name` into a module of the same shape and return it.

        Args:
            name: as in `tensors`.
            module: changed in place.
            lacking: parts of the module that the checkpoint may lack, each as a whole; they stay as they are.

        Raises:
            ValueError: a tensor is missing, superfluous, or of another shape.
        """
        prefix = name + "."
        found = {
            key.removeprefix(prefix): value for key, value in self.tensors.items() if key.startswith(prefix)
        }
        own = module.state_dict()
        lacked = tuple(f"{part}." for part in lacking if not any(key.startswith(f"{part}.") for key in found))
        wanted = {key: value for key, value in own.items() if not key.startswith(lacked)}
        wrong = sorted(set(wanted) ^ set(found))
        if wrong:
            kind = "is missing" if wrong[0] in wanted else "is not expected"
            raise ValueError(
                f"{self.folder / WEIGHTS}: tensor {prefix}{wrong[0]} {kind}; the {name} of this configuration has "
                f"{len(wanted)} tensors, the file {len(found)}"
            )
        for key, value in wanted.items():
            if value.shape != found[key].shape:
                raise ValueError(
                    f"{self.folder / WEIGHTS}: tensor {prefix}{key} has shape {tuple(found[key].shape)}; "
                    f"expected {tuple(value.shape)}"
                )
        module.load_state_dict(own | {key: value.to(wanted[key].dtype) for key, value in found.items()})
        return module


def save(
    folder: str | Path,
    modules: dict[str, torch.nn.Module],
    *,
    stage: str,
    config: configuration.Config,
    step: int,
    optimisers: dict[str, torch.optim.Optimizer] | None = None,
    facts: dict[str, Any] | None = None,
) -> Path:
    """Write a checkpoint whole: it is either the old one or the new one, never half of each.

    Args:
        folder: made if it does not exist.
        modules: name to module; their weights are saved as `name.parameter`.
        stage, config, step, facts: the description, see `Checkpoint`.
        optimisers: Adam optimisers by name, for resuming; with them goes the state of torch's generator.

    Returns:
        The folder.
    """
    tensors = {
        f"{name}.{key}": value
        for name, module in modules.items()
        for key, value in module.state_dict().items()
    }
    for name, optimiser in (optimisers or {}).items():
        for index, state in optimiser.state_dict()["state"].items():
            for moment, value in state.items():
                tensors[f"adam.{name}.{index}.{moment}"] = torch.as_tensor(value)
    if optimisers:
        tensors["random.torch"] = torch.get_rng_state()
    return _write(Checkpoint(folder, stage, config, step, facts or {}, tensors))


def exists(folder: str | Path) -> bool:
    """Whether the folder holds a checkpoint."""
    return (Path(folder) / WEIGHTS).is_file()


def load(folder: str | Path, stage: str | None = None) -> Checkpoint:
    """Read a checkpoint.

    Args:
        folder: holds `state.safetensors`.
        stage: the stage it must be of, if that matters.

    Raises:
        FileNotFoundError: there is no checkpoint in the folder.
        ValueError: the file is cut short, is not safetensors, is not ours, or is of another stage.
    """
    path = Path(folder) / WEIGHTS
    if not path.is_file():
        raise FileNotFoundError(
            f"{path}: no such checkpoint; a folder written by training or shipping holds one"
        )
    try:
        with safe_open(path, framework="pt") as file:
            note = (file.metadata() or {}).get("description")
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - no mapping
    except (SafetensorError, OSError) as error:
        raise ValueError(
            f"{path}: cut short or not a safetensors file ({error}); delete it or train again"
        ) from None
    if note is None:
        raise ValueError(
            f"{path}: safetensors without a description; expected a checkpoint of format {FORMAT}"
        )
    description = json.loads(note)
    if description.get("format") != FORMAT:
        raise ValueError(f"{path}: format {description.get('format')!r}; this version reads {FORMAT!r}")
    if stage is not None and description["stage"] != stage:
        raise ValueError(f"{path}: a checkpoint of stage {description['stage']!r}; expected {stage!r}")
    return Checkpoint(
        folder=Path(folder),
        stage=description["stage"],
        config=configuration.from_dict(description["config"], source=str(path)),
        step=description["step"],
        facts=description["facts"],
        tensors=tensors,
    )


def resume(
    folder: str | Path,
    modules: dict[str, torch.nn.Module],
    optimisers: dict[str, torch.optim.Optimizer],
    *,
    stage: str,
    config: configuration.Config,
) -> Checkpoint:
    """Load weights, moments and random state so that training goes on as if it had never stopped.

    Args:
        folder: holds `state.safetensors`.
        modules: name to module, changed in place.
        optimisers: name to Adam optimiser, changed in place.
        stage: that the checkpoint must be of.
        config: that it must have been made with, but for the fields of `config_rules.SCHEDULE`.

    Raises:
        ValueError: the checkpoint was made with another configuration (the fields are named), or is damaged,
            or holds weights only.
    """
    checkpoint = load(folder, stage)
    changed = configuration.differences(checkpoint.config, config)
    if changed:
        listed = ", ".join(f"{name} {old!r} there and {new!r} here" for name, (old, new) in changed.items())
        raise ValueError(
            f"{checkpoint.folder / WEIGHTS}: made with another configuration ({listed}); "
            "choose another folder or the same configuration"
        )
    if "random.torch" not in checkpoint.tensors:
        raise ValueError(
            f"{checkpoint.folder / WEIGHTS}: shipped weights without optimiser state cannot be resumed"
        )
    for name, module in modules.items():
        checkpoint.load_into(name, module)
    for name, optimiser in optimisers.items():
        prefix = f"adam.{name}."
        state: dict[int, dict[str, torch.Tensor]] = {}
        for key, value in checkpoint.tensors.items():
            if key.startswith(prefix):
                index, moment = key.removeprefix(prefix).split(".")
                state.setdefault(int(index), {})[moment] = value
        optimiser.load_state_dict(optimiser.state_dict() | {"state": state})
    torch.set_rng_state(checkpoint.tensors["random.torch"])
    return checkpoint


def ship(
    run: str | Path, destination: str | Path, stages: dict[str, str] = SHIPPED, *, half: bool = True
) -> Path:
    """Copy the weights of a run's networks, in half precision and without anything needed only to resume.

    Args:
        run: folder with a checkpoint of each stage.
        destination: folder to write the same into.
        stages: stage to network: `SHIPPED`, the three of the method, or `ALONE`, the human parser.
        half: False keeps single precision.

    Returns:
        The destination.
    """
    for stage, name in stages.items():
        source = load(Path(run) / stage, stage)
        weights = {key: value for key, value in source.tensors.items() if key.startswith(name + ".")}
        if half:  # counts, such as those of batch normalisation, stay whole: half precision ends at 65,504
            weights = {key: value.half() if value.is_floating_point() else value for key, value in weights.items()}
        _write(dataclasses.replace(source, folder=Path(destination) / stage, tensors=weights))
    return Path(destination)


def _write(checkpoint: Checkpoint) -> Path:
    description = {
        "format": FORMAT,
        "stage": checkpoint.stage,
        "step": checkpoint.step,
        "config": checkpoint.config.to_dict(),
        "facts": checkpoint.facts,
    }
    tensors, places = {}, set()
    for key, value in checkpoint.tensors.items():
        value = value.detach().cpu().contiguous()
        # safetensors refuses tensors that share memory.
        tensors[key] = value.clone() if value.untyped_storage().data_ptr() in places else value
        places.add(value.untyped_storage().data_ptr())
    folder = Path(checkpoint.folder)
    with atomic(folder / WEIGHTS, durable=True) as path:
        try:
            save_file(tensors, path, metadata={"description": json.dumps(description)})
        except SafetensorError as error:  # what it makes of a full disk
            raise OSError(str(error)) from error
        digest = sha256(path)
    write_json(folder / DESCRIPTION, description | {"sha256": digest})
    return folder
