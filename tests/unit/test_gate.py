"""The gate panel's controls: one slider holds the gate, another one shows its channel, and a state comes back."""

import json

import pytest
from scenes import Boxes, untrained

from warpgan.widgets.gate import GatePanel


@pytest.fixture
def panel():
    return GatePanel([Boxes(4)[index] for index in range(4)], untrained())


def test_moving_the_slider_holds_the_gate_and_shows_it_once(panel, monkeypatch):
    assert panel.picture.status.startswith("Trained gate (learned_channel), both maps")
    looks, look = [], panel.look
    monkeypatch.setattr(panel, "look", lambda: looks.append(1) or look())
    panel.value.value = 0.25
    assert panel.gate.value == "forced" and len(looks) == 1
    assert panel.picture.status.startswith("Gate held at 0.25, both maps: mean gate on the person 0.250")
    assert "Gate held at 0.25, both maps." in panel.picture.alt


def test_moving_the_channels_slider_shows_that_channel(panel):
    assert panel.norm.value and "norm of the features over channels" in panel.picture.alt
    panel.channel.value = 3
    assert not panel.norm.value and "features of channel 3" in panel.picture.alt
    panel.channel.value = 2.4  # typed: between two channels
    assert "features of channel 2" in panel.picture.alt
    panel.norm.value = True
    assert "norm of the features over channels" in panel.picture.alt


def test_pairs_have_their_names_and_are_chosen(panel):
    assert [text for text, _ in panel.pair.options] == ["0: box-0_0-1", "1: box-0_1-1", "2: box-1_0-1", "3: box-1_1-1"]
    panel.pair.value = 2
    assert panel.picture.alt.startswith("Pair box-1_0-1.")


@pytest.mark.parametrize(
    "change",
    [
        {"pair": 3, "gate": "forced", "value": 0.15, "maps": "affine", "channel": 4},
        {"pair": 1, "gate": "literal", "value": 0.8, "maps": "none", "channel": None},
        {"pair": 0, "gate": "learned", "value": 1, "maps": "tps", "channel": 0},
    ],
)
def test_a_state_comes_back(panel, change):
    state = {"panel": "The gate", "version": 1} | change
    assert panel.apply(json.dumps(state)) and panel.state == state


def test_a_wrong_state_changes_nothing(panel):
    before, png = panel.state, panel.picture.png
    wrong = before | {"pair": 2, "value": 0.9, "channel": 1, "gate": "open"}
    assert not panel.apply(wrong)
    assert panel.picture.status == "state: gate is 'open'; expected one of learned, literal, forced"
    assert panel.state == before and panel.picture.png == png


def test_a_pair_that_vanished_is_a_sentence_and_the_picture_stays():
    class Leaving(Boxes):
        def __getitem__(self, index):
            if self.gone:
                raise FileNotFoundError(2, "No such file or directory", "pictures/one.jpg")
            return super().__getitem__(index)

    pairs = Leaving(4)
    pairs.gone = False
    panel = GatePanel(pairs, untrained())
    pairs.gone, png = True, panel.picture.png
    panel.pair.value = 1
    assert panel.picture.status == "pictures/one.jpg: No such file or directory" and panel.picture.png == png


def test_without_a_block_there_is_no_panel():
    with pytest.raises(ValueError, match="this generator has no warping-block"):
        GatePanel(Boxes(2), untrained(warping=False))
