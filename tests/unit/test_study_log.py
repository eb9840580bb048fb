"""A vote that was written is never lost, whatever happens after it; a file of something else is left alone."""

import os
from dataclasses import replace

import pytest
from scipy.stats import binomtest

from warpgan.metrics import bootstrap_interval
from warpgan.widgets.study_log import COLUMNS, Vote, VoteLog, interval, read_votes, summary

VOTE = Vote("0123456789ab", "ab12", "pair-0", "ours", "theirs", "ours", "1", "2.50")


@pytest.fixture
def log(tmp_path):
    return VoteLog(tmp_path / "study" / "votes.csv", VOTE.study)


def fill(log, choices):
    """One rater a text, "o" for ours and "t" for theirs."""
    for rater, text in enumerate(choices):
        for number, letter in enumerate(text):
            chosen = {"o": "ours", "t": "theirs"}[letter]
            log.append(replace(VOTE, rater=f"r{rater}", trial=f"pair-{number}", chosen=chosen))


def test_votes_come_back_in_order_whatever_is_in_their_names(log):
    votes = [VOTE, replace(VOTE, trial='a, "b" <c> é'), replace(VOTE, left='x,"', right=" y", chosen='x,"')]
    assert log.read() == ([], [])
    for number, vote in enumerate(votes):
        log.append(vote)
        assert log.read() == (votes[: number + 1], [])
    assert log.path.read_text().splitlines()[0] == ",".join(COLUMNS)


def test_wherever_the_last_line_is_cut_the_votes_before_it_stay_and_the_next_one_is_whole(log):
    log.append(VOTE)
    start = log.path.stat().st_size
    last = replace(VOTE, trial="pair, 1", left="ours, too", right="ours", chosen="ours, too")
    log.append(last)
    whole = log.path.read_bytes()
    for end in range(start + 1, len(whole) - 1):
        log.path.write_bytes(whole[:end])
        votes, (torn,) = log.read()
        assert votes == [VOTE] and "line 3: no whole vote, not counted and left as it is" in torn
        log.append(last)
        votes, torn = log.read()
        assert votes == [VOTE, last] and len(torn) == 1
        assert log.path.read_bytes().startswith(whole[:end] + b"\n")  # what was there is still there
    log.path.write_bytes(whole[:-1])  # only the end of the line is missing: the vote is whole
    assert log.read() == ([VOTE, last], [])


def test_each_vote_is_on_the_disk_before_the_next_is_asked(log, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_size))
    log.append(VOTE)
    log.append(replace(VOTE, trial="pair-1"))
    assert len(synced) == 2 and synced[1] == log.path.stat().st_size > synced[0]


@pytest.mark.parametrize(
    "text, said",
    [("", "no vote yet"), ("a,b\n1,2\n", "not a file of votes; its first line is 'a,b', expected 'study,rater"),
     ("PK\x03\x04", "its first line is holds the control character"), (b"\xff\xfea\x00", "UTF-16"),
     (",".join(COLUMNS) + ",name\n", "not a file of votes"), ('"' + "x" * 70000, "a line of more than 65536 bytes")],
)
def test_a_file_of_something_else_is_refused_and_left_alone(tmp_path, text, said):
    path = tmp_path / "other.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ValueError, match=said):
        summary(path)
    if text:
        with pytest.raises(ValueError, match="other.csv"):
            VoteLog(path, VOTE.study).read()


def test_a_file_of_another_study_is_refused(log):
    log.append(VOTE)
    with pytest.raises(ValueError, match=r"votes.csv: holds votes of another study \(0123456789ab, with other trials"):
        VoteLog(log.path, "ba9876543210").read()


def test_what_cannot_be_written_or_read_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="file/votes.csv: the vote could not be written"):
        VoteLog(tmp_path / "file" / "votes.csv", VOTE.study).append(VOTE)
    with pytest.raises(ValueError, match="a folder where a file is expected"):
        VoteLog(tmp_path, VOTE.study).read()
    with pytest.raises(FileNotFoundError, match="gone.csv: no such file"):
        read_votes(tmp_path / "gone.csv")


def test_a_summary_counts_what_was_chosen_where_it_was_shown(log):
    fill(log, ["ooot", "otot"])
    log.append(replace(VOTE, rater="r2", left="third", chosen="third"))
    frame = summary(log.path)
    assert list(frame.index) == ["third", "ours", "theirs"]
    assert frame.loc["ours", ["chosen", "shown", "raters"]].tolist() == [5, 8, 2]
    assert frame.loc["theirs", ["chosen", "shown", "raters"]].tolist() == [3, 9, 3]
    expected = bootstrap_interval([1, 1, 1, 0, 1, 0, 1, 0], ["r0"] * 4 + ["r1"] * 4)
    assert frame.loc["ours", ["share", "low", "high"]].tolist() == pytest.approx(expected)


@pytest.mark.parametrize("text", ["ooot", "oooo", "t"])
def test_of_one_rater_the_interval_is_wilson_s(log, text):
    fill(log, [text])
    row = summary(log.path).loc["ours"]
    oracle = binomtest(text.count("o"), len(text)).proportion_ci(0.95, "wilson")
    assert (row["share"], row["low"], row["high"]) == pytest.approx((text.count("o") / len(text), *oracle))


def test_two_raters_who_differ_make_it_less_sure_than_ten_who_agree():
    even = interval([1, 0] * 10, [f"r{number}" for number in range(10) for _ in range(2)])
    apart = interval([1] * 10 + [0] * 10, ["a"] * 10 + ["b"] * 10)
    assert even == (0.5, 0.5, 0.5) and apart == (0.5, 0.0, 1.0)


def test_several_files_are_gathered_and_copies_and_others_refused(log, tmp_path):
    fill(log, ["oo"])
    second = VoteLog(tmp_path / "second.csv", VOTE.study)
    second.append(replace(VOTE, rater="zz", chosen="theirs"))
    assert summary([log.path, second.path]).loc["ours", ["chosen", "shown", "raters"]].tolist() == [2, 3, 2]
    copy = tmp_path / "copy.csv"
    copy.write_bytes(log.path.read_bytes())
    with pytest.raises(ValueError, match="copy.csv: rater r0 has voted on 'pair-0' already, in .*votes.csv"):
        summary([log.path, copy])
    VoteLog(tmp_path / "far.csv", "f" * 12).append(replace(VOTE, study="f" * 12))
    with pytest.raises(ValueError, match="far.csv: votes of study ffffffffffff, but .*votes.csv has those of 0123"):
        summary([log.path, tmp_path / "far.csv"])


def test_what_a_summary_leaves_out_is_told(log):
    fill(log, ["oo"])
    fill(log, ["t"])  # the same rater, in a second page
    with log.path.open("a") as file:
        file.write("0123456789ab,r1,pai")
    with pytest.warns(UserWarning, match="no whole vote"):
        frame = summary(log.path)
    assert frame.loc["ours", "shown"] == 2
    assert ["line 5" in one or "a second vote of rater r0 on 'pair-0'" in one for one in frame.attrs["left_out"]] == [
        True, True,
    ]
