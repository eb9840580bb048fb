"""There is one list of requirements, the environment matches it, and torch and torchvision are a pair."""

import itertools
import re
import tomllib
from importlib.metadata import requires, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


def parsed(lines):
    """Give the requirements by name; those of an extra of ours that a line takes in are among them."""
    found = {}
    for requirement in map(Requirement, lines):
        if requirement.name == PROJECT["name"]:
            found |= parsed([line for extra in requirement.extras for line in EXTRAS[extra]])
        else:
            found[requirement.name] = requirement
    return found


ALL = parsed(PROJECT["dependencies"] + EXTRAS["test"])


@pytest.mark.parametrize("name", ALL)
def test_what_is_installed_lies_in_the_range_that_is_asked_for(name):
    assert ALL[name].specifier.contains(version(name).split("+")[0]), f"{name} {version(name)}"


@pytest.mark.parametrize("name", [*ALL, *parsed(EXTRAS["people"] + EXTRAS["scale"])])
def test_every_range_has_both_ends(name):
    every = parsed([*PROJECT["dependencies"], *itertools.chain(*EXTRAS.values())])
    assert sorted(s.operator for s in every[name].specifier) == ["<", ">="], every[name]


def test_torch_and_torchvision_are_a_matching_pair():
    torch, torchvision = (tuple(map(int, version(n).split(".")[:2])) for n in ("torch", "torchvision"))
    assert torchvision[1] == torch[1] + 15, "torch 2.N goes with torchvision 0.(N + 15)"
    wanted = next(Requirement(r) for r in requires("torchvision") if Requirement(r).name == "torch")
    assert wanted.specifier.contains(version("torch").split("+")[0])
    from torchvision.ops import nms  # fails to load beside another torch

    assert callable(nms)


def test_the_upper_ends_of_torch_and_torchvision_belong_together():
    # torchvision 0.29 takes any later torch, so both ends must be kept in step here.
    upper = {
        n: next(s.version for s in ALL[n].specifier if s.operator == "<") for n in ("torch", "torchvision")
    }
    lower = {
        n: next(s.version for s in ALL[n].specifier if s.operator == ">=") for n in ("torch", "torchvision")
    }
    for end in (upper, lower):
        assert int(end["torchvision"].split(".")[1]) == int(end["torch"].split(".")[1]) + 15


def test_conda_users_get_the_same_list():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    conda = [line for line in environment["dependencies"] if isinstance(line, str)]
    (through_pip,) = [line["pip"] for line in environment["dependencies"] if isinstance(line, dict)]
    python, pip = conda
    assert pip == "pip"
    assert re.sub(r"^python", "", python) == PROJECT["requires-python"]
    assert environment["name"] == PROJECT["name"]
    # Everything else comes from pyproject.toml, extras included: no second list that could differ.
    (line,) = through_pip
    match = re.fullmatch(r"-e \.\[(\w+)\]", line)
    assert match and match.group(1) in EXTRAS


def test_every_requirement_of_the_environment_says_what_needs_it():
    lines = (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines()
    wanting = [line.strip() for line in lines if re.match(r"\s+- (?!pip:|conda-forge)", line)]
    assert len(wanting) == 3
    assert [line for line in wanting if "  # " not in line] == []


def test_the_readme_gives_a_laptop_the_same_torch():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("pip install") and "whl/cpu" in line)
    found = {r.name: r.specifier for r in map(Requirement, re.findall(r'"([^"]+)"', line))}
    assert found == {name: ALL[name].specifier for name in ("torch", "torchvision")}


def test_continuous_integration_uses_pythons_that_are_allowed():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8"))
    for python in workflow["jobs"]["test"]["strategy"]["matrix"]["python"]:
        assert SpecifierSet(PROJECT["requires-python"]).contains(python)
