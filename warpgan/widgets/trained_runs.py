"""The trained runs below a folder: found, named after their variant, and read from there and from nowhere else.

Runs are made by `warpgan.ablations` and `runs.grid` with the notebook `training_run`.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from torch import nn

from warpgan import checkpoints
from warpgan.ablations import VARIANTS
from warpgan.files import read_json
from warpgan.reading import as_folder
from warpgan.recent import recent
from warpgan.transfer import SHIPPED_FOLDER, PoseTransfer, find, load_network

KEPT = 8


@dataclass(frozen=True)
class TrainedRun:
    """A finished training of stage II.

    Attributes:
        name: its folder's path inside the run folder, with slashes.
        label: its variant and seed, as they are shown.
        frozen: whose parser and matcher it was trained with: shipped weights, a run folder, or "" for its own.
    """

    name: str
    label: str
    frozen: str


def inside(root: str | Path, name: str) -> Path:
    """Return what lies below a folder under a name.

    Args:
        root: the run folder.
        name: path inside it, with slashes.

    Raises:
        ValueError: a name that is no such path, or that leads out of the folder, also by a link.
        FileNotFoundError: there is nothing of that name, or no such folder.
    """
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or "\\" in name or not name.isprintable():
        raise ValueError(f"{name!r}: not the name of a run inside {root}")
    path = as_folder(root) / name
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such run; it has been moved or deleted")
    if not path.resolve().is_relative_to(Path(root).resolve()):
        raise ValueError(f"{path}: leads out of the run folder {root}")
    return path


def find_runs(root: str | Path) -> tuple[list[TrainedRun], list[str]]:
    """Look for finished trainings of stage II.

    Args:
        root: the run folder.

    Returns:
        (the runs in the order of `ablations.VARIANTS` and of their seeds, a sentence for each that cannot be read).

    Raises:
        FileNotFoundError, NotADirectoryError: there is no such folder.
    """
    order = {variant.changes: (place, variant.name) for place, variant in enumerate(VARIANTS)}
    found, faults = [], []
    for record in sorted(as_folder(root).rglob("config.json")):
        name = record.parent.relative_to(root).as_posix()
        try:
            config = read_json(inside(root, f"{name}/config.json"), expect=dict)
            if config.get("notebook") != "training_run" or config.get("state") != "done":
                continue
            variant, seed, frozen = (_parameter(config, *wanted, record) for wanted in _PARAMETERS)
            if config["parameters"].get("stage", "gan") != "gan":
                continue
        except (ValueError, OSError) as error:
            faults.append(str(error))
            continue
        place, text = order.get(variant, (len(order), variant))
        found.append((place, seed, TrainedRun(name, f"{text}, seed {seed}", frozen)))
    found.sort(key=lambda one: (one[:2], one[2].name))
    runs = [run for _, _, run in found]
    labels = [run.label for run in runs]
    return [
        run if labels.count(run.label) == 1 else TrainedRun(run.name, f"{run.label} ({run.name})", run.frozen)
        for run in runs
    ], faults


class RunNetworks:
    """The networks of runs, loaded when they are first asked for; the last few are kept.

    Args:
        root: the run folder, or None where only weights are asked for.
        weights: shipped weights or a run folder that is trusted beside it.
    """

    def __init__(self, root: str | Path | None, weights: str | Path):
        self.root, self.weights = root, str(weights)
        self._transfers: OrderedDict[tuple, PoseTransfer] = OrderedDict()
        self._frozen: OrderedDict[str, list[nn.Module]] = OrderedDict()

    def of_weights(self) -> PoseTransfer:
        """The three networks of `weights`; raises as `PoseTransfer.from_pretrained`."""
        return recent(self._transfers, ("",), lambda: self._load(find(self.weights), self.weights), KEPT)

    def of_run(self, run: TrainedRun) -> PoseTransfer:
        """A run's generator behind the parser and matcher that it was trained with.

        Raises:
            FileNotFoundError: the run or its checkpoint has vanished.
            ValueError: the checkpoint is damaged, or something leads out of the run folder.
        """
        mark = self.mark(run)
        folder = inside(self.root, run.name)
        return recent(self._transfers, mark, lambda: self._load(folder, self._source(run)), KEPT)

    def mark(self, run: TrainedRun) -> tuple:
        """What tells one checkpoint of a run from another that took its place; raises as `of_run`."""
        state = inside(self.root, f"{run.name}/gan/{checkpoints.WEIGHTS}").stat()
        return run.name, state.st_mtime_ns, state.st_size

    def _load(self, folder: Path, source: str) -> PoseTransfer:
        # Runs that share a parser and matcher get the same modules, so that what these find can be shared too.
        parser, matcher = recent(
            self._frozen, source, lambda: [load_network(name, source) for name in ("parser", "matcher")], KEPT
        )
        config = checkpoints.load(folder / "gan", "gan").config
        generator = load_network("generator", folder)
        return PoseTransfer(parser, matcher, generator, size=config.size, maps=config.maps).eval()

    def _source(self, run: TrainedRun) -> str:
        if not run.frozen:
            return str(inside(self.root, run.name))
        if run.frozen == self.weights or (SHIPPED_FOLDER / run.frozen).parent == SHIPPED_FOLDER:
            return run.frozen
        if Path(run.frozen).resolve().is_relative_to(Path(self.root).resolve()):
            return run.frozen
        raise ValueError(
            f"{run.name}: was trained with the parser and matcher of {run.frozen}, outside the run folder "
            f"{self.root}; give the panel weights={run.frozen!r}"
        )


_PARAMETERS = (("variant", str), ("seed", int), ("frozen", str))


def _parameter(config: dict, name: str, kind: type, record: Path):
    parameters = config.get("parameters")
    value = parameters.get(name) if isinstance(parameters, dict) else None
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ValueError(f"{record}: parameter {name} is {value!r}; expected {'a text' if kind is str else 'a number'}")
    return value
