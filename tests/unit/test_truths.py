"""Moved colours are the target's, visible joints lie on their own labels, and nobody shows the trunk.

The measures are those of `figures/truths.py` with the limits of `figures/people.py`, on a few people; and each measure
is shown to notice what it is there for.
"""

import numpy as np
import pytest

from figures import people, truths
from warpgan import labels

PEOPLE, PAIRED = 24, 12


@pytest.fixture(scope="module")
def small():
    """People in two poses at 128x64, with unlit colours."""
    return [truths.person(number, 2, (128, 64), extras=("unlit",)) for number in range(PEOPLE)]


def error(made, change=0.0):
    """Mean error of moved colours over all pairs of people, the correspondence changed by so many pixels."""
    total = pixels = 0
    for one in made:
        places = one["correspondences"]
        moved = {**one, "correspondences": np.where(places < 0, places, np.clip(places + change, 0, None))}
        for pair in ((0, 1), (1, 0)):
            more, count, _ = truths.pair_error(moved, *pair)
            total, pixels = total + more, pixels + count
    assert pixels > 500 * len(made)
    return total / pixels


def test_moved_colours_are_those_of_the_target(small):
    limit = people.CORRESPONDENCE[128, 64]
    assert error(small) < limit < error(small, change=4.0)


def test_moved_colours_are_closer_in_larger_pictures():
    made = [truths.person(number, 2, (256, 256), extras=("unlit",)) for number in range(PAIRED)]
    assert error(made) < people.CORRESPONDENCE[256, 256]


def test_a_known_map_is_followed_exactly():
    y, x = np.mgrid[:6, :8].astype(np.float64)
    values, corners = truths.bilinear(np.stack([x, y, x * y], -1), np.array([[2.25, 3.5], [7.0, 5.0], [7.4, -0.4]]))
    np.testing.assert_allclose(values, [[2.25, 3.5, 7.875], [7, 5, 35], [7, 0, 0]])
    assert set(map(tuple, corners[0])) == {(3, 2), (3, 3), (4, 2), (4, 3)}


def test_only_pixels_whose_rays_agree_are_compared(small):
    one = small[0]
    total, pixels, _ = truths.pair_error(one, 0, 1)
    nothing = truths.pair_error({**one, "pure": np.zeros_like(one["pure"])}, 0, 1)
    foreign = truths.pair_error({**one, "parsings": np.stack([one["parsings"][0], one["parsings"][1] + 1])}, 0, 1)
    assert total > 0 and pixels > 0 and nothing[:2] == foreign[:2] == (0, 0)


def counted(made):
    """Counts of `truths.joints` over people."""
    return sum(truths.joints(one)[0] for one in made)


def test_visible_joints_lie_on_the_body_and_on_labels_that_fit(small):
    counts = counted(small)
    limbs = counts[list(truths.LIMBS)].sum(0)
    assert limbs[0] > 15 * PEOPLE and (counts[:, 0] > 0).all()
    assert (counts[:, 1] == counts[:, 0]).all()
    assert limbs[2] >= people.FITTING * limbs[0]
    assert counts[:, 2].sum() >= people.FITTING * counts[:, 0].sum()


def test_exchanged_sides_and_shifted_joints_do_not_fit(small):
    order = np.arange(18)
    for left, right in labels.KEYPOINT_SWAPS:
        order[[left, right]] = right, left
    mirrored = [{**one, "keypoints": one["keypoints"][:, order], "visible": one["visible"][:, order]} for one in small]
    limbs = counted(mirrored)[list(truths.LIMBS)].sum(0)
    assert limbs[2] < 0.9 * limbs[0]
    shifted = [{**one, "keypoints": one["keypoints"] + np.float32([6, 0, 0])} for one in small]
    counts = counted(shifted).sum(0)
    assert counts[1] < 0.95 * counts[0] and counts[2] < 0.85 * counts[0]


def test_left_is_the_persons_own(small):
    fronts = backs = 0
    for one in small:
        for parsing, points in zip(one["parsings"], one["keypoints"]):
            gap = points[labels.LEFT_SHOULDER, 0] - points[labels.RIGHT_SHOULDER, 0]
            if abs(gap) < 10:
                continue
            if gap > 0:  # from the front the left shoulder is at the right of the picture, and there is a face
                fronts += 1
                assert (parsing == labels.FACE).sum() > 20
            else:
                backs += 1
                assert points[labels.NOSE, 2] == 0
            feet = points[labels.LEFT_ANKLE, 0] - points[labels.RIGHT_ANKLE, 0]
            shoes = [np.nonzero(parsing == label)[1] for label in (labels.LEFT_SHOE, labels.RIGHT_SHOE)]
            if abs(feet) > 4 and min(map(len, shoes)):
                assert (shoes[0].mean() > shoes[1].mean()) == (feet > 0)
    assert fronts and backs


def test_nobody_shows_the_trunk(small):
    assert sum((one["parsings"] == labels.TORSO_SKIN).any() for one in small) > 0.8 * PEOPLE  # necks do show
    bare = {number: truths.bare_pixels(number, one) for number, one in enumerate(small)}
    assert {number: pixels for number, pixels in bare.items() if pixels} == {}


def test_skin_through_cloth_and_below_it_is_noticed():
    parsing = np.zeros((40, 20), np.uint8)
    parsing[2:8, 7:13] = labels.FACE
    parsing[8:11, 8:12] = labels.TORSO_SKIN
    parsing[10:30, 4:16][parsing[10:30, 4:16] == 0] = labels.UPPER_CLOTHES
    points = np.zeros((18, 3), np.float32)
    points[[labels.NECK, *labels.TORSO]] = (9.5, 11, 1), (5, 11, 1), (14, 11, 1), (7, 29, 1), (12, 29, 1)
    assert not truths.bare_trunk(parsing, points).any()
    speck, waist, coat = parsing.copy(), parsing.copy(), parsing.copy()
    speck[13, 9] = labels.TORSO_SKIN
    waist[8:25, 9] = labels.TORSO_SKIN  # a neckline down to the waist
    coat[10:30, 4:9], coat[12, 9] = labels.COAT, labels.TORSO_SKIN
    assert list(zip(*np.nonzero(truths.bare_trunk(speck, points)))) == [(13, 9)]
    assert np.nonzero(truths.bare_trunk(waist, points))[0].min() == 16 and truths.bare_trunk(waist, points).sum() == 9
    assert not truths.bare_trunk(coat, points).any()
    throat, shoulder = parsing.copy(), parsing.copy()
    throat[11, 8:12], throat[12, 9] = labels.UPPER_CLOTHES, labels.TORSO_SKIN  # a sleeve before the neck
    shoulder[12, 5] = labels.TORSO_SKIN
    assert not truths.bare_trunk(throat, points).any() and truths.bare_trunk(shoulder, points).sum() == 1
    points[labels.LEFT_HIP] = 0
    with pytest.raises(ValueError, match="needs neck, shoulders and hips"):
        truths.bare_trunk(parsing, points)


def test_most_labels_occur_among_a_few_people(small):
    shown = np.array([truths.shown(one) for one in small]).mean(0)
    common = set(range(labels.NUM_LABELS)) - {labels.HAT, labels.GLOVE, labels.SUNGLASSES, labels.SCARF, labels.SKIRT}
    assert shown[sorted(common)].min() >= people.SHOWN
    assert shown[labels.BACKGROUND] == shown[labels.FACE] == 1
