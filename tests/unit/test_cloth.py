"""Cloth, letters and faces: a pattern belongs to the place on the chart, goes round without a seam, and can be seen."""

import numpy as np
import pytest

from warpgan.people import charts
from warpgan.people.cloth import OWN_SIDE, PATTERNS, SHARES, hair_cloth, random_cloth, random_shoes, texture, textures
from warpgan.people.dyes import apart, palette
from warpgan.people.faces import face_textures
from warpgan.people.letters import FONT, bitmap, number, text_mask, word
from warpgan.people.motifs import FIGURES, PRINTS, figure, tile

CYLINDERS = (charts.TRUNK, *charts.ARMS, *charts.LEGS)
HALVED = ("denim", "blocks")  # whose seams or halves may lie anywhere


def generator(*key):
    return np.random.default_rng(np.random.SeedSequence(11, spawn_key=key))


def draws(kind, count=15):
    cloths = [random_cloth(generator(PATTERNS.index(kind), draw), (kind,)) for draw in range(count)]
    for cloth in cloths:
        cloth.update(sleeves=False, back="", buttons=False, pocket=False)
    return cloths


@pytest.mark.parametrize("kind", [name for name in PATTERNS if name not in HALVED])
def test_no_seam_runs_down_the_back(kind):
    for cloth in draws(kind):
        for chart in CYLINDERS:
            painted = texture(cloth, chart)
            steps = np.abs(np.diff(painted, axis=1, append=painted[:, :1])).mean(axis=(0, 2))
            assert steps[-1] <= steps[:-1].max() + 0.03, (charts.NAMES[chart], cloth["style"])


def test_stripes_run_on_from_the_trunk_to_the_sleeves():
    for cloth in draws("stripes"):
        profiles = []
        for chart in (charts.TRUNK, charts.LEFT_ARM, charts.RIGHT_ARM):
            v, mean = charts.grid(chart)[1][::-1, 0], texture(cloth, chart)[::-1].mean((1, 2))
            profiles.append(np.interp(np.linspace(0, charts.SHOULDER, 400), v, mean))
        assert np.ptp(profiles[0]) > 0.1
        np.testing.assert_allclose(profiles[1:], [profiles[0]] * 2, atol=0.06)


@pytest.mark.parametrize("kind", PATTERNS)
def test_cloth_is_seen_and_the_same_every_time(kind):
    for cloth, again in zip(draws(kind, 6), draws(kind, 6)):
        for chart in (*CYLINDERS, charts.OWN):
            painted = texture(cloth, chart)
            assert painted.dtype == np.float32 and painted.min() >= 0 and painted.max() <= 1
            assert painted.shape == (*((OWN_SIDE, OWN_SIDE) if chart == charts.OWN else charts.shape(chart)), 3)
            np.testing.assert_array_equal(painted, texture(again, chart))
    v = charts.grid(charts.TRUNK)[1][:, 0]
    seen = [texture(cloth, charts.TRUNK)[(v > 0.15) & (v < 0.7)] for cloth in draws(kind)]
    contrast = [np.ptp(np.percentile(part, (2, 98), axis=(0, 1)), axis=0).max() for part in seen]
    assert np.median(contrast) > (0.1 if kind == "plain" else 0.2)


def test_shares_are_those_asked_for():
    assert abs(sum(SHARES) - 1) < 1e-9 and SHARES[PATTERNS.index("plain")] <= 0.15
    kinds = [random_cloth(generator(50, draw))["kind"] for draw in range(600)]
    for name, share in zip(PATTERNS, SHARES):
        assert abs(kinds.count(name) / 600 - share) < 0.05, name
    assert {random_cloth(generator(51, draw), ("dots", "plain"))["kind"] for draw in range(60)} == {"dots", "plain"}


def test_three_colours_can_be_told_apart():
    least = [min(apart(one[i], one[j]) for i, j in ((0, 1), (0, 2), (1, 2)))
             for one in (palette(generator(52, draw)) for draw in range(200))]
    assert np.mean(np.array(least) > 0.2) > 0.9 and min(least) > 0.08


def test_limbs_that_look_alike_share_a_texture():
    for kind in PATTERNS:
        for cloth in draws(kind, 8):
            painted = textures(cloth, CYLINDERS)
            assert list(painted) == list(CYLINDERS)
            for chart, found in painted.items():
                np.testing.assert_array_equal(found, texture(cloth, chart))
    dots = textures(draws("dots")[0], CYLINDERS)
    assert dots[charts.LEFT_ARM] is dots[charts.RIGHT_ARM] and dots[charts.LEFT_LEG] is dots[charts.RIGHT_LEG]


def test_a_word_reads_from_the_persons_right_to_left_on_chest_and_back():
    cloth = draws("letters")[0]
    cloth.update(word="LIL", number="7", style=3)
    base = texture({**cloth, "kind": "plain", "style": 0}, charts.TRUNK)
    ink = np.abs(texture(cloth, charts.TRUNK) - base).sum(2) > 0.3
    u, v = (axis.T[0] if axis.ndim > 1 and i else axis[0] for i, axis in enumerate(charts.grid(charts.TRUNK)))
    chest = ink[(v > 0.45) & (v < 0.6)][:, np.abs(u) < 0.15].sum(0)
    assert chest[:len(chest) // 2].max() == pytest.approx(chest.max(), abs=2)
    # An L has its stem on the reader's left; the reader before the person sees the person's right, u < 0, on the left.
    inked = np.flatnonzero(chest)
    assert chest[inked[0] + 1] > 2 * chest[inked[0] + 5]


def test_front_and_back_differ():
    for kind in ("logo", "letters"):
        for cloth in draws(kind, 6):
            painted = texture(cloth, charts.TRUNK)
            half = painted.shape[1] // 2
            assert np.abs(painted - np.roll(painted, half, axis=1)).max() > 0.2


def test_glyphs_are_upright_and_letters_differ():
    masks = [bitmap(letter)[1:8, 1:6] for letter in FONT]
    assert all(1 <= mask.sum(1).max() <= 5 and mask.any() for mask in masks)
    assert len({mask.tobytes() for mask in masks}) == len(masks)
    x = np.linspace(-0.05, 0.05, 51, dtype=np.float32)
    y = x[::-1]
    ink = text_mask("L", x, y, 0.07, 0.004)
    assert ink[:, :25].sum() > ink[:, 26:].sum() and ink[26:].sum() > ink[:25].sum()  # stem left, foot below
    with pytest.raises(ValueError, match="no glyph for"):
        bitmap("é")
    for draw in range(40):
        assert set(word(generator(53, draw)) + number(generator(54, draw))) <= set(FONT)


@pytest.mark.parametrize("kind", PRINTS)
def test_tiles_close_on_themselves(kind):
    colours = np.array([[0.1, 0.1, 0.1], [0.9, 0.3, 0.3], [0.2, 0.5, 0.9]], np.float32)
    for draw in range(4):
        picture = tile(generator(55, draw), kind, colours)
        for axis in (0, 1):
            steps = np.abs(picture - np.roll(picture, 1, axis)).mean(axis=(1 - axis, 2))
            assert steps[0] <= steps[1:].max() + 0.02
        assert 0.02 < np.abs(picture - colours[0]).max(2).astype(bool).mean() < 0.99


@pytest.mark.parametrize("kind", FIGURES)
def test_figures_lie_inside_their_window(kind):
    x, y = np.meshgrid(np.linspace(-2, 2, 81), np.linspace(-2, 2, 81))
    inside = figure(kind, x, y) > 0
    assert inside.any() and not inside[(np.abs(x) > 1.6) | (np.abs(y) > 1.3)].any()


def test_shoes_have_soles_and_hair_has_strands():
    shoes = random_shoes(generator(56))
    painted, (_, v) = texture(shoes, charts.LEFT_LEG), charts.grid(charts.LEFT_LEG)
    assert np.abs(painted[v < -0.81] - shoes["colours"][2]).max() < 1e-6
    assert np.abs(painted[v > -0.6] - shoes["colours"][0]).max() < 1e-6
    hair = texture(hair_cloth((0.3, 0.2, 0.1), 0.1, 5), charts.SCALP)
    assert hair.shape == (*charts.shape(charts.SCALP), 3) and hair.std(axis=1).mean() > 0.01
    assert np.abs(hair[:, 0] - hair[:, -1]).mean() < 0.06


def test_faces_have_eyes_brows_and_mouth_in_their_places():
    skin, hair = np.array([0.87, 0.67, 0.51]), np.array([0.1, 0.07, 0.05])
    x, z = charts.grid(charts.FACE)
    for draw in range(12):
        face = face_textures(generator(57, draw), skin, hair, draw % 2 == 0)
        again = face_textures(generator(57, draw), skin, hair, draw % 2 == 0)
        for chart in (charts.FACE, charts.EYES):
            assert face[chart].shape == (*charts.shape(chart), 3) and face[chart].dtype == np.float32
            assert face[chart].min() >= 0 and face[chart].max() <= 1
            np.testing.assert_array_equal(face[chart], again[chart])
        light, forehead = face[charts.FACE].mean(2), face[charts.FACE].mean(2)[(z > 0.96) & (np.abs(x) < 0.05)].mean()
        brows = (np.abs(np.abs(x) - 0.03) < 0.01) & (np.abs(z - 0.93) < 0.008)
        mouth = (np.abs(x) < 0.01) & (np.abs(z - 0.831) < 0.002)
        assert light[brows].min() < forehead - 0.2 and light[mouth].mean() < forehead - 0.12
        np.testing.assert_allclose(face[charts.FACE][np.abs(x) > 0.08], np.broadcast_to(
            skin, face[charts.FACE][np.abs(x) > 0.08].shape), atol=0.01)  # the sides are plain skin
        across, up = charts.grid(charts.EYES)
        for side in (-1, 1):
            pupil = np.hypot(across - side * 0.0313, up - 0.9063) < 0.0015
            assert face[charts.EYES][pupil].mean() < 0.35
            white = (np.abs(across - side * 0.0225) < 0.001) & (np.abs(up - 0.9063) < 0.001)
            assert face[charts.EYES][white].mean() > 0.7


def test_bad_requests_are_named():
    with pytest.raises(ValueError, match="found paisley"):
        random_cloth(generator(58), ("paisley",))
    with pytest.raises(ValueError, match="found none"):
        random_cloth(generator(58), ())
    with pytest.raises(ValueError, match="cloth has no texture on chart 6"):
        texture(random_cloth(generator(58)), charts.FACE)
    with pytest.raises(ValueError, match="unknown cloth 'felt'"):
        texture({**random_cloth(generator(58)), "kind": "felt"}, charts.TRUNK)
