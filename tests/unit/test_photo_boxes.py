"""Boxes: a person stays whole and in the middle, and the photo's shape becomes the frame's."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from photo_people import standing

from warpgan.labels import KEYPOINTS
from warpgan.photo_boxes import BEYOND, MARGIN, person_box, rectangles, with_margin

side = st.integers(1, 3000)


@given(photo=st.tuples(side, side), size=st.tuples(st.integers(1, 300), st.integers(1, 300)), data=st.data())
def test_rectangles_are_whole_inside_and_of_one_scale(photo, size, data):
    left, top = data.draw(st.floats(0, photo[1] - 0.5)), data.draw(st.floats(0, photo[0] - 0.5))
    right = data.draw(st.floats(left + 0.25, photo[1], exclude_min=True))
    bottom = data.draw(st.floats(top + 0.25, photo[0], exclude_min=True))
    (x0, y0, x1, y1), (u0, v0, u1, v1) = rectangles((left, top, right, bottom), photo, size)
    assert 0 <= x0 < x1 <= photo[1] and 0 <= y0 < y1 <= photo[0]
    assert 0 <= u0 < u1 <= size[1] and 0 <= v0 < v1 <= size[0]
    scale = min(size[1] / (right - left), size[0] / (bottom - top))
    assert x0 <= left + 0.5 + 0.5 / scale and right - 0.5 - 0.5 / scale <= x1  # what the box holds is shown
    assert abs((u1 - u0) - (x1 - x0) * scale) <= 1 + scale and abs((v1 - v0) - (y1 - y0) * scale) <= 1 + scale


def test_a_box_grows_evenly_to_the_shape_of_the_frame():
    photo_box, frame_box = rectangles((400, 100, 500, 500), (600, 1000), (256, 128))
    assert photo_box == (350, 100, 550, 500) and frame_box == (0, 0, 128, 256)
    # At the photo's edge it does not slide: the person stays in the middle, and the rest is filled.
    photo_box, frame_box = rectangles((0, 100, 100, 500), (600, 1000), (256, 128))
    assert photo_box == (0, 100, 150, 500) and frame_box == (32, 0, 128, 256)


@pytest.mark.parametrize(
    "cut, expected", [("bottom", (0, 32, 128, 128)), ("top", (0, 0, 128, 96)), ("", (0, 16, 128, 112))]
)
def test_a_cut_body_ends_at_the_frames_edge(cut, expected):
    sides = tuple(side == cut for side in ("left", "top", "right", "bottom"))
    assert rectangles((0, 0, 400, 300), (300, 400), (128, 128), sides) == ((0, 0, 400, 300), expected)


def test_the_margin_is_a_share_of_the_longer_side_and_ends_with_the_photo():
    uncut = (False,) * 4
    assert with_margin((100, 100, 150, 200), (400, 300), 0.1) == ((90, 90, 160, 210), uncut)
    box, cut = with_margin((2, 100, 150, 398), (400, 300), 0.1)
    assert box == pytest.approx((0, 70.2, 179.8, 400)) and cut == uncut
    assert with_margin((-2, 100, 300, 398), (400, 300), 0.1)[1] == (True, False, True, False)
    assert with_margin((20, -5, 150, 401), (400, 300), 0.1)[1] == (False, False, False, True)
    assert with_margin(None, (400, 300), 0.1) == ((0, 0, 300, 400), uncut)


@pytest.mark.parametrize(
    "box", [(10, 10, 10, 20), (20, 10, 10, 20), (300, 0, 310, 9), (-9, 0, 0, 9), (0, 0, float("nan"), 9)]
)
def test_boxes_of_nothing_are_refused(box):
    with pytest.raises(ValueError, match="holds nothing of the photo .300 wide and 400 high."):
        with_margin(box, (400, 300), MARGIN)


def test_the_body_reaches_beyond_its_joints():
    left, top, right, bottom = person_box(standing(200))
    assert (left, right) == pytest.approx((130.5 - 200 * BEYOND["left"], 170.5 + 200 * BEYOND["right"]))
    assert (top, bottom) == pytest.approx((50.5 - 200 * BEYOND["top"], 250.5 + 200 * BEYOND["bottom"]))


def test_hair_is_as_high_where_only_the_upper_body_is_seen():
    upper = standing(200)
    for joint, name in enumerate(KEYPOINTS):
        if name.endswith(("knee", "ankle")):
            upper[joint] = 0
    assert person_box(upper)[1] == pytest.approx(person_box(standing(200))[1])


def test_nine_in_ten_rendered_people_lie_inside_their_boxes(tmp_path_factory):
    from warpgan.data import RenderedPeople

    people, inside, count = RenderedPeople("val", size=(128, 88), people=4, poses=4), 0, 0
    for index in range(people.num_pictures):
        picture = people.pictures(index)
        y, x = torch.nonzero(picture["parsing"] > 0, as_tuple=True)
        (left, top, right, bottom), _ = with_margin(person_box(picture["keypoints"]), (128, 88), MARGIN)
        inside += (x + 0.5 > left).sum() + (x + 0.5 < right).sum() + (y + 0.5 > top).sum() + (y + 0.5 < bottom).sum()
        count += 4 * len(x)
    assert float(inside) / count > 0.999
