"""Badges and set-up cells, which run here against stand-ins of Colab and Binder, neither of which was at hand."""

import importlib.util
import os
import subprocess
import sys
import types
from importlib.machinery import ModuleSpec
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import hosted
import pytest
import yaml

from figures import badges
from warpgan.series import read_series

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "https://github.com/a/b"
INSTALL = [sys.executable, "-m", "pip", "install", "--quiet", "--editable"]


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine on which the cell runs: what it would call, where it goes, and whether warpgan is found there."""
    found = types.SimpleNamespace(calls=[], moved=[], panels=0, spec=None, folders=set())
    monkeypatch.setattr(subprocess, "run", lambda call, check: found.calls.append(call) if check else None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: {"warpgan": found.spec}[name])
    monkeypatch.setattr(os, "chdir", found.moved.append)
    monkeypatch.setattr(os.path, "isdir", lambda path: path in found.folders)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delenv("BINDER_SERVICE_HOST", raising=False)

    def enable():
        found.panels += 1

    def colab():
        output = types.SimpleNamespace(enable_custom_widget_manager=enable)
        google, inner = types.ModuleType("google"), types.ModuleType("google.colab")
        google.colab, inner.output = inner, output
        monkeypatch.setitem(sys.modules, "google", google)
        monkeypatch.setitem(sys.modules, "google.colab", inner)

    found.colab = colab
    found.binder = lambda: monkeypatch.setenv("BINDER_SERVICE_HOST", "10.0.0.1")
    found.installed = lambda: setattr(found, "spec", ModuleSpec("warpgan", None, origin="/somewhere/__init__.py"))
    return found


def run_cell(capsys):
    """Execute the cell; it must be silent itself."""
    exec(compile(hosted.set_up_source(ADDRESS), "setup", "exec"), {})  # noqa: S102  the cell is ours
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


def test_at_home_the_cell_does_nothing(machine, capsys):
    machine.installed()
    run_cell(capsys)
    assert (machine.calls, machine.moved, machine.panels) == ([], [], 0)


def test_at_home_nothing_is_installed_behind_your_back(machine, capsys):
    run_cell(capsys)  # warpgan is missing: the import in the next cell says so
    assert (machine.calls, machine.moved) == ([], [])


def test_colab_gets_the_repository_and_an_installation_and_the_notebooks_folder(machine, capsys):
    machine.colab()
    run_cell(capsys)
    project = "/content/warpgan-project"
    assert machine.calls == [["git", "clone", "--depth", "1", ADDRESS, project], [*INSTALL, project]]
    assert sys.path[0] == project
    (folder,) = machine.moved
    assert Path(folder).resolve() == ROOT / "notebooks" and machine.panels == 1


def test_a_clone_that_is_there_is_used_and_a_folder_of_that_name_is_no_package(machine, capsys):
    machine.colab()
    machine.folders.add("/content/warpgan-project")
    machine.spec = ModuleSpec("warpgan", None, is_package=True)  # as of a folder ./warpgan without __init__.py
    run_cell(capsys)
    assert machine.calls == [[*INSTALL, "/content/warpgan-project"]]


def test_a_second_session_on_colab_installs_nothing_but_goes_to_the_notebooks(machine, capsys):
    machine.colab()
    machine.installed()
    run_cell(capsys)
    assert machine.calls == [] and len(machine.moved) == 1


def test_binder_installs_the_repository_that_it_has_if_its_image_did_not(machine, capsys, monkeypatch):
    machine.binder()
    above = os.path.abspath("..")
    machine.folders.add(above)
    run_cell(capsys)
    assert machine.calls == [[*INSTALL, above]] and machine.moved == []
    machine.calls.clear()
    machine.installed()
    run_cell(capsys)
    assert machine.calls == []


def test_a_command_that_fails_stops_the_cell(machine, monkeypatch):
    def failing(call, check):
        raise subprocess.CalledProcessError(128, call)

    machine.colab()
    monkeypatch.setattr(subprocess, "run", failing)
    with pytest.raises(subprocess.CalledProcessError):
        exec(compile(hosted.set_up_source(ADDRESS), "setup", "exec"), {})  # noqa: S102  the cell is ours


@pytest.mark.parametrize("entry", read_series(), ids=lambda entry: entry.name)
def test_badges_name_notebooks_of_the_repository(entry):
    address = hosted.repository()
    colab, binder = (urlsplit(make(address, entry.name)) for make in (hosted.colab, hosted.binder))
    owner_and_name = address.removeprefix("https://github.com/")
    assert colab.netloc == "colab.research.google.com"
    assert colab.path.startswith(f"/github/{owner_and_name}/blob/main/")
    assert (ROOT / colab.path.removeprefix(f"/github/{owner_and_name}/blob/main/")).is_file()
    assert binder.netloc == "mybinder.org" and binder.path == f"/v2/gh/{owner_and_name}/main"
    assert (ROOT / unquote(parse_qs(binder.query)["labpath"][0])).is_file()
    row = hosted.badge_row(address, entry.name)
    assert row.count("](../figures/badge_") == 2 and "![Open in Colab]" in row and "![Open in Binder]" in row


@pytest.mark.parametrize("address", ["", "https://example.org/a/b", "https://github.com/a"])
def test_an_address_that_badges_cannot_follow_is_refused(tmp_path, address):
    (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "p"\n[project.urls]\nRepository = "{address}"\n')
    with pytest.raises(ValueError, match="expected https://github.com/A/B"):
        hosted.repository(tmp_path)


def test_the_pictures_of_the_badges_are_what_their_code_draws(tmp_path):
    badges.main(tmp_path)
    for name in badges.BADGES:
        assert (tmp_path / f"{name}.svg").read_bytes() == (ROOT / "figures" / f"{name}.svg").read_bytes(), name


def test_binder_builds_from_the_one_list_of_requirements():
    # repo2docker reads .binder alone where there is such a folder, and runs pip at the top of the repository.
    lines = (ROOT / ".binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == [
        "--extra-index-url https://download.pytorch.org/whl/cpu", "-e ."
    ]  # fmt: skip
    runtime = (ROOT / ".binder" / "runtime.txt").read_text(encoding="utf-8").strip()
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8"))
    assert runtime.removeprefix("python-") in workflow["jobs"]["test"]["strategy"]["matrix"]["python"]
