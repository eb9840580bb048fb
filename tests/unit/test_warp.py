"""The warp panel without a page: what its points and buttons do."""

import gc
import json

import pytest
import torch
from scenes import Boxes
from test_warp_scene import matcher

from warpgan.widgets.warp import WarpPanel

MIDDLE = 3 + 12  # the control point of row 3, column 3


@pytest.fixture
def panel():
    return WarpPanel(Boxes()[1], matcher(0.25))


def drag(panel, index, *places, stroke=1):
    for serial, (x, y) in enumerate(places):
        panel.picture.moved = {"index": index, "x": x, "y": y, "serial": serial, "stroke": stroke}


def button(panel, name):
    (found,) = [one for one in panel.children[2].children if getattr(one, "description", "") == name]
    return found


def test_a_drag_changes_picture_and_numbers_and_is_undone_as_one(panel):
    before, status = panel.picture.png, panel.picture.status
    drag(panel, MIDDLE, (17, 30), (18, 28), (19, 26))
    assert panel.picture.handles[MIDDLE] == [19, 26] and panel.picture.png != before
    assert panel.picture.status != status and panel.picture.alt.endswith(panel.picture.status)
    drag(panel, MIDDLE, (20, 26), stroke=2)
    button(panel, "Undo").click()
    assert panel.picture.handles[MIDDLE] == [19, 26]
    button(panel, "Undo").click()
    assert panel.picture.png == before and panel.picture.status == status
    button(panel, "Undo").click()
    assert panel.picture.status == "nothing to undo: nothing has been changed" and panel.picture.png == before


def test_the_buttons(panel):
    first = panel.picture.png
    panel.maps.value = "tps"
    button(panel, "Matcher's answer").click()
    assert panel.maps.value == "both" and panel.state["affine"] == [[1, 0, 0.25], [0, 1, 0]]
    assert panel.picture.png != first
    button(panel, "Reset").click()
    assert panel.picture.png == first
    button(panel, "Undo").click()
    button(panel, "Undo").click()
    assert panel.maps.value == "tps" and panel.state["affine"] == [[1, 0, 0], [0, 1, 0]]


def test_the_choice_of_maps_shows_their_points_alone(panel):
    button(panel, "Matcher's answer").click()
    shown = panel.picture.png
    panel.maps.value = "none"
    assert panel.picture.handles == [None] * 28 and panel.picture.png != shown
    panel.maps.value = "affine"
    assert [at is not None for at in panel.picture.handles] == [True] * 3 + [False] * 25
    assert panel.picture.png == shown  # the answer's spline is the identity


def test_the_points_lie_on_the_condition_picture(panel):
    picture, (left, top) = panel.picture, panel.picture.origin
    assert panel.still().size == (picture.scale * picture.width, picture.scale * picture.height)
    assert left < picture.reach[0] < 0 < 31 < picture.reach[2] and top < picture.reach[1]
    assert picture.handles[3] == [-0.5, -0.5] and picture.kinds[:4] == ["frame"] * 3 + ["round"]


def test_points_beyond_are_shown_at_the_edge_and_counted(panel):
    drag(panel, 3, (-30, 5))
    assert panel.picture.handles[3] == [panel.picture.reach[0], 5]
    assert panel.picture.status.endswith("Beyond the edge, and shown at it: 1 of the points.")


def test_a_refused_drag_is_a_sentence_and_the_point_goes_back(panel):
    drag(panel, 1, panel.picture.handles[0])
    before = panel.picture.handles
    drag(panel, MIDDLE, (3, 3), stroke=2)
    assert panel.picture.status.startswith("the affine map has no inverse")
    assert panel.picture.handles == before and panel.picture.moved == {}  # by which the page knows


def test_a_state_is_taken_over_or_refused(panel):
    drag(panel, MIDDLE, (12, 40))
    panel.maps.value = "tps"
    text, other = json.dumps(panel.state), WarpPanel(Boxes()[1], matcher(0.25))
    assert other.apply(text) and other.maps.value == "tps" and other.picture.png == panel.picture.png
    shown = other.picture.png
    assert not other.apply(json.loads(text) | {"tps": [[0, 0]] * 9})
    assert other.picture.status == "state: tps has 9 rows of 2; expected 25 rows of 2 numbers"
    assert other.picture.png == shown


def test_a_thousand_moves_leave_nothing_behind(panel):
    def objects():
        gc.collect()
        return len(gc.get_objects())

    panel.look = lambda: (_ for _ in ()).throw(ValueError("not drawn"))  # drawing is tested elsewhere, and slow
    for step in range(300):
        drag(panel, MIDDLE, (step % 30, 30), stroke=step)
    before = objects()
    for step in range(1000):
        drag(panel, MIDDLE, (step % 30, 30), stroke=1000 + step)
    assert objects() - before < 200
    assert torch.isfinite(panel.hand.tps).all()
