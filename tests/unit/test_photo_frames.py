"""Framing: a joint stays on the pixel that it was on, there and back, whatever the photo's shape."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from photo_people import standing

from warpgan.photo_files import Photo, read_photo
from warpgan.photo_frames import frame_photo


def photo_of(height, width, value=90):
    return torch.full((3, height, width), value, dtype=torch.uint8)


@given(
    height=st.integers(60, 400),
    width=st.integers(60, 400),
    frame=st.sampled_from([(128, 64), (256, 256), (64, 96)]),
    seed=st.integers(0, 99),
)
def test_a_joint_stays_on_its_pixel(height, width, frame, seed):
    generator = torch.Generator().manual_seed(seed)
    x, y = (int(torch.randint(12, n - 12, (), generator=generator)) for n in (width, height))
    photo = photo_of(height, width, 0)
    photo[:, y - 3 : y + 4, x - 3 : x + 4] = 255  # a square around the joint
    keypoints = torch.zeros(18, 3)
    keypoints[1] = torch.tensor([x, y, 1.0])
    box = (max(x - 40, 0), max(y - 50, 0), x + 40, y + 50)
    framed = frame_photo(photo, frame, keypoints=keypoints, box=box, pad="edge")
    bright = (framed.image.mean(0) + 1) / 2
    rows, columns = torch.arange(frame[0]), torch.arange(frame[1])
    centre = torch.stack([(bright.sum(0) * columns).sum(), (bright.sum(1) * rows).sum()]) / bright.sum()
    torch.testing.assert_close(framed.keypoints[1, :2], centre, atol=0.06, rtol=0)
    torch.testing.assert_close(framed.keypoints_to_photo(framed.keypoints), keypoints, atol=1e-3, rtol=0)
    assert torch.equal(framed.keypoints[0], torch.zeros(3))


def test_the_whole_photo_of_the_frames_shape_is_only_resized():
    photo = torch.randint(0, 256, (3, 128, 64), dtype=torch.uint8)
    framed = frame_photo(photo, (128, 64))
    assert torch.equal(((framed.image + 1) * 127.5).round().to(torch.uint8), photo)
    assert framed.photo_box == framed.frame_box == (0, 0, 64, 128) and framed.notes == ()
    assert framed.image.min() >= -1 and framed.image.max() <= 1 and framed.keypoints is None
    assert torch.equal(framed.put_back(framed.image, photo), photo)


def test_shrinking_does_not_alias():
    stripes = photo_of(512, 256, 0)
    stripes[:, ::2] = 255  # lines of one pixel: grey from afar
    assert frame_photo(stripes, (128, 64)).image.abs().max() < 0.1


@pytest.mark.parametrize("pad, value", [("edge", 90), ("white", 255)])
def test_what_lies_beyond_the_photo_is_filled(pad, value):
    photo = photo_of(100, 300)
    photo[:, 40:60, 100:200] = 200  # somebody, not along the filled sides
    framed = frame_photo(photo, (128, 64), pad=pad)
    left, top, right, bottom = framed.frame_box
    assert (left, right) == (0, 64) and 50 < top < bottom < 78
    filled = torch.cat([framed.image[:, :top], framed.image[:, bottom:]], dim=1)
    torch.testing.assert_close(filled, torch.full_like(filled, value / 127.5 - 1))
    assert f"of the frame lie beyond the photo and are filled ({pad})" in framed.notes[0]


def test_the_fill_takes_the_colour_along_the_filled_sides_alone():
    photo = photo_of(200, 40, 30)
    photo[:, :, :3] = photo[:, :, -3:] = 220  # a light wall left and right of a dark coat
    photo[:, -5:] = 0  # a dark floor, where nothing is filled
    framed = frame_photo(photo, (128, 128))
    assert framed.image[0, 5, 5] == pytest.approx(220 / 127.5 - 1)


def test_a_person_is_cut_out_with_a_margin_and_in_the_middle():
    framed = frame_photo(photo_of(600, 900), (256, 128), keypoints=standing(200))
    present = framed.keypoints[framed.keypoints[:, 2] > 0]
    assert len(present) == 18
    assert 20 < present[:, 1].min() < 45 and 215 < present[:, 1].max() < 240
    assert abs(float(present[:, 0].mean()) - 63.5) < 3


def test_a_small_person_is_said_to_be_small():
    assert "enlarged 5." in frame_photo(photo_of(600, 900), (256, 128), box=(400, 300, 420, 345)).notes[0]


def test_parsings_follow_and_come_back():
    parsing = torch.zeros(300, 400, dtype=torch.int64)
    parsing[100:200, 150:250] = 5
    parsing[120:180, 170:230] = 13
    framed = frame_photo(photo_of(300, 400), (128, 64), box=(140, 90, 260, 210))
    inside = framed.parsing_to_frame(parsing)
    assert inside.shape == (128, 64) and set(inside.unique().tolist()) == {0, 5, 13}
    back = framed.put_back(inside)
    assert back.shape == parsing.shape and (back != parsing).float().mean() < 0.01
    with pytest.raises(ValueError, match="the parsing is 10 wide and 10 high, its photo 400 wide and 300 high"):
        framed.parsing_to_frame(torch.zeros(10, 10, dtype=torch.int64))


def test_a_result_is_laid_over_the_photo_and_nothing_else_changes():
    photo = photo_of(300, 400)
    framed = frame_photo(photo, (128, 64), box=(140, 90, 260, 210))
    back = framed.put_back(torch.ones(3, 128, 64), photo)
    left, top, right, bottom = framed.photo_box
    assert (back[:, top:bottom, left:right] == 255).all()
    back[:, top:bottom, left:right] = 90
    assert torch.equal(back, photo)
    for result, given_photo, sentence in (
        (torch.ones(3, 64, 64), photo, "the result is 64 wide and 64 high, the frame 64 wide and 128 high"),
        (torch.ones(3, 128, 64), None, "give the photo"),
        (torch.ones(3, 128, 64), photo_of(30, 40), "the photo is 40 wide and 30 high"),
    ):
        with pytest.raises(ValueError, match=sentence):
            framed.put_back(result, given_photo)


def test_keypoints_of_a_reduced_photo_are_in_the_files_pixels():
    photo = Photo(photo_of(300, 450), (600, 900))
    framed = frame_photo(photo, (256, 128), keypoints=standing(400))
    whole = frame_photo(photo_of(600, 900), (256, 128), keypoints=standing(400))
    torch.testing.assert_close(framed.keypoints, whole.keypoints, atol=1, rtol=0)
    torch.testing.assert_close(framed.keypoints_to_photo(framed.keypoints), standing(400), atol=1e-2, rtol=0)
    parsing = torch.zeros(600, 900, dtype=torch.int64)  # of the file, or of what was read
    assert framed.parsing_to_frame(parsing).shape == framed.parsing_to_frame(parsing[::2, ::2]).shape == (256, 128)


@pytest.mark.parametrize("shape", [(1, 4000), (4000, 1), (1, 1), (2000, 3)])
def test_extreme_shapes_fit(shape):
    framed = frame_photo(photo_of(*shape), (128, 64))
    assert framed.image.shape == (3, 128, 64) and (framed.image - (90 / 127.5 - 1)).abs().max() < 0.01


@pytest.mark.parametrize(
    "options, sentence",
    [
        ({"pad": "mirror"}, "pad is edge or white, got 'mirror'"),
        ({"keypoints": torch.zeros(18, 3)}, "no person, all 18 joints are missing"),
        ({"keypoints": torch.zeros(17, 3)}, r"keypoints are \[18, 3\]"),
        ({"keypoints": standing(2000)}, r"\d+ of 18 joints lie outside the photo \(400 wide and 300 high\)"),
    ],
)
def test_wrong_arguments_are_told(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        frame_photo(photo_of(300, 400), (128, 64), **options)


@pytest.mark.parametrize(
    "image", [torch.zeros(300, 400), torch.full((3, 9, 9), 200.0), torch.full((3, 9, 9), float("nan"))]
)
def test_other_pictures_are_refused(image):
    with pytest.raises(ValueError, match="a picture is"):
        frame_photo(image, (128, 64))


def test_a_joint_outside_the_frame_is_missing():
    keypoints = standing(200)
    framed = frame_photo(photo_of(600, 900), (256, 128), keypoints=keypoints, box=(120, 40, 180, 150))
    below = keypoints[:, 1] > 170
    assert (framed.keypoints[below] == 0).all() and framed.keypoints[0, 2] == 1


def test_the_skier_stands_in_the_frame(realdata):
    import json

    from warpgan.keypoints import from_coco17

    data = json.loads((realdata / "coco" / "test_coco.json").read_text())
    found = next(person for person in data["annotations"] if person["image_id"] == 785)
    keypoints = from_coco17(torch.tensor(found["keypoints"]).reshape(17, 3))
    framed = frame_photo(read_photo(realdata / "coco" / "000000000785.jpg"), (256, 176), keypoints=keypoints)
    assert int(framed.keypoints[:, 2].sum()) == 18
    left, top, width, height = found["bbox"]
    x0, y0, x1, y1 = framed.photo_box  # the annotator's box, which follows her outline, lies inside the cut
    assert x0 <= left and y0 <= top and left + width <= x1 and top + height <= y1
    assert framed.keypoints[0, 1] < framed.keypoints[1, 1] < framed.keypoints[8, 1] < framed.keypoints[10, 1]
