"""Styles of the rendered people: a picture is changed where it may be, and framed, lit and set as its name says."""

from functools import lru_cache

import numpy as np
import pytest

from warpgan.people.body import load_body
from warpgan.people.figure import eighteen
from warpgan.people.framing import FRAMES
from warpgan.people.styles import STYLES, style

NATIVE = {"plain": (128, 64), "deepfashion": (256, 256), "market": (128, 64)}
NOSE, NECK, HIPS, KNEES, ANKLES = 0, 1, [8, 11], [9, 12], [10, 13]


@lru_cache
def person(squeeze=1.0):
    """The average body at rest, standing before the camera: points [N, 3] and joints [18, 3]."""
    body = load_body()
    points = body.mean[np.unique(body.faces["body"])[::3]].astype(np.float64)
    middle = np.append(points[:, :2].mean(0), 0.5 * (points[:, 2].min() + points[:, 2].max()))
    narrow = np.array([squeeze, 1.0, 1.0])
    return (points - middle) * narrow, (eighteen(body.joints(body.mean)) - middle) * narrow


def generator(*key):
    return np.random.default_rng(np.random.SeedSequence(11, spawn_key=key))


def views(name, count, size=None, squeeze=0.6):
    """Pixel coordinates [count, N, 2] of the points and [count, 18, 2] of the joints under drawn cameras."""
    points, joints = person(squeeze)
    cameras = [style(name).frame(points, joints, size or NATIVE[name], generator(k)) for k in range(count)]
    return np.stack([c.project(points) for c in cameras]), np.stack([c.project(joints) for c in cameras])


@pytest.mark.parametrize("name", STYLES)
def test_finish_moves_nothing_that_a_label_belongs_to(name):
    height, width = NATIVE[name]
    y, x = np.mgrid[:height, :width]
    places = []
    for k in range(40):
        at = np.array([0.5 * width + 3.3, 0.4 * height - 2.7])
        blob = 200 * np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / (2 * (0.06 * height) ** 2))
        image = np.repeat((30 + blob).astype(np.uint8)[..., None], 3, axis=2)
        bright = style(name).finish(image, generator(k)).mean(2)
        bright = np.clip(bright - np.median(bright) - 25, 0, None)
        places.append(np.array([(bright * x).sum(), (bright * y).sum()]) / bright.sum() - at)
    assert np.abs(np.mean(places, axis=0)).max() < 0.1
    assert np.abs(places).max() < 0.6


@pytest.mark.parametrize("name", STYLES)
def test_the_same_generator_gives_the_same_bytes(name):
    points, joints = person()
    size, results = (48, 24), []
    for _ in range(2):
        rng = generator(1)
        camera = style(name).frame(points, joints, size, rng)
        light = style(name).light(rng)
        ground = style(name).ground(size, rng, camera, points)
        finished = style(name).finish((255 * ground).astype(np.uint8), rng)
        results.append((camera.focal, *camera.centre, *(np.asarray(v).tobytes() for v in light), ground.tobytes(),
                        finished.tobytes()))
    assert results[0] == results[1]


@pytest.mark.parametrize("name", STYLES)
def test_what_is_drawn_later_does_not_depend_on_the_pose(name):
    states = []
    for squeeze in (1.0, 0.5):
        points, joints = person(squeeze)
        rng = generator(2)
        camera = style(name).frame(points, joints, (64, 32), rng)
        style(name).light(rng)
        style(name).ground((64, 32), rng, camera, points)
        states.append(rng.bit_generator.state)
    assert states[0] == states[1]


def test_an_unknown_style_is_named_together_with_the_known_ones():
    with pytest.raises(ValueError, match="expected one of plain, deepfashion, market, found 'Market'"):
        style("Market")


def test_the_plain_frame_holds_everybody_and_the_plain_picture_stays_as_it_is():
    for size in ((128, 64), (64, 128), (256, 176)):
        pixels, _ = views("plain", 20, size, squeeze=1.0)
        assert pixels.min() > -0.5
        assert (pixels.max((0, 1)) < np.array([size[1], size[0]]) - 0.5).all()
    image = generator(3).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    np.testing.assert_array_equal(style("plain").finish(image, generator()), image)


def test_studio_frames_come_in_their_shares_with_the_joints_in_the_rows_of_real_ones():
    pixels, joints = views("deepfashion", 1000)
    inside = (joints[:, :, 1] > -0.5) & (joints[:, :, 1] < 255.5)
    ankle, knee, neck = inside[:, ANKLES].all(1), inside[:, KNEES].all(1), inside[:, NECK]
    full, upper = ankle & neck, neck & ~knee
    assert abs(full.mean() - FRAMES["full"]) < 0.04
    assert abs((neck & knee & ~ankle).mean() - FRAMES["three-quarter"]) < 0.06
    assert abs(upper.mean() - FRAMES["upper"]) < 0.06
    assert abs((~neck).mean() - FRAMES["lower"]) < 0.02
    # Medians of the annotated In-shop rows: neck and ankles 52 and 227 (full), neck and hips 80 and 200 (upper).
    assert abs(np.median(joints[full][:, ANKLES, 1]) - 227) < 14
    assert abs(np.median(joints[full][:, NECK, 1]) - 52) < 10
    assert abs(np.median(joints[upper][:, NECK, 1]) - 80) < 8
    assert abs(np.median(joints[upper][:, HIPS, 1]) - 200) < 10
    assert (pixels[neck][:, :, 1].min(1) > -0.5).all()  # no head is cut
    assert (np.abs(joints[:, [NECK, *HIPS], 0].mean(1) - 127.5) < 30).all()


def test_market_boxes_are_loose_and_now_and_then_cut_something():
    pixels, joints = views("market", 500)
    assert abs(np.median(joints[:, NECK, 1]) - 25) < 4
    assert abs(np.median(joints[:, ANKLES, 1]) - 115) < 5
    assert 0.06 < (pixels[:, :, 1].max(1) > 128).mean() < 0.2
    assert 0.02 < (pixels[:, :, 1].min(1) < -1).mean() < 0.15
    assert 2 < joints[:, NECK, 0].std() < 6
    assert (joints[:, HIPS, 1] < 127).all()


@pytest.mark.parametrize("name", STYLES)
def test_light_comes_from_one_direction_and_neither_blinds_nor_vanishes(name):
    for k in range(100):
        direction, ambient, diffuse, shadow = style(name).light(generator(k))
        np.testing.assert_allclose(np.linalg.norm(direction), 1.0, atol=1e-9)
        assert np.min(ambient) > 0.15
        assert np.min(diffuse) > 0.05
        assert np.max(ambient) + np.max(diffuse) < 1.75
        assert 0 <= shadow <= 1
        assert direction[2] > 0


@pytest.mark.parametrize("name", STYLES)
@pytest.mark.parametrize("size", [(128, 64), (256, 176), (31, 47), (3, 2)])
def test_grounds_and_finished_pictures_have_the_size_asked_for(name, size):
    points, joints = person()
    for k in range(8):
        camera = style(name).frame(points, joints, size, generator(k))
        ground = style(name).ground(size, generator(k), camera, points)
        assert ground.shape == (*size, 3)
        assert ground.dtype == np.float32
        assert ground.min() >= 0
        assert ground.max() <= 1
        finished = style(name).finish(np.round(255 * ground).astype(np.uint8), generator(k))
        assert finished.shape == ground.shape
        assert finished.dtype == np.uint8


def test_a_studio_is_bright_and_plain_and_a_street_is_neither():
    points, joints = person()
    size, level, busy = (128, 64), {}, {}
    for name in STYLES:
        grounds = [style(name).ground(size, generator(k), style(name).frame(points, joints, size, generator(k)), points)
                   for k in range(30)]
        level[name] = np.mean(grounds)
        busy[name] = np.median([np.abs(np.diff(ground, axis=1)).mean() for ground in grounds])
    assert level["deepfashion"] > 0.85
    assert level["market"] < 0.65
    assert busy["market"] > 5 * max(busy["deepfashion"], busy["plain"])


@pytest.mark.parametrize("name", ["deepfashion", "market"])
def test_the_floor_is_darker_under_the_feet(name):
    points, joints = person(0.6)
    aside, size, darker = np.array([0.6, 0.0, 0.0]), (128, 128), []
    for k in range(20):
        camera = style("plain").frame(points, joints, size, generator(k))
        here, there = (style(name).ground(size, generator(k), camera, at).mean(2) for at in (points, points + aside))
        x, y = np.round(camera.project(points[points[:, 2].argmin()])).astype(int)
        darker.append((there - here)[y - 1:y + 2, x - 3:x + 4].mean())
    assert np.mean(darker) > 0.05
    assert np.mean(np.array(darker) > 0) > 0.8
