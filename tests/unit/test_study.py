"""The study's panel: before the last vote nothing that goes to the page tells the methods apart."""

import gc
import json

import ipywidgets
import pytest
import torch

from warpgan.widgets import study as study_module
from warpgan.widgets.study import PreferenceStudy
from warpgan.widgets.study_trials import Trial, plan


def trials(count=3, reference=True):
    pictures = {"warped-method": torch.full((3, 16, 8), -0.5), "plain-method": torch.full((3, 16, 8), 0.5)}
    return [Trial(f"pair-{number}", pictures, torch.zeros(3, 16, 8) if reference else None) for number in range(count)]


@pytest.fixture
def clock(monkeypatch):
    """Give time that passes when it is told to: a second between two looks at it."""
    now = [0.0]

    def monotonic():
        now[0] += 1.0
        return now[0]

    monkeypatch.setattr(study_module, "monotonic", monotonic)
    return now


@pytest.fixture
def panel(tmp_path, clock):
    panel = PreferenceStudy(trials(), tmp_path / "votes.csv")
    panel.code.value = "ab12"
    return panel


def values(widget, found=None):
    """Everything that a page is told of a widget and of those in it."""
    found = [] if found is None else found
    found.append({key: value for key, value in widget.get_state().items() if key not in ("_esm", "_css", "png")})
    for child in getattr(widget, "children", ()):
        values(child, found)
    return json.dumps(found, default=str)


def test_nothing_in_the_page_tells_the_methods_before_the_last_vote(panel):
    assert panel.begin("ab12")
    for number in range(3):
        told = values(panel)
        assert "method" not in told and "pair-" not in told and f"Trial {number + 1} of 3" in told
        assert "method" not in json.dumps(panel.state)
        assert all(isinstance(side, ipywidgets.Button) and not side.disabled for side in (panel.left, panel.right))
        (panel.left, panel.right)[number % 2].click()
    assert "warped-method" in values(panel)


def test_left_is_what_lies_on_the_left(panel, tmp_path):
    panel.begin("ab12")
    for showing in plan(trials(), 0, "ab12"):
        sheet = panel.still()
        left, right = (sheet.getpixel((round(sheet.width * at), sheet.height // 2))[0] for at in (0.5, 0.85))
        assert (left < right) == (showing.left == "warped-method") and left != right
        panel.left.click()
    votes, _ = panel.votes.read()
    assert [vote.chosen for vote in votes] == [showing.left for showing in plan(trials(), 0, "ab12")]
    assert [vote.seconds for vote in votes] == ["1.00"] * 3 and {vote.shown for vote in votes} == {"1"}


def test_pictures_are_hidden_after_their_time_and_the_result_is_not(panel):
    assert panel.picture.seconds == 0 and panel.left.disabled
    assert panel.picture.alt.startswith("Two empty places")
    panel.begin("ab12")
    assert panel.picture.seconds == 1
    for _ in range(3):
        panel.vote("left")
    assert panel.picture.seconds == 0 and panel.left.disabled and panel.right.disabled


def test_the_same_code_goes_on_and_another_begins(panel, tmp_path):
    panel.begin("ab12")
    panel.vote("left")
    other = PreferenceStudy(trials(), tmp_path / "votes.csv")
    assert other.begin("ab12") and other.picture.status.startswith("Trial 2 of 3.")
    assert other.begin("cd34") and other.picture.status.startswith("Trial 1 of 3.")
    assert other.apply(panel.state) and other.session.rater == "ab12" and other.code.value == "ab12"


def test_the_end_has_shares_with_their_intervals(panel, tmp_path):
    panel.begin("ab12")
    chosen = []
    for showing in plan(trials(), 0, "ab12"):
        chosen.append("left" if showing.left == "plain-method" else "right")
        panel.vote(chosen[-1])
    assert "Chosen most often: plain-method 100 % (44 % to 100 %); warped-method 0 % (0 % to 56 %)." in (
        panel.picture.status
    )
    assert "3 of 3</td>" in panel.numbers.value and "Wilson, one rater" in panel.numbers.value
    other = PreferenceStudy(trials(), tmp_path / "votes.csv")
    other.begin("cd34")
    for _ in range(3):
        other.vote("left")
    assert "bootstrap over 2 raters" in other.numbers.value and "of 6</td>" in other.numbers.value


def test_a_foreign_file_is_told_and_left_alone(tmp_path):
    path = tmp_path / "marks.csv"
    path.write_text("name,mark\nAnna,1\n")
    panel = PreferenceStudy(trials(), path)
    assert panel.picture.status.startswith(f"{path}: not a file of votes; its first line is 'name,mark'")
    assert not panel.begin("ab12") and panel.left.disabled
    panel.vote("left")
    assert panel.picture.status == "press Start first" and path.read_text() == "name,mark\nAnna,1\n"


def test_another_study_s_file_is_told(panel, tmp_path):
    panel.begin("ab12")
    panel.vote("left")
    other = PreferenceStudy(trials(4), tmp_path / "votes.csv")
    assert "holds votes of another study" in other.picture.status


def test_a_vote_that_cannot_be_written_is_asked_again(panel, tmp_path):
    panel.begin("ab12")
    path = tmp_path / "votes.csv"
    path.mkdir()
    before = panel.picture.alt
    panel.vote("left")
    assert "a folder where a file is expected" in panel.picture.status and panel.picture.alt == before
    path.rmdir()
    panel.vote("left")
    assert panel.picture.status.startswith("Trial 2 of 3.")


def test_a_torn_line_is_told(panel, tmp_path):
    panel.begin("ab12")
    panel.vote("left")
    with (tmp_path / "votes.csv").open("a") as file:
        file.write("0123,ab")
    other = PreferenceStudy(trials(), tmp_path / "votes.csv")
    assert "line 3: no whole vote, not counted" in other.picture.status
    other.begin("ab12")
    assert "Trial 2 of 3" in other.picture.status and "line 3: no whole vote" in other.picture.status


@pytest.mark.parametrize("rater", ["Anna", 3, None])
def test_a_state_with_a_name_for_a_code_is_refused(panel, rater):
    assert not panel.apply(panel.state | {"rater": rater})
    assert panel.picture.status.startswith(f"rater: {rater!r} is no code") and panel.session is None


def test_a_second_click_of_a_double_click_is_no_vote(panel, clock, monkeypatch):
    panel.begin("ab12")
    monkeypatch.setattr(study_module, "monotonic", lambda: clock[0] + 0.05)
    panel.vote("left")
    assert "is not counted" in panel.picture.status and panel.session.done == 0


def test_wrong_arguments_are_refused(tmp_path):
    with pytest.raises(ValueError, match="seconds is -1; expected 0"):
        PreferenceStudy(trials(), tmp_path / "votes.csv", seconds=-1)
    with pytest.raises(ValueError, match="at least one trial"):
        PreferenceStudy([], tmp_path / "votes.csv")


def test_without_a_reference_there_are_two_pictures(tmp_path, clock):
    wide, narrow = (PreferenceStudy(trials(1, given), tmp_path / "v.csv").still() for given in (True, False))
    assert wide.width > narrow.width


def test_a_thousand_votes_leave_nothing_behind(tmp_path, clock):
    panel = PreferenceStudy(trials(1), tmp_path / "votes.csv")

    def turn(count):
        for number in range(count):
            panel.begin(f"r{number % 7}0")
        gc.collect()
        return len(gc.get_objects())

    before = turn(100)
    assert turn(1000) - before < 200
