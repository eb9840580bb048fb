"""The preference study in a real browser: pictures are shown and hidden, votes are written, and it is gone on with."""

import csv
import re
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

sys.path.insert(0, str(Path(__file__).parent))

from conftest import violations

CODE = """
import torch
from warpgan.widgets.study import PreferenceStudy
from warpgan.widgets.study_trials import Trial

pictures = {"warped-method": torch.full((3, 64, 32), -0.5), "plain-method": torch.full((3, 64, 32), 0.5)}
trials = [Trial(f"hiddenname-{number}", pictures, torch.zeros(3, 64, 32)) for number in range(3)]
study = PreferenceStudy(trials, OUT, seconds=1)
study
"""
HIDDEN = "The picture was shown for 1 s and is hidden now."


@pytest.fixture
def out(tmp_path):
    return tmp_path / "votes.csv"


@pytest.fixture
def open_study(open_panel, out):
    return lambda: open_panel(CODE.replace("OUT", repr(str(out))))


def rows(path):
    return list(csv.DictReader(path.read_text().splitlines()))


def begin(page, code):
    page.get_by_label("Rater's code").fill(code)
    page.get_by_role("button", name="Start or go on").click()


def test_pictures_are_hidden_votes_are_written_and_the_study_is_gone_on_with(open_study, out):
    page = open_study()
    status, left, right = (page.get_by_role("status"), *(page.get_by_role("button", name=n) for n in ("Left", "Right")))
    expect(page.get_by_alt_text("Two empty places, left and right")).to_be_visible()
    expect(left).to_be_disabled()
    begin(page, "ab12")
    shown = page.get_by_alt_text("Trial 1 of 3: the person, and beside them two pictures, one on the left and one on")
    expect(shown).to_be_visible()
    box = shown.bounding_box()
    gone = page.get_by_alt_text(HIDDEN)
    expect(gone).to_be_visible()
    expect(status).to_have_text(f"Trial 1 of 3. Which picture shows the person more truly? {HIDDEN}")
    assert gone.bounding_box() == box and gone.evaluate("image => image.naturalWidth") == 1
    assert violations(page) == []
    html = page.content()
    assert not re.search("warped-method|plain-method|hiddenname", html)

    left.click()
    expect(page.get_by_alt_text("Trial 2 of 3:")).to_be_visible()
    assert [(row["rater"], row["chosen"]) for row in rows(out)] == [("ab12", rows(out)[0]["left"])]
    expect(gone).to_be_visible()
    right.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_alt_text("Trial 3 of 3:")).to_be_visible()
    assert rows(out)[1]["chosen"] == rows(out)[1]["right"]
    page.close()

    page = open_study()
    begin(page, "ab12")
    expect(page.get_by_alt_text("Trial 3 of 3:")).to_be_visible()
    expect(page.get_by_alt_text(HIDDEN)).to_be_visible()
    page.get_by_role("button", name="Right").click()
    expect(page.get_by_role("status")).to_contain_text("All 3 trials are answered, thank you.")
    expect(page.get_by_role("table").get_by_role("rowheader")).to_have_count(2)
    page.wait_for_timeout(1500)
    expect(page.get_by_alt_text("A bar for each method")).to_be_visible()
    assert len(rows(out)) == 3 and len({row["trial"] for row in rows(out)}) == 3
    assert violations(page) == []


def test_a_foreign_file_and_a_name_for_a_code_show_their_sentences(open_study, out):
    out.write_text("name,mark\n")
    page = open_study()
    expect(page.get_by_role("status")).to_contain_text("not a file of votes; its first line is 'name,mark'")
    out.unlink()
    begin(page, "Anna")
    expect(page.get_by_role("status")).to_contain_text("'Anna' is no code; expected 2 to 12 small letters and digits")
    begin(page, "cd34")
    expect(page.get_by_alt_text("Trial 1 of 3:")).to_be_visible()
