"""Cloth: a pattern with its colours, drawn from a seed, and the textures it leaves on a person's charts.

A pattern is a function of the place on a chart (`charts`) and not of the picture, so the same stripe, dot or letter is
seen from every view and in every pose: that is what a transferred texture is measured against. Taught in notebook 01.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from warpgan.people import charts, fabrics, sewn, weaves
from warpgan.people.chance import pick
from warpgan.people.dyes import DENIMS, palette, vary
from warpgan.people.letters import number, word
from warpgan.people.motifs import FIGURES, PRINTS, tile

PATTERNS = ("stripes", "columns", "checks", "tartan", "dots", "gradient", "print", "blocks", "logo", "letters",
            "denim", "knit", "plain")
SHARES = (0.13, 0.07, 0.10, 0.08, 0.08, 0.05, 0.16, 0.05, 0.07, 0.07, 0.06, 0.05, 0.03)
KINDS = (*PATTERNS, "shoes", "hair")
OWN_SIDE, OWN_METRES = 64, (0.55, 0.28)  # texels of a side, and metres of a piece with coordinates of its own: a hat
STYLES = 5  # ways of drawing a pattern
PAINTERS = {**weaves.WEAVES, "denim": fabrics.denim, "knit": fabrics.knit}
PAINTERS.update(dict.fromkeys(("plain", "logo", "letters"), fabrics.plain))


@lru_cache(maxsize=16)
def flat(chart: int) -> charts.Flat:
    """The `charts.Flat` of a cylinder's chart or of OWN.

    Raises:
        ValueError: for a chart that is never dressed.
    """
    if chart == charts.OWN:
        axis = (np.arange(OWN_SIDE, dtype=np.float32) + np.float32(0.5)) / OWN_SIDE
        wide, high = OWN_METRES
        u, v = (axis - np.float32(0.5)) * np.float32(wide), axis[::-1] * np.float32(high)
        return charts.Flat(chart, u, v, wide, 0.006)
    if chart not in range(charts.SCALP + 1):
        names = ", ".join((*charts.NAMES[:charts.SCALP + 1], "own"))
        raise ValueError(f"cloth has no texture on chart {chart!r}; charts that wear cloth are {names} (0 to 5 and 8)")
    u, v = charts.grid(chart)
    low, high, _, _ = charts.EXTENT[chart]
    return charts.Flat(chart, u[0].copy(), v[:, 0].copy(), float(high - low), charts.TEXEL[chart])


def random_cloth(rng: np.random.Generator, patterns: Sequence[str] = PATTERNS) -> dict[str, Any]:
    """Draw a cloth.

    Args:
        rng: numpy random generator.
        patterns: names out of `PATTERNS` to choose from, by their `SHARES`.

    Returns:
        dict of plain values and arrays that `texture` reads: `kind`, `colours` [3, 3] float32 in 0..1 (ground, pattern,
        trim), `period` metres, `phase` [2] in 0..1, `duty`, `style`, and what single patterns need.

    Raises:
        ValueError: for an unknown pattern.
    """
    unknown = [name for name in patterns if name not in PATTERNS]
    if unknown or not patterns:
        raise ValueError(f"patterns are {', '.join(PATTERNS)}; found {', '.join(unknown) or 'none'}")
    kind = pick(rng, {name: SHARES[PATTERNS.index(name)] for name in patterns})
    colours = palette(rng, vary(rng, DENIMS[rng.integers(len(DENIMS))]) if kind == "denim" else None)
    cloth = {
        "kind": kind, "colours": colours, "period": float(rng.uniform(0.055, 0.15)), "phase": rng.random(2),
        "duty": float(rng.uniform(0.38, 0.62)), "style": int(rng.integers(STYLES)),
        "sleeves": bool(rng.random() < (0.3 if kind in ("plain", "logo", "letters") else 0.08)),
        "trim": bool(rng.random() < 0.35), "buttons": bool(rng.random() < 0.25), "pocket": bool(rng.random() < 0.15),
        "logo": FIGURES[rng.integers(len(FIGURES))], "back_logo": FIGURES[rng.integers(len(FIGURES))],
        "size": float(rng.uniform(0.06, 0.10)), "word": word(rng), "number": number(rng),
        "shift": int(rng.integers(1 << 16)),
    }
    # What stands on the back alone, so that back and front can be told apart.
    cloth["back"] = ("", "", "", "", "logo", "word", "number", "yoke")[rng.integers(8)]
    if kind == "print" or (kind == "logo" and cloth["style"] > 2):
        cloth["tile"] = tile(rng, PRINTS[rng.integers(len(PRINTS))], colours)
    if kind == "tartan":  # bands of a sett: middle, width (shares of the period), colour
        sett = [(0.5, rng.uniform(0.3, 0.5), 1), (rng.uniform(0.0, 0.1), rng.uniform(0.07, 0.14), 2)]
        if rng.random() < 0.6:
            sett.append((0.5, rng.uniform(0.05, 0.1), 0 if rng.random() < 0.5 else 2))
        cloth["sett"] = np.array(sett)
        cloth["period"] = float(rng.uniform(0.09, 0.17))
    return cloth


def textures(cloth: dict[str, Any], chosen: Iterable[int]) -> dict[int, np.ndarray]:
    """The textures of a cloth on several charts: chart -> array; limbs that look alike share one array.

    Args:
        cloth: dict of `random_cloth`, `random_shoes` or `hair_cloth`.
        chosen: charts.
    """
    painted = {}
    for chart in chosen:
        twin = fabrics.TWINS.get(chart)
        painted[chart] = painted[twin] if twin in painted and not sided(cloth) else texture(cloth, chart)
    return painted


def random_shoes(rng: np.random.Generator) -> dict[str, Any]:
    """Draw a pair of shoes: a cloth of kind `shoes` for the charts of the legs; colours are upper, laces and sole."""
    cloth = random_cloth(rng, ("plain",))
    cloth["kind"] = "shoes"
    if rng.random() < 0.6:  # most soles are white, black or gum
        sole = np.array([(0.94, 0.94, 0.92), (0.10, 0.10, 0.10), (0.70, 0.52, 0.33)])[rng.integers(3)]
        cloth["colours"][2] = vary(rng, sole, 0.01)
    cloth["trim"] = False
    return cloth


def hair_cloth(colour: np.ndarray, streak: float, seed: int) -> dict[str, Any]:
    """Hair as a cloth of kind `hair` for the chart SCALP: its colour [3], how much strands differ, and a seed.

    Args:
        colour: [3] in 0..1.
        streak: how much strands differ in brightness, a share.
        seed: of the strands.
    """
    colours = np.repeat(np.asarray(colour, np.float32)[None], 3, axis=0)
    return {"kind": "hair", "colours": colours, "streak": float(streak), "shift": int(seed), "trim": False}


def sided(cloth: dict[str, Any]) -> bool:
    """Whether the left limbs of a cloth look other than the right ones."""
    kind, style = cloth["kind"], cloth.get("style")
    return kind in ("logo", "letters", "plain") or (kind, style) in (("columns", 3), ("blocks", 0))


def texture(cloth: dict[str, Any], chart: int) -> np.ndarray:
    """The texture of a cloth on a chart.

    Args:
        cloth: dict of `random_cloth`, `random_shoes` or `hair_cloth`. chart: a cylinder of `charts`, or OWN.

    Returns:
        [h, w, 3] float32 in 0..1 on `charts.grid(chart)`; on OWN a square of `OWN_SIDE` texels, row 0 at v = 1.

    Raises:
        ValueError: for an unknown kind or a chart that wears no cloth.
    """
    if cloth["kind"] not in KINDS:
        raise ValueError(f"unknown cloth {cloth['kind']!r}; kinds are {', '.join(KINDS)}")
    place = flat(chart)
    if cloth["kind"] == "hair":
        return fabrics.strands(cloth["colours"][0], cloth["streak"], cloth["shift"], place)
    if cloth["kind"] == "shoes":
        return sewn.shoes(cloth, place)
    if cloth["sleeves"] and chart in charts.ARMS and cloth["kind"] not in ("print", "blocks", "knit"):
        painted = fabrics.plain({**cloth, "style": 0, "colours": cloth["colours"][::-1]}, place)
    else:
        painted = PAINTERS[cloth["kind"]](cloth, place)
    sewn.finish(cloth, place, painted)
    return np.clip(painted, 0, 1, out=painted)
