"""Pairs: the published rule on the published rows, names in every spelling, and lists that are not what they claim."""

import csv

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from warpgan.data import make_pairs
from warpgan.data.names import garment_name, group, key
from warpgan.data.pairs import read_names, read_pairs, read_partition, status
from warpgan.keypoints import read_annotation_csv


def person(*missing):
    joints = torch.ones(18, 3)
    joints[list(missing)] = 0
    return joints


# What makes it what it is


@pytest.mark.parametrize("prefix, rule, rows, valid, pairs", [
    ("fasion", "deepfashion", 454, 434, 480), ("market", "market1501", 468, 441, 1040),
])
def test_the_rule_gives_the_counts_of_the_published_rows(realdata, prefix, rule, rows, valid, pairs):
    people = read_annotation_csv(realdata / "posegan_csv" / f"{prefix}-annotation-test-small.csv")
    made = make_pairs(people, rule)
    states = [status(name, joints, rule) for name, joints in people.items()]
    assert (len(people), states.count("valid"), len(made)) == (rows, valid, pairs)
    assert len(set(made)) == pairs and all(one != other for one, other in made)
    assert {(other, one) for one, other in made} == set(made)
    listed = read_pairs(realdata / "posegan_csv" / f"{prefix}-pairs-test-small.csv")
    assert len(listed) == 200 and set(listed) <= set(made)  # every listed pair resolves, and the rule makes it


def test_every_hard_row_is_called_what_it_is(realdata):
    """Recounted from the files' own text, without any reader of this project."""
    for prefix, rule in (("fasion", "deepfashion"), ("market", "market1501")):
        path = realdata / "posegan_csv" / f"{prefix}-annotation-test-small.csv"
        people = read_annotation_csv(path)
        for row in csv.DictReader(path.open(), delimiter=":"):
            y = [int(word) for word in row["keypoints_y"].strip(" []").split(",")]
            torso = [y[joint] >= 0 for joint in (2, 5, 8, 11)]
            found = status(row["name"], people[row["name"]], rule)
            if prefix == "market" and row["name"].startswith(("-1", "0000")):
                assert found == {"-": "junk", "0": "distractor"}[row["name"][0]]
            elif max(y) < 0:
                assert found == "no person"
            elif not all(torso):
                assert found.startswith("part of a person: no ") and found.count("no ") == torso.count(False)
            else:
                assert found == "valid"


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 30), st.booleans()), max_size=25,
                unique_by=lambda row: row[:2]))
def test_pairs_are_all_ordered_pairs_of_valid_pictures_of_one_person(rows):
    people = {f"{who:04}_c1s1_{number:06}_00.jpg": person(*(() if good else (8,))) for who, number, good in rows}
    made = make_pairs(people, "market1501")
    wanted = [(one, other) for one in people for other in people
              if one != other and one[:4] == other[:4] != "0000" and people[one][8, 2] and people[other][8, 2]]
    assert sorted(made) == sorted(wanted)


def test_a_colour_of_an_item_is_a_garment_of_its_own():
    views = [f"{colour}_{view}" for colour in ("01", "02") for view in ("1front", "2side")]
    names = [f"fashionWOMENDressesid00000002{view}.jpg" for view in views]
    made = make_pairs({name: person() for name in names}, "deepfashion")
    assert made == [(names[0], names[1]), (names[1], names[0]), (names[2], names[3]), (names[3], names[2])]


def test_drawn_pairs_are_some_of_all_and_the_same_ones_again():
    people = {f"0001_c1s1_{i:06}_00.jpg": person() for i in range(9)}
    drawn = make_pairs(people, "market1501", count=20)
    assert len(set(drawn)) == 20 and set(drawn) < set(make_pairs(people, "market1501"))
    assert drawn == make_pairs(people, "market1501", count=20) != make_pairs(people, "market1501", count=20, seed=1)
    assert len(make_pairs(people, "market1501", count=1000)) == 72


# Names


SPELLINGS = [
    "img/WOMEN/Blouses_Shirts/id_00003372/03_3_back.jpg", "WOMEN/Blouses_Shirts/id_00003372/03_3_back.png",
    "/data/In-shop/Img/img_highres/WOMEN/Blouses_Shirts/id_00003372/03_3_back.jpg", "img\\WOMEN\\Blouses_Shirts\\"
    "id_00003372\\03_3_back.jpg", "fashionWOMENBlouses_Shirtsid0000337203_3back.jpg",
    "fasionWOMENBlousesShirtsid0000337203_3back.jpg", "fashionWOMENBlouses_Shirtsid0000337203_3back.jpg.npy",
    "train/fashionWOMENBlouses_Shirtsid0000337203_3back.png", "WOMEN-Blouses_Shirts-id_00003372-03_3_back.jpg",
    "img/WOMEN/Blouses_Shirts/id_00003372/03_3_back_keypoints.json", "fashionWOMENBlouses_Shirtsid0000337203_3back",
]


@pytest.mark.parametrize("name", SPELLINGS)
def test_every_spelling_is_one_picture(name):
    assert key(name) == "fashionWOMENBlousesShirtsid0000337203_3back"
    assert garment_name(name) == ("WOMEN", "BlousesShirts", "00003372", "03", "3back")
    assert group(name, "deepfashion") == "WOMENBlousesShirtsid0000337203"


def test_men_are_not_women_and_other_names_are_left_as_they_are():
    assert garment_name("fashionMENTees_Tanksid0000024201_2side.jpg").gender == "MEN"
    assert garment_name("fashionMENTees_Tanksid0000024201_2side_vis.png") is None
    assert key("train/0002_c1s1_000451_03.jpg") == "0002_c1s1_000451_03"
    assert key("out/train-00012-03.png") == "train-00012-03"
    assert group("train-00012-03.png", "deepfashion") == "train-00012" and group("0000_c1", "market1501") == "0000"


def test_no_two_published_names_share_a_key(realdata):
    for prefix in ("fasion", "market"):
        people = read_annotation_csv(realdata / "posegan_csv" / f"{prefix}-annotation-test-small.csv")
        assert len({key(name) for name in people}) == len(people)
        assert prefix == "market" or all(map(garment_name, people))


# Lists


def test_lists_of_both_forms(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbfto,from\r\nb.jpg,a.jpg\r\n\r\n")
    assert read_pairs(tmp_path / "a.csv") == [("a.jpg", "b.jpg")]
    (tmp_path / "a.txt").write_text("img/a.jpg  img/b.jpg  train\nimg/c.jpg img/d.jpg test\n")
    assert read_pairs(tmp_path / "a.txt", "test") == [("img/c.jpg", "img/d.jpg")]
    assert len(read_pairs(tmp_path / "a.txt")) == 2


@pytest.mark.parametrize("reader, name, content, words", [
    (read_pairs, "a.csv", b"name:keypoints_y\n", "first line is 'name:keypoints_y' where from,to is expected"),
    (read_pairs, "a.csv", b"from,to\na.jpg\n", "row 2: found 'a.jpg'; expected two names"),
    (read_pairs, "a.csv", b"from,to\na.jpg,\n", "row 2: .*expected two names"),
    (read_pairs, "a.csv", b"from,to\nx/a.jpg,a.png\n", "row 2: x/a.jpg is paired with itself"),
    (read_pairs, "a.csv", b"from,to\n", "holds no pair"), (read_pairs, "a.csv", b"", "first line is ''"),
    (read_pairs, "a.csv", b"from,to\n\xe9.jpg,b.jpg\n", "row 2: byte 1 is not UTF-8 text"),
    (read_pairs, "a.txt", b"a.jpg b.jpg sometimes\n", "row 1: .*expected two names and a split"),
    (read_pairs, "a.txt", b"a.jpg b.jpg train\n", "holds no pair of split test"),
    (read_names, "a.lst", b"a.jpg\nb.jpg\na.jpg\n", "row 3: a.jpg stands there a second time, first in row 1"),
    (read_names, "a.lst", b"\xff\xfe", "UTF-16 text; save it as UTF-8"),
    (read_partition, "p.txt", b"2\nheader\na.jpg id_1 train\n", "first line says '2' pictures and 1 lines follow"),
    (read_partition, "p.txt", b"1\nheader\na.jpg id_1 dev\n", "row 3: found 'a.jpg id_1 dev'"),
    (read_partition, "p.txt", b"1\nheader\na.jpg id_1 train\n", "no picture of split 'test'"),
    (read_partition, "p.txt", b"", "the first line says '' pictures and 0 lines follow"),
])
def test_lists_that_are_not_what_they_claim(tmp_path, reader, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"{name}.*{words}"):
        reader(path, "test") if reader is not read_names else reader(path)


@pytest.mark.parametrize("reader", [read_pairs, read_names])
def test_lists_that_are_not_there(tmp_path, reader):
    with pytest.raises(FileNotFoundError, match="a.csv: no such file"):
        reader(tmp_path / "a.csv")


def test_arguments_that_do_not_go():
    with pytest.raises(ValueError, match="deepfashion or market1501, found 'patn'"):
        make_pairs({}, "patn")
    with pytest.raises(ValueError, match="count of pairs is at least 1, found 0"):
        make_pairs({}, "market1501", count=0)
    assert make_pairs({}, "deepfashion") == []


def test_50_000_rows_make_pairs_in_seconds():
    people = {f"{i // 17:04}_c1s1_{i:06}_00.jpg": person() for i in range(17, 17_000)}
    assert len(make_pairs(people, "market1501")) == 999 * 17 * 16
    assert np.unique([len(name) for name in people]).tolist() == [23]
