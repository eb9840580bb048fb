"""docs/lecturers.md plans with what is there: minutes that add up, panels that exist, runs that were timed."""

import ast
import inspect
import itertools
import json
import re
from pathlib import Path

import pytest

from warpgan import ablations, config, widgets
from warpgan.changes import read_changes
from warpgan.parameters import check_parameters
from warpgan.variants import VARIANTS

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "lecturers.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
KEPT = ROOT / "notebooks" / "assets" / "ablations"


def test_the_minutes_of_the_lab_follow_one_another():
    minutes = [tuple(map(int, pair)) for pair in re.findall(r"^\| (\d+) to (\d+) \|", TEXT, re.MULTILINE)]
    assert minutes[0][0] == 0 and minutes[-1][1] == 90
    assert all(one[1] == two[0] for one, two in itertools.pairwise(minutes))


def test_the_panels_are_those_of_the_package():
    panels = {name for name in widgets.__all__ if name.endswith(("Panel", "Editor", "Study"))}
    assert set(re.findall(r"`(\w+(?:Panel|Editor|Study))`", TEXT)) == panels


def test_the_topics_are_groups_of_the_plan_with_so_many_runs():
    runs = {}
    for variant in VARIANTS:
        runs[variant.group] = runs.get(variant.group, 0) + len(variant.seeds)
    topics = re.findall(r"^\| .+\? \| `([\w ]+)` \| (\d+) \|$", TEXT, re.MULTILINE)
    assert len(topics) >= 6
    for groups, told in topics:
        first, *others = groups.split()
        assert first == "core" and sum(runs[group] for group in others) == int(told)
    assert f"The group `core` has {runs['core']} runs" in TEXT


def test_the_trainings_are_those_that_are_kept_and_took_as_long_as_it_says():
    found = [json.loads(path.read_text(encoding="utf-8")) for path in KEPT.glob("*/config.json")]
    changes = {one["parameters"]["changes"] for one in found if one["parameters"]["stage"] == "gan"}
    told = set(re.findall(r'--changes "([^"]+)"', TEXT)) | set(re.findall(r'^changes = "([^"]+)"', TEXT, re.MULTILINE))
    assert told == changes
    seconds = {one["parameters"]["variant"]: [] for one in found}
    for one in found:
        seconds[one["parameters"]["variant"]].append(one["seconds"])
    single = [value for name, values in seconds.items() if name.startswith("generator=resnet") for value in values]
    others = [value for name, values in seconds.items() if not name.startswith("generator=resnet") for value in values]
    low, high, of_single = map(
        int, re.search(r"took (\d+) to (\d+) minutes each,.*?one encoder: (\d+)\)", TEXT, re.DOTALL).groups()
    )
    assert low * 60 - 30 <= min(others) and max(others) <= high * 60
    assert max(single) == pytest.approx(of_single * 60, abs=60)


def test_the_grid_of_ones_own_is_one_that_runs_take():
    block = BLOCKS[0]
    call = next(node for node in ast.walk(ast.parse(block)) if isinstance(node, ast.Call))
    notebook, axes, _ = (ast.literal_eval(argument) for argument in call.args)
    (fixed,) = [keyword.value for keyword in call.keywords if keyword.arg == "fixed"]
    keys = [ast.literal_eval(key) for key in fixed.keys]
    values = [re.search(r'^changes = "([^"]+)"', block, re.MULTILINE).group(1) if isinstance(value, ast.Name)
              else ast.literal_eval(value) for value in fixed.values]  # fmt: skip
    shared = dict(zip(keys, values))
    for variant in axes["variant"]:
        check_parameters(ROOT / notebook, shared | {"variant": variant, "seed": axes["seed"][0]})
        config.preset(shared["preset"], **{**read_changes(shared["changes"]), **read_changes(variant)})


def test_runs_of_ones_own_get_names_and_are_compared(monkeypatch):
    called, names, pairs = {}, {}, inspect.signature(ablations.pairs)
    monkeypatch.setattr(ablations, "pairs", lambda *given: called.update(pairs.bind(*given).arguments))
    monkeypatch.setattr(ablations, "effects", lambda frame, reference: names.update(reference=reference))
    exec(BLOCKS[1], {})  # noqa: S102 - the page's own lines
    folder, variants = called.values()
    assert f'"{folder}"' in BLOCKS[0] and names["reference"] in {variant.name for variant in variants}
    assert f'"variant": {json.dumps([variant.changes for variant in variants])}' in BLOCKS[0]


def test_the_marks_are_a_hundred():
    marks = re.search(r"\| for \| points \|.*?\n\n", TEXT, re.DOTALL).group()
    assert sum(map(int, re.findall(r"^\| .+? \| (\d+) \|", marks, re.MULTILINE))) == 100
