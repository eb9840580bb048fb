"""Every notebook runs through papermill with changed parameters and leaves a whole run."""

import json
from pathlib import Path

import pytest

from warpgan import runs
from warpgan.series import NOTEBOOKS, read_series, resolve

NAMES = sorted(path.stem for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))


def test_there_are_notebooks():
    assert len(NAMES) >= 7


@pytest.mark.parametrize("name", NAMES)
def test_runs_with_changed_parameters(name, tmp_path):
    (entry,) = [entry for entry in read_series() if entry.name == name]
    parameters = resolve(entry.test, tmp_path)
    folder = runs.run(NOTEBOOKS / f"{name}.ipynb", parameters, tmp_path / name, timeout=300)
    config = json.loads((folder / "config.json").read_text())
    assert config["notebook"] == name and config["state"] == "done"
    assert config["parameters"].items() >= parameters.items()
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics and all(isinstance(value, bool | int | float | str) for value in metrics.values()), metrics
    assert list((folder / "samples").glob("*.png")), "a run leaves pictures in samples/"
    assert runs.table(tmp_path).loc[name, "state"] == "done"
    for training in (path for path in folder.iterdir() if path.is_dir() and (path / "config.json").exists()):
        names = {path.name for path in training.rglob("*")}
        assert {"log.csv", "state.safetensors", "state.json"} <= names, (training.name, names)
    hidden = {path.name for path in Path(folder).rglob(".*")}
    assert hidden <= {".lock"}, "nothing half-written is left"
