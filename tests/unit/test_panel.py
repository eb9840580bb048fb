"""What panels have in common: faults become sentences, a state is data, a still picture remains without a kernel."""

import gc
import json

import ipywidgets
import pytest
from PIL import Image

from warpgan.widgets.panel import Look, Panel
from warpgan.widgets.picture import Picture
from warpgan.widgets.slider import Slider


class Trial(Panel):
    """A panel that shows a grey."""

    NAME = "Trial"

    def __init__(self):
        self.grey = Slider("Grey", 0.5)
        self.grey.observe(self.refresh, "value")
        self.looks = 0
        super().__init__([self.grey])

    def look(self):
        self.looks += 1
        if self.grey.value == 0:
            raise ValueError("black cannot be seen")
        if self.grey.value == 1:
            raise FileNotFoundError(2, "No such file or directory", "runs/gone")
        level = int(255 * self.grey.value)
        return Look(Image.new("RGB", (4, 8), (level,) * 3), f"grey {level}", f"grey is {level}")

    def settings(self):
        return {"grey": self.grey.value}

    def use_settings(self, state):
        if not isinstance(state["grey"], float):
            raise ValueError(f"state: grey is {state['grey']!r}; expected a number")
        self.grey.value = state["grey"]


@pytest.fixture
def trial():
    return Trial()


def test_a_change_is_shown_and_said(trial):
    trial.grey.value = 0.2
    assert trial.still().getpixel((0, 0)) == (51,) * 3
    assert (trial.picture.alt, trial.picture.status) == ("grey 51", "grey is 51")
    assert trial.picture.took >= 0


@pytest.mark.parametrize("value, said", [(0, "black cannot be seen"), (1, "runs/gone: No such file or directory")])
def test_a_fault_is_a_sentence_and_the_picture_stays(trial, value, said):
    before = trial.picture.png
    trial.grey.value = value
    assert trial.picture.status == said and trial.picture.png == before


def test_a_fault_of_ours_is_not_hidden(trial, monkeypatch):
    monkeypatch.setattr(trial, "look", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        trial.refresh()


def test_a_state_comes_back_and_is_shown_once(trial):
    trial.grey.value = 0.25
    text, other = json.dumps(trial.state), Trial()
    looks = other.looks
    assert other.apply(text) and other.grey.value == 0.25 and other.looks == looks + 1
    assert other.state == trial.state == {"panel": "Trial", "version": 1, "grey": 0.25}


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "state: no JSON"),
        ("__import__('os').system('true')", "state: no JSON"),
        ("[1]", "state: expected an object of names and values, found list"),
        ('{"panel": "Gate", "version": 1, "grey": 0.1}', "state: panel is 'Gate'; this panel takes 'Trial'"),
        ('{"panel": "Trial", "version": 0, "grey": 0.1}', "state: version is 0; this panel takes 1"),
        ('{"panel": "Trial", "version": 1}', "state: 'grey' is missing"),
        ('{"panel": "Trial", "version": 1, "grey": 0.1, "gray": 1}', "state: 'gray' is unknown"),
        ('{"panel": "Trial", "version": 1, "grey": "0.1"}', "state: grey is '0.1'; expected a number"),
    ],
)
def test_a_wrong_state_changes_nothing_and_says_why(trial, text, said):
    assert not trial.apply(text)
    assert trial.picture.status.startswith(said) and trial.grey.value == 0.5


def test_the_buttons_write_and_apply_the_state(trial):
    *_, state = trial.children
    text, buttons = state.children
    write, read = buttons.children
    write.click()
    assert json.loads(text.value) == trial.state
    text.value = json.dumps(trial.state | {"grey": 0.75})
    read.click()
    assert trial.grey.value == 0.75


def test_a_page_without_a_kernel_has_the_picture_and_nothing_that_changes(trial):
    found = trial._repr_mimebundle_()
    data = found[0] if isinstance(found, tuple) else found
    assert data["text/plain"] == "<Trial>" and data["image/png"].startswith("iVBOR")
    assert "application/vnd.jupyter.widget-view+json" in data


@pytest.mark.parametrize(
    "message",
    [{}, {"index": 2, "x": 0, "y": 0}, {"index": -1, "x": 0, "y": 0}, {"index": 0, "x": "1", "y": 0},
     {"index": 0, "x": float("nan"), "y": 0}, {"index": 0, "x": float("inf"), "y": 0}, {"index": None, "x": 1, "y": 1},
     {"index": 0, "x": True, "y": 0}],
)
def test_a_move_that_nobody_can_have_made_is_ignored(message):
    picture, moves = Picture(), []
    picture.put_handles([[1, 2], None])
    picture.on_move(lambda *move: moves.append(move))
    picture.moved = message | {"serial": 1}
    assert moves == []
    picture.moved = {"index": 0, "x": 3, "y": 4.5, "serial": 2}
    assert moves == [(0, 3.0, 4.5)]


def test_the_page_is_answered(monkeypatch):
    picture, sent = Picture(), []
    monkeypatch.setattr(picture, "send", sent.append)
    picture._answer(picture, {"beat": 5}, [])
    picture._answer(picture, "beat", [])
    assert sent == [{"beat": 5}]


def test_a_number_stays_between_its_ends():
    slider = Slider("Gate", 0.5)
    slider.value = 7
    assert slider.value == 1 and isinstance(slider, ipywidgets.DOMWidget)


def test_a_thousand_changes_leave_nothing_behind(trial):
    def objects():
        gc.collect()
        return len(gc.get_objects())

    for step in range(100):
        trial.grey.value = 0.1 + 0.008 * (step % 100)
    before = objects()
    for step in range(1000):
        trial.grey.value = 0.1 + 0.008 * (step % 100)
    assert objects() - before < 200
