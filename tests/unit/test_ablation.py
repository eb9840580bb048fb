"""The ablation panel: what is chosen is shown, said, put into the table and into a link, and comes back from it."""

import gc
import json
import re
import shutil
from html import unescape

import pytest
from run_folders import leave_run, leave_weights
from scenes import Boxes

from warpgan.widgets.ablation import AblationPanel
from warpgan.widgets.ablation_scene import COPY, PAINT, PAINT_TRUE, WEIGHTS
from warpgan.widgets.link import query_of, state_in

DATA = Boxes(6)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return leave_weights(tmp_path_factory.mktemp("weights"))


@pytest.fixture
def root(tmp_path, weights):
    for seed in range(3):
        leave_run(tmp_path / "runs", f"seed={seed}", frozen=str(weights), seed=seed)
    return tmp_path / "runs"


@pytest.fixture
def panel(root, weights):
    return AblationPanel(DATA, root, weights)


def test_what_is_chosen_is_in_picture_table_and_status(panel):
    assert panel.chosen == [COPY, PAINT, WEIGHTS] and "seed 1" not in panel.numbers.value
    before = panel.picture.png
    panel.boxes["run/seed=1"].value = panel.boxes[PAINT_TRUE].value = True
    assert panel.picture.png != before
    assert '<th scope="row"' in panel.numbers.value and "full, seed 1" in panel.numbers.value
    value = re.search(r"full, seed 1: SSIM ([\d.-]+), L1 ([\d.]+), clothing L1 ([\d.]+\d)", panel.picture.alt)
    for number in value.groups():
        assert f">{number}</td>" in panel.numbers.value
    assert panel.picture.status.startswith("Smallest error over clothing seen in both pictures: paint by label, true")


def test_another_person_and_pair_are_shown(panel):
    panel.person.value = "box-2"
    assert panel.pair.value == "box-2_0-1" and panel.picture.alt.startswith("Pair box-2_0-1:")
    panel.pair.value = "box-2_1-1"
    assert panel.picture.alt.startswith("Pair box-2_1-1:") and "Pair box-2_1-1" in panel.numbers.value


@pytest.mark.parametrize("count", [0, 7])
def test_none_or_too_many_are_told_and_the_picture_stays(panel, count):
    before = panel.picture.png, panel.numbers.value
    with panel.together():
        for place, box in enumerate(panel.boxes.values()):
            box.value = place < count
    assert panel.picture.status.startswith(f"{count} variants are chosen; choose 1 to 6")
    assert (panel.picture.png, panel.numbers.value) == before


def link(panel):
    return unescape(re.search('href="([^"]*)"', panel.link.value).group(1))


def test_the_link_opens_the_panel_as_it_was(panel, root, weights, monkeypatch):
    panel.boxes["run/seed=2"].value = True
    panel.person.value = "box-1"
    assert json.loads(state_in(link(panel))) == panel.state
    monkeypatch.setenv("QUERY_STRING", link(panel)[1:])
    other = AblationPanel(DATA, root, weights)
    assert other.state == panel.state and other.picture.alt == panel.picture.alt


@pytest.mark.parametrize(
    "state, said",
    [({"pair": "box-9_0-1"}, "state: pair is 'box-9_0-1'; expected one of the 6 pairs here"),
     ({"pair": ["box-0_0-1"]}, "state: pair is ['box-0_0-1']"),
     ({"variants": "copy"}, "state: variants is 'copy'; expected a list"), ({"variants": []}, "state: variants has 0"),
     ({"variants": [1]}, "state: variants is [1]"), ({"variants": list("abcdefg")}, "state: variants has 7 names"),
     ({"variants": ["copy", "nothing"]}, "no variant is called 'nothing'"),
     ({"variants": ["run/../../weights"]}, "'../../weights': not the name of a run inside"),
     ({"version": 2}, "state: version is 2; this panel takes 1")],
)
def test_a_link_with_a_wrong_state_is_a_sentence_and_changes_nothing(panel, root, weights, monkeypatch, state, said):
    before = panel.state
    assert not panel.apply(panel.state | {"pair": "box-1_0-1"} | state)
    assert panel.picture.status.startswith(said) and panel.state == before
    monkeypatch.setenv("QUERY_STRING", query_of(panel.state | state)[1:])
    opened = AblationPanel(DATA, root, weights)
    assert opened.picture.status.startswith(said) and opened.state == before


def test_a_link_of_another_panel_is_not_ours_and_one_too_long_is_told(root, weights, monkeypatch):
    monkeypatch.setenv("QUERY_STRING", query_of({"panel": "Gate", "version": 1})[1:])
    assert "Smallest error" in AblationPanel(DATA, root, weights).picture.status
    monkeypatch.setenv("QUERY_STRING", "state=" + "a" * 3000)
    assert "link: its query has 3006 characters" in AblationPanel(DATA, root, weights).picture.status


def test_runs_that_come_and_go_are_found_and_told(panel, root, weights):
    panel.boxes["run/seed=1"].value = True
    before = panel.picture.png
    leave_run(root, "seed=5", frozen=str(weights), seed=5)
    panel.look_again()
    assert "run/seed=5" in panel.boxes and "run/seed=1" in panel.chosen
    shutil.rmtree(root / "seed=5")
    panel.boxes["run/seed=5"].value = True
    assert "seed=5/gan/state.safetensors: no such run" in panel.picture.status and panel.picture.png == before
    panel.look_again()
    assert "run/seed=5" not in panel.boxes and panel.picture.status.startswith("Smallest error")
    shutil.rmtree(root)
    panel.pair.value = "box-0_1-1"
    assert panel.picture.status == f"{root}: no such folder"
    panel.look_again()
    assert panel.chosen == [COPY, PAINT, WEIGHTS] and f"Left out: {root}: no such folder." in panel.picture.status


def test_names_from_files_are_text(root, weights):
    leave_run(root, "<img src=x>", frozen=str(weights), seed=9)
    leave_run(root, "twin", frozen=str(weights), seed=9)
    panel = AblationPanel(DATA, root, weights)
    panel.boxes["run/<img src=x>"].value = True
    assert "full, seed 9 (<img src=x>)" in panel.picture.alt
    assert "<img" not in panel.numbers.value + panel.link.value and "&lt;img src=x&gt;" in panel.numbers.value


def test_many_changes_leave_nothing_behind(weights):
    panel = AblationPanel(DATA, None, weights)
    panel.boxes[PAINT].value = panel.boxes[WEIGHTS].value = False

    def turn(count):
        for step in range(count):
            panel.pair.value = panel.pair.options[step % 2][1]
        gc.collect()
        return len(gc.get_objects())

    before = turn(100)
    assert turn(1000) - before < 200
