"""The wardrobe: nobody's trunk is bare, every label is worn, and what is worn lies outside what it covers."""

from collections import Counter
from dataclasses import fields as names_of
from functools import lru_cache

import numpy as np
import pytest

from warpgan import labels
from warpgan.people import accessories, hair, headwear
from warpgan.people.body import load_body, vertex_normals
from warpgan.people.pieces import Piece, attach, cleared, mesh, turn
from warpgan.people.regions import fields, neck_field, top_region, trouser_region
from warpgan.people.wardrobe import LINING, random_person

MANY, RARE = 300, {labels.SUNGLASSES: 0.005, labels.GLOVE: 0.005, labels.SCARF: 0.005}


@lru_cache(maxsize=512)
def person(draw):
    return random_person(np.random.default_rng(np.random.SeedSequence(7, spawn_key=(draw,))))


def pieces():
    made = [headwear.pompon(), hair.sheet(), hair.pony_tail(0.925, 0.25, 0.03), hair.bun(0.95, 0.04),
            accessories.ring(0.031), accessories.tail(1, 0.3), accessories.tail(-1, 0.22)]
    made += [accessories.collar(kind) for kind in ("shirt", "polo", "coat")]
    made += [make(kind) for kind in headwear.PROFILES for make in (headwear.crown, headwear.band)]
    made += [headwear.brim(kind) for kind in ("cap", "fedora", "bucket")]
    return made + [make(shape) for shape in ("round", "square", "pilot") for make in (headwear.lenses, headwear.frame)]


def covered(garment, margin):
    # Where skin wears a garment: up to its hem if it has no surface to be seen from within.
    return garment.region > (margin if garment.surfaces and garment.label != labels.HAIR else 0)


def test_the_trunk_is_clothed_below_the_neckline_whatever_is_worn():
    place, armness = load_body().mean, fields().armness
    skin = np.isin(np.arange(len(place)), load_body().faces["body"])
    trunk = skin & (armness < 0.2) & (np.abs(place[:, 0]) < 0.155) & (place[:, 2] > 0.2) & (place[:, 2] < 0.77)
    for draw in range(MANY):
        garments = person(draw).garments
        clothed = np.any([covered(garment, LINING) for garment in garments], axis=0)
        assert not (trunk & ~clothed & (place[:, 2] < 0.58)).any(), draw
        inside = np.any([garment.region > 0.001 for garment in garments], axis=0)
        assert not (trunk & ~clothed & inside).any(), (draw, place[trunk & ~clothed & inside].round(2))


def test_every_label_is_worn_often_enough():
    worn = Counter(label for draw in range(MANY) for label in {garment.label for garment in person(draw).garments})
    for label in (labels.HAT, labels.HAIR, labels.GLOVE, labels.SUNGLASSES, labels.UPPER_CLOTHES, labels.DRESS,
                  labels.COAT, labels.SOCKS, labels.PANTS, labels.SCARF, labels.SKIRT):
        assert worn[label] / MANY >= RARE.get(label, 0.01), labels.LABELS[label]
    assert worn[labels.LEFT_SHOE] == MANY
    assert 0.9 * MANY < worn[labels.HAIR] < MANY  # some are bald


def test_everybody_wears_a_dress_or_a_top_with_a_lower_part():
    for draw in range(MANY):
        worn = [garment.label for garment in person(draw).garments]
        assert (labels.DRESS in worn) != (labels.UPPER_CLOTHES in worn)
        assert (labels.UPPER_CLOTHES in worn) == bool({labels.PANTS, labels.SKIRT} & set(worn))
        outer = [worn.index(label) for label in (labels.SCARF, labels.COAT, labels.UPPER_CLOTHES) if label in worn]
        assert outer == sorted(outer)  # from the outermost to the innermost


def same(one, other):
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other)
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(same(*pair) for pair in zip(one, other, strict=True))
    if hasattr(one, "__dataclass_fields__"):
        return all(same(getattr(one, name.name), getattr(other, name.name)) for name in names_of(one))
    return one == other


def test_a_person_is_a_function_of_the_generator():
    for draw in range(12):
        again = random_person(np.random.default_rng(np.random.SeedSequence(7, spawn_key=(draw,))))
        assert same(person(draw), again)
    assert not same(person(0), person(1))


def test_a_piece_follows_the_body_rigidly_and_stays_where_it_was_drawn_on_the_average():
    mean, shift = load_body().mean, np.array([0.3, -0.2, 0.1])
    for piece in pieces():
        np.testing.assert_allclose(piece.rest(mean), piece.points + piece.lift, atol=1e-12)
        np.testing.assert_allclose(piece.rest(mean + shift), piece.points + piece.lift + shift, atol=1e-9)
        np.testing.assert_allclose(piece.weights.sum(1), 1, atol=1e-5)
        assert piece.faces.max() < len(piece.points) < 1500 and (piece.cut > 0).any()
        assert piece.uv.min() >= 0 and piece.uv.max() <= 1


def test_pieces_lie_outside_the_body():
    body = load_body()
    solid = np.unique(body.faces["body"])
    solid = solid[body.mean[solid, 2] > 0.3]
    place, normal = body.mean[solid], vertex_normals(body.mean, body.faces["body"])[solid]
    worn = [headwear.crown(kind) for kind in headwear.PROFILES] + [headwear.lenses("pilot"),
                                                                   accessories.tail(1, 0.3)]
    for piece in worn:
        near = np.array([np.argmin(((point - place) ** 2).sum(1)) for point in piece.points])
        height = ((piece.points - place[near]) * normal[near]).sum(1)
        assert (height[piece.cut > 0] > 0.001).mean() > 0.97
        assert height[piece.cut > 0].min() > -0.01


def test_points_are_cleared_of_the_body_and_others_stay():
    inside, outside = np.array([[0.0, -0.05, 0.5]]), np.array([[0.0, -0.5, 0.5]])
    assert cleared(inside, 0.02, rounds=6)[0, 1] < load_body().mean[:, 1].max() - 0.15
    np.testing.assert_allclose(cleared(outside, 0.02), outside, atol=1e-12)


def test_a_surface_that_goes_once_round_has_no_seam():
    angle, cut = turn(23)
    points = np.stack([np.cos(angle), np.sin(angle)], 1)
    points = np.concatenate([np.insert(points, 2, z, axis=1) for z in (0.0, 1.0)])
    faces, uv = mesh(2, 23)
    normals = vertex_normals(points, faces)
    kept = faces[(np.tile(cut, 2)[faces] > 0).any(axis=1)]
    seen = np.unique(kept)
    cosine = np.abs((normals[seen, :2] * points[seen, :2]).sum(1))
    assert np.degrees(np.arccos(np.minimum(cosine, 1))).max() < 5  # one-sided normals at a seam would be 9 degrees off
    corners = points[kept]
    area = 0.5 * np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1).sum()
    assert area == pytest.approx(20 * 2 * np.sin(np.pi / 20))  # once round, nothing twice
    assert len(attach(points * 0.1 + [0, 0, 0.9], faces, uv, cut=cut).cut) == len(points)


def test_hair_keeps_off_face_and_chest_and_ends_at_the_hat():
    face = np.array([[0, -0.17, 0.87], [0.03, -0.15, 0.906], [-0.03, -0.15, 0.906], [0, -0.15, 0.83]])
    for forehead in (-0.034, 0.0, 0.014):
        assert (hair.scalp_field(face, 0.03, forehead) < 0).all()
    assert hair.scalp_field(np.array([[0, 0.05, 0.95]]))[0] > 0
    strands = hair.sheet().points
    assert not ((strands[:, 1] < -0.10) & (strands[:, 2] < 0.95)).any()
    hats = 0
    for draw in range(MANY):
        garments = {garment.label: garment for garment in person(draw).garments}
        if labels.HAT in garments and labels.HAIR in garments:
            hats += 1
            for surface in garments[labels.HAIR].surfaces:
                piece = isinstance(surface, Piece)
                points, cut = (surface.points, surface.cut) if piece else (load_body().mean, surface[1])
                assert not ((headwear.hat_field(points) > 1e-9) & (cut > 0)).any()
    assert hats > 5


def test_necklines_sleeves_and_hems_are_what_their_names_say():
    where, breast = fields(), np.array([[0.0, -0.1, 0.66]])
    height = {kind: neck_field(kind, breast)[0] for kind in ("crew", "v", "scoop", "boat", "high")}
    assert height["v"] < 0 < height["crew"] < height["high"] and height["scoop"] < height["boat"]
    areas = [(top_region(where, "crew", sleeve, 0.15) > 0).sum() for sleeve in (0.0, 0.5, 1.35, 1.93)]
    assert areas == sorted(set(areas))
    hands = where.arm > 2.1
    assert hands.sum() > 100 and (top_region(where, "crew", 1.93, 0.15)[hands] < 0).all()
    assert (trouser_region(where, 0.26, -0.7)[hands] < 0).all()
    legs = np.abs(where.place[:, 2] + 0.4) < 0.05
    assert (trouser_region(where, 0.26, -0.7)[legs] > 0).all() and (trouser_region(where, 0.26, -0.1)[legs] < 0).all()


@pytest.mark.parametrize("label, opened", [(labels.COAT, True), (labels.COAT, False)])
def test_coats_are_open_and_closed(label, opened):
    where = fields()
    front = np.flatnonzero((np.abs(where.place[:, 0]) < 0.004) & (where.place[:, 1] < -0.05)
                           & (np.abs(where.place[:, 2] - 0.4) < 0.08))
    found = 0
    for draw in range(MANY):
        for garment in person(draw).garments:
            if garment.label == label and garment.surfaces:
                found += (garment.surfaces[0][1][front] < 0).all() == opened
    assert found > 3
