"""Cloth, letters and faces: a pattern belongs to the place on the chart, goes round without a seam, and can be seen."""

import numpy as np
import pytest

from warpgan.people import charts
from warpgan.people.cloth import OWN_SIDE, PATTERNS, SHARES, hair_cloth, random_cloth, random_shoes, texture
from warpgan.people.dyes import apart, palette
from warpgan.people.faces import face_textures
from warpgan.people.letters import FONT, bitmap, number, text_mask, word
from warpgan.people.motifs import FIGURES, PRINTS, figure, tile

CYLINDERS = (charts.TRUNK, *charts.ARMS, *charts.LEGS)


def generator(*key):
    return np.random.default_rng(np.random.SeedSequence(11, spawn_key=key))


def draws(kind, count=20):
    return [random_cloth(generator(PATTERNS.index(kind), draw), (kind,)) for draw in range(count)]


@pytest.mark.parametrize("kind", [name for name in PATTERNS if name not in ("denim", "knit", "blocks")])
def test_no_seam_runs_down_the_back(kind):
    for cloth in draws(kind):
        cloth["back"], cloth["buttons"] = "", False
        for chart in CYLINDERS:
            painted = texture(cloth, chart)
            steps = np.abs(np.diff(painted, axis=1, append=painted[:, :1])).mean(axis=(0, 2))
            assert steps[-1] <= steps[:-1].max() + 0.02, (kind, charts.NAMES[chart], cloth["style"])


def test_stripes_run_on_from_the_trunk_to_the_sleeves():
    for cloth in draws("stripes"):
        cloth.update(sleeves=False, back="", buttons=False, pocket=False)
        trunk, arm = texture(cloth, charts.TRUNK), texture(cloth, charts.LEFT_ARM)
        high = charts.grid(charts.TRUNK)[1][:, 0], charts.grid(charts.LEFT_ARM)[1][:, 0]
        for height in (0.6, 0.45, 0.3):
            rows = [int(np.argmin(np.abs(v - height))) for v in high]
            np.testing.assert_allclose(trunk[rows[0]].mean(0), arm[rows[1]].mean(0), atol=0.35)
        one, other = (np.interp(high[1][::-1], v[::-1], painted[::-1].mean(axis=(1, 2)))
                      for v, painted in zip(high, (trunk, arm)))
        assert np.abs(one - other).mean() < 0.02
