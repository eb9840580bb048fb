"""Order and sides depend on the seed and the rater alone, and sides say nothing about the method."""

import pytest
import torch
from scenes import Boxes

from warpgan import evaluation
from warpgan.widgets.study_log import Vote, VoteLog
from warpgan.widgets.study_trials import Session, Trial, fingerprint, plan, trials_of

METHODS = {"copy": evaluation.copy, "paint": evaluation.paint}


def trials(count):
    grey = {"ours": torch.zeros(3, 4, 2), "theirs": torch.ones(3, 4, 2)}
    return [Trial(f"pair-{number:03d}", grey) for number in range(count)]


def test_a_plan_is_the_seed_s_and_the_rater_s_own():
    def seen(*arguments):
        return [(one.trial.name, one.left, one.right) for one in plan(*arguments)]

    many = trials(40)
    assert seen(many, 0, "ab") == seen(many[::-1], 0, "ab")
    plans = [seen(many, 0, "ab"), seen(many, 1, "ab"), seen(many, 0, "ac")]
    for which in (0, 1):
        assert len({tuple(row[which] for row in one) for one in plans}) == 3
    for one in plans:
        assert sorted(row[0] for row in one) == [trial.name for trial in many]
        assert all({row[1], row[2]} == {"ours", "theirs"} for row in one)


def test_each_method_lies_on_each_side_half_of_the_time():
    shown = [one.left for rater in range(50) for one in plan(trials(40), 0, f"r{rater}")]
    assert abs(shown.count("ours") / 2000 - 0.5) < 0.04


def test_a_session_asks_each_trial_once_and_goes_on_where_it_was_left(tmp_path):
    many = trials(5)
    log = VoteLog(tmp_path / "votes.csv", fingerprint(many))
    session, asked = Session(many, log, "ab12"), []
    for number in range(5):
        if number == 2:
            session = Session(many, log, "ab12")
        assert session.done == number
        asked.append(session.current)
        session.vote(("left", "right")[number % 2], shown=1.0, seconds=1.234)
    assert session.current is None and Session(many, log, "ab12").current is None
    assert asked == plan(many, 0, "ab12")
    votes, _ = log.read()
    assert votes == [
        Vote(log.study, "ab12", one.trial.name, one.left, one.right, (one.left, one.right)[number % 2], "1", "1.23")
        for number, one in enumerate(asked)
    ]
    assert Session(many, log, "other").done == 0
    with pytest.raises(ValueError, match="everything has been answered"):
        session.vote("left", shown=1.0, seconds=1)


def test_one_rater_in_two_pages_is_counted_once(tmp_path):
    many = trials(2)
    log = VoteLog(tmp_path / "votes.csv", fingerprint(many))
    first, second = Session(many, log, "ab"), Session(many, log, "ab")
    first.vote("left", shown=1, seconds=1)
    second.vote("right", shown=1, seconds=1)
    assert len(log.read()[0]) == 1 and second.done == 1


def test_a_vote_that_does_not_count_is_asked_again(tmp_path):
    many = trials(2)
    log = VoteLog(tmp_path / "votes.csv", fingerprint(many))
    session = Session(many, log, "ab")
    with pytest.raises(ValueError, match="after 0.05 s is not counted"):
        session.vote("left", shown=1, seconds=0.05)
    log.path.write_text("something else\n")
    with pytest.raises(ValueError, match="not a file of votes"):
        session.vote("left", shown=1, seconds=1)
    assert session.done == 0 and log.path.read_text() == "something else\n"


@pytest.mark.parametrize("code", ["", "a", "Anna", "Anna Maria", "a" * 13, "ab\n", "=1+1", None, 3])
def test_a_rater_is_a_code(tmp_path, code):
    with pytest.raises(ValueError, match="is no code; expected 2 to 12 small letters and digits"):
        Session(trials(1), VoteLog(tmp_path / "votes.csv", "x"), code)


def test_studies_differ_by_names_and_methods_and_not_by_order_or_pixels():
    many = trials(3)
    other = Trial("pair-000", {"theirs": torch.zeros(3, 4, 2), "ours": torch.zeros(3, 4, 2)})
    assert fingerprint(many) == fingerprint([*many[:0:-1], other])
    renamed = Trial("pair-000", {"ours": torch.zeros(3, 4, 2), "third": torch.zeros(3, 4, 2)})
    prints = {fingerprint(many), fingerprint(many[:2]), fingerprint([renamed, *many[1:]])}
    assert len(prints) == 3
    for wrong, said in (([], "at least one trial"), ([*many, many[0]], "'pair-000' stands twice")):
        with pytest.raises(ValueError, match=said):
            fingerprint(wrong)


@pytest.mark.parametrize(
    "name, pictures, said",
    [("a", {"x": (3, 4, 2)}, "1 pictures; expected those of two methods"), ("", {"x": (3, 4, 2), "y": (3, 4, 2)}, "''"),
     ("a", {"x": (3, 4, 2), "y\n": (3, 4, 2)}, "is no name"), ("a", {"x": (4, 2), "y": (4, 2)}, "found \\[4, 2\\]"),
     ("a", {"x": (3, 4, 2), "y": (3, 4, 3)}, "pictures of sizes \\[4, 2\\] and \\[4, 3\\]")],
)
def test_what_is_no_trial_is_refused(name, pictures, said):
    with pytest.raises(ValueError, match=said):
        Trial(name, {method: torch.zeros(shape) for method, shape in pictures.items()})


def test_pictures_out_of_range_are_refused():
    with pytest.raises(ValueError, match="expected a picture .* from 0 to 255"):
        Trial("a", {"x": torch.zeros(3, 2, 2), "y": torch.tensor([0.0, 255.0]).expand(3, 2, 2)})


def test_trials_are_made_of_two_methods_of_the_table():
    data = Boxes(6)
    made = trials_of(METHODS, data, 3)
    assert [trial.name for trial in made] == [data[i]["name"] for i in (0, 2, 4)]
    assert torch.equal(made[1].pictures["copy"], data[2]["condition_image"])
    assert torch.equal(made[1].reference, data[2]["condition_image"])
    assert torch.equal(made[1].pictures["paint"], data[2]["target_image"])
    with pytest.raises(ValueError, match="1 methods: copy; a study compares two"):
        trials_of({"copy": evaluation.copy}, data, 3)
