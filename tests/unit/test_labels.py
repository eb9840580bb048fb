"""The vocabulary: orders, mirror swaps and colours."""

import pytest

from warpgan import labels
from warpgan.labels import KEYPOINT_SWAPS, KEYPOINTS, LABEL_COLOURS, LABEL_SWAPS, LABELS, VOC_COLOURS


@pytest.mark.parametrize("names, swaps", [(LABELS, LABEL_SWAPS), (KEYPOINTS, KEYPOINT_SWAPS)])
def test_swaps_pair_every_left_with_its_right(names, swaps):
    sided = {name for name in names if name.startswith(("left-", "right-"))}
    assert {names[i] for pair in swaps for i in pair} == sided
    for one, other in swaps:
        assert {names[one].partition("-")[0], names[other].partition("-")[0]} == {"left", "right"}
        assert names[one].partition("-")[2] == names[other].partition("-")[2]


def test_face_joints_are_right_first():
    assert KEYPOINTS[14:] == ("right-eye", "left-eye", "right-ear", "left-ear")


def test_named_indices_agree_with_the_lists():
    for index, name in enumerate(LABELS):
        assert getattr(labels, name.upper().replace("-", "_")) == index
    for index, name in enumerate(KEYPOINTS):
        assert getattr(labels, name.upper().replace("-", "_")) == index


def test_voc_colours_are_the_bit_pattern_of_pascal():
    for label, colour in enumerate(VOC_COLOURS):
        expected = [0, 0, 0]
        for place in range(8):
            for channel in range(3):
                expected[channel] |= (label >> (3 * place + channel) & 1) << (7 - place)
        assert list(colour) == expected


def test_every_label_has_its_own_colour_in_both_tables():
    assert len(set(LABEL_COLOURS)) == len(set(VOC_COLOURS)) == len(LABELS) == labels.NUM_LABELS == 20
    assert len(labels.KEYPOINT_COLOURS) == len(KEYPOINTS) == labels.NUM_KEYPOINTS == 18


def test_limbs_form_one_tree_over_all_joints():
    reached = {labels.NECK}
    for _ in labels.LIMBS:
        reached |= {joint for limb in labels.LIMBS for joint in limb if reached & set(limb)}
    assert reached == set(range(18)) and len(labels.LIMBS) == 17


def test_sides_are_drawn_in_warm_and_cold_hues():
    for name, (red, _, blue) in zip(KEYPOINTS, labels.KEYPOINT_COLOURS, strict=True):
        if name.startswith("right-"):
            assert red > blue
        elif name.startswith("left-"):
            assert blue > red


def test_clothing_is_cloth():
    assert {LABELS[i] for i in labels.CLOTHING} == {
        "upper-clothes", "dress", "coat", "socks", "pants", "scarf", "skirt"
    }
