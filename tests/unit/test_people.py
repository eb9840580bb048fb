"""Bodies, poses, clothes and camera of the rendered people: each piece against what must hold whatever is drawn."""

import json
from pathlib import Path

import numpy as np
import pytest

from warpgan import labels
from warpgan.people import render_person
from warpgan.people.body import EXTRACT, Skin, load_body, vertex_normals
from warpgan.people.camera import DISTANCE, Camera
from warpgan.people.figure import Figure, eighteen
from warpgan.people.poses import axis_rotation
from warpgan.people.scene import MISS
from warpgan.people.wardrobe import fields, random_person

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "adult_body.json").read_text())
AVERAGE = {"gender": 0.5, "age": 0.8, "muscle": 0.5, "weight": 0.4, "height": 0.5, "proportions": 0.5}


def posed(skin, transforms):
    return tuple(value.numpy() for value in skin.pose(transforms))


def generator(*key):
    return np.random.default_rng(np.random.SeedSequence(7, spawn_key=key))


@pytest.mark.parametrize("golden", GOLDEN["bodies"])
def test_the_extract_gives_the_bodies_of_the_full_model(golden):
    body = load_body()
    rest, _ = body.shape(golden["phenotype"])
    np.testing.assert_allclose(body.joints(rest), golden["joints"], atol=0.008)
    shown = rest[np.unique(body.faces["body"])]
    np.testing.assert_allclose(shown.min(0), golden["low"], atol=0.012)
    np.testing.assert_allclose(shown.max(0), golden["high"], atol=0.012)


def test_the_shipped_extract_is_small_and_documented():
    assert EXTRACT.stat().st_size < 8e6
    assert "CC0" in EXTRACT.with_suffix(".md").read_text()


def test_phenotype_moves_the_body_as_its_name_says():
    body = load_body()
    rest, _ = body.shape(AVERAGE)
    taller, _ = body.shape({**AVERAGE, "height": 0.9})
    heavier, _ = body.shape({**AVERAGE, "weight": 0.9})
    assert np.ptp(taller[:, 2]) > np.ptp(rest[:, 2]) + 0.05
    waist = np.flatnonzero((np.abs(body.mean[:, 2] - 0.3) < 0.02) & (fields().armness < 0.1))
    assert np.ptp(heavier[waist, 1]) > np.ptp(rest[waist, 1]) + 0.01


def test_rest_pose_leaves_every_point_and_a_turn_of_the_root_is_rigid():
    body = load_body()
    rest, heads = body.shape(AVERAGE)
    normals = vertex_normals(rest, body.faces["body"])
    skin = Skin(rest, normals, body.skin_bones, body.skin_shares)
    points, _ = posed(skin, body.pose(heads, {}))
    np.testing.assert_allclose(points, rest, atol=1e-5)
    turn = axis_rotation(2, 70)
    points, turned = posed(skin, body.pose(heads, {"root": turn}))
    np.testing.assert_allclose(points, (rest - heads[0]) @ turn.T + heads[0], atol=1e-5)
    kept = np.unique(body.faces["body"])
    np.testing.assert_allclose(turned[kept], (normals @ turn.T)[kept], atol=1e-4)


def test_bending_the_left_elbow_moves_the_left_forearm_alone():
    body = load_body()
    rest, heads = body.shape(AVERAGE)
    skin = Skin(rest, rest, body.skin_bones, body.skin_shares)
    points, _ = posed(skin, body.pose(heads, {"lowerarm01.L": axis_rotation(0, 40)}))
    moved = np.linalg.norm(points - rest, axis=1) > 1e-4
    joints = np.linalg.norm(body.joints(points) - body.joints(rest), axis=1)
    assert joints[9] > 0.05 and np.delete(joints, [7, 9]).max() < 1e-3  # COCO 9: the left wrist
    assert body.mean[moved, 0].min() > 0


def test_a_garment_shows_its_own_label_and_hides_what_is_under_it():
    person = random_person(generator(9))
    figure = Figure(person)
    points, normals, _, _ = figure.pose({})
    scene = figure.place_on(points)
    camera = Camera((160, 100), 430.0, (50.0, 80.0))
    seen = scene.see(scene.view(camera), normals, np.zeros((160, 100, 3)))
    face, label, weights = (seen[name].numpy() for name in ("face", "label", "weights"))
    assert ((face == MISS) == (label == labels.BACKGROUND)).all()
    hit = face != MISS
    inside = np.einsum("nk,nkg->ng", weights[hit], figure.regions[figure.faces[face[hit]]])
    bare = figure.number[face[hit]] < 0
    # Skin well inside a garment's region wears the garment, whatever lies on it.
    for number, garment in enumerate(person.garments):
        shoe = garment.label == labels.LEFT_SHOE
        own = {labels.LEFT_SHOE, labels.RIGHT_SHOE} if shoe else {garment.label}
        covered = bare & (inside[:, number] > 0.03) & ~(inside[:, :number] > 0).any(1)
        assert set(label[hit][covered]) <= own
        outermost = (figure.number[face[hit]] == number) & ~(inside[:, :number] > 0).any(1)
        assert set(label[hit][outermost]) <= own
    assert set(label[hit][bare & ~(inside > 0).any(1)]) <= {
        labels.TORSO_SKIN, labels.FACE, labels.LEFT_ARM, labels.RIGHT_ARM, labels.LEFT_LEG, labels.RIGHT_LEG}


def test_joints_without_the_mesh_are_those_of_the_posed_mesh():
    body = load_body()
    rest, heads = body.shape(AVERAGE)
    transforms = body.pose(heads, {"lowerarm01.L": axis_rotation(0, 40), "root": axis_rotation(2, 30)})
    points, _ = posed(Skin(rest, rest, body.skin_bones, body.skin_shares), transforms)
    amount, place = body.joint_weights(rest)
    joints = np.einsum("bij,nbj->ni", transforms[..., :3], place) + amount @ transforms[..., 3]
    np.testing.assert_allclose(joints, body.joints(points), atol=1e-5)


def test_eighteen_joints_put_the_neck_between_the_shoulders():
    coco = np.arange(51.0).reshape(17, 3)
    joints = eighteen(coco)
    np.testing.assert_array_equal(joints[1], 0.5 * (coco[5] + coco[6]))
    np.testing.assert_array_equal(joints[14], coco[2])  # 14 is the right eye, COCO's third joint
    np.testing.assert_array_equal(joints[4], coco[10])


def test_a_person_is_a_seed():
    one = render_person(np.random.SeedSequence(3, spawn_key=(0, 1)), 2, (48, 32))
    render_person(np.random.SeedSequence(3, spawn_key=(0, 2)), 3, (48, 32))
    again = render_person(np.random.SeedSequence(3, spawn_key=(0, 1)), 2, (48, 32))
    for name in one:
        np.testing.assert_array_equal(one[name], again[name])


def test_a_person_of_ones_own_is_rendered_as_any_other():
    seed = np.random.SeedSequence(5, spawn_key=(0, 1))
    rng = np.random.default_rng(np.random.SeedSequence(5, spawn_key=(0, 1, 0)))
    person = random_person(rng, ("hat", "coat"))
    one, other = (render_person(seed, 1, (48, 32), **how) for how in ({"wear": ("hat", "coat")}, {"person": person}))
    np.testing.assert_array_equal(one["images"], other["images"])
    assert {labels.HAT, labels.COAT} <= {garment.label for garment in person.garments}


def test_a_picture_corresponds_to_itself():
    figure = Figure(random_person(generator(10)))
    points, normals, _, _ = figure.pose({})
    scene, camera = figure.place_on(points), Camera((80, 60), 200.0, (30.0, 40.0))
    view = scene.view(camera)
    seen = scene.see(view, normals, np.zeros((80, 60, 3)))
    found = scene.find(view, points, normals, seen, seen).reshape(80, 60, 2)
    person = seen["label"].numpy().reshape(80, 60) > 0
    kept = found[..., 0] >= 0
    assert kept[person].mean() > 0.8 and not kept[~person].any()  # all but the surfaces seen from their edge
    np.testing.assert_allclose(found[kept], np.argwhere(kept)[:, ::-1], atol=1e-3)


def test_extras_say_what_the_picture_shows():
    seed, extras = np.random.SeedSequence(3, spawn_key=(0, 1)), ("depth", "normals", "unlit")
    plain, out = render_person(seed, 2, (64, 48)), render_person(seed, 2, (64, 48), extras=extras)
    assert set(out) - set(plain) == {"depth", "normals", "unlit", "pure"}
    for name in plain:
        np.testing.assert_array_equal(out[name], plain[name])
    person = out["parsings"] > 0
    assert (out["depth"][~person] == 0).all() and (np.abs(out["depth"][person] - DISTANCE) < 1).all()
    np.testing.assert_allclose(np.linalg.norm(out["normals"], axis=-1), person, atol=1e-5)
    assert (out["normals"][person][:, 1] < 0.2).all()  # towards the camera
    inside = out["pure"] & person
    brightness = out["images"][inside].sum(1) / np.maximum(out["unlit"][inside].astype(int).sum(1), 1)
    assert inside.mean() > 0.1 and 0.5 < np.median(brightness) < 1.1


def test_what_cannot_be_rendered_is_refused():
    with pytest.raises(ValueError, match="extras are among depth, normals, unlit, found 'albedo'"):
        render_person(np.random.SeedSequence(0), 1, (32, 16), extras=("albedo",))
    with pytest.raises(ValueError, match="studio"):
        render_person(np.random.SeedSequence(0), 1, (32, 16), style="studio")
