"""Rays meet what is projected, cloth ends where its field ends, and what is seen does not depend on the triangles."""

import numpy as np
import pytest

from warpgan import labels
from warpgan.people import charts
from warpgan.people import scene as scene_module
from warpgan.people.camera import DISTANCE, Camera
from warpgan.people.scene import MISS, SKIN, Scene


def scene(points, faces, *, textures=({},), **changed):
    """A scene of triangles with nothing on them; `changed` replaces columns of `shader.Look`."""
    from warpgan.people.shader import wp

    count, garments, faces = len(points), len(textures) - 1, np.asarray(faces)
    flat = np.zeros((3 * len(faces), 2))
    columns = {
        "number": np.full(len(faces), SKIN), "chart": np.full(len(faces), charts.TRUNK), "trunk_uv": flat,
        "limb_uv": flat, "cut": np.ones(count), "place": np.asarray(points), "arm": np.full(count, -1.0),
        "armness": np.zeros(count), "regions": np.full((count, garments + 1), -1.0),
        "trims": np.full((count, garments + 1), -1.0), "label": np.full(garments + 1, labels.TORSO_SKIN),
        "lining": np.zeros(garments + 1), "seam": np.zeros(garments + 1), "colour": np.ones((garments + 1, 3)),
        "trim": np.zeros((garments + 1, 3)), **changed,
    }
    at = wp.array(np.asarray(points, np.float32), dtype=wp.vec3, device="cpu")
    return Scene(at, faces, columns, list(textures)), at


def test_rays_meet_what_is_projected():
    camera, rng = Camera((40, 30), 60.0, (14.0, 20.0)), np.random.default_rng(4)
    corners = rng.uniform(-0.4, 0.4, (3, 3))
    seen, _ = scene(corners, [[0, 1, 2]])
    weights = rng.dirichlet([2, 2, 2], 50)
    points = weights @ corners
    face, found, depth, _ = seen.probe(seen.view(camera), camera.project(points))
    assert (face == 0).all()
    np.testing.assert_allclose(depth, points[:, 1] + DISTANCE, atol=1e-3)
    np.testing.assert_allclose(found @ corners, points, atol=1e-3)


def test_a_ray_goes_on_where_the_cloth_has_ended():
    near, far = np.array([[-1, 0, -1], [1, 0, -1], [0, 0, 2.0]]), np.array([[-1, 1, -1], [1, 1, -1], [0, 1, 2.0]])
    camera = Camera((21, 21), 50.0, (10.0, 10.0))
    cut = np.concatenate([near[:, 2], np.ones(3)])  # the near triangle ends below z = 0
    seen, _ = scene(np.concatenate([near, far]), [[0, 1, 2], [3, 4, 5]], cut=cut)
    face, *_ = seen.probe(seen.view(camera), np.array([[10, 9.0], [10, 11.0], [19.5, 10.0]]))
    assert face.tolist() == [0, 1, MISS]


def square(depth):
    corners = np.array([[-1, depth, -1], [1, depth, -1], [1, depth, 1], [-1, depth, 1.0]])
    return corners, np.array([[0, 1, 2], [0, 2, 3]])


def see(one, at, camera, ground=0.0, **light):
    """Pictures as numpy, by name."""
    from warpgan.people.shader import wp

    normals = wp.array(np.tile([0, -1.0, 0], (len(at), 1)).astype(np.float32), dtype=wp.vec3, device="cpu")
    seen = one.see(one.view(camera, **light), normals, np.full((*camera.size, 3), ground))
    return {name: value.numpy().reshape(*camera.size, *value.numpy().shape[1:]) for name, value in seen.items()}


def test_the_rays_of_a_pixel_mix_person_and_ground_by_area():
    points, faces = square(0.0)
    camera = Camera((20, 20), 5.0 * 7.3, (9.4, 9.7))  # the square is 14.6 pixels wide and high
    one, at = scene(points, faces, place=np.tile([0.05, -0.1, 0.5], (4, 1)))
    seen = see(one, at, camera, ground=0.0)
    assert seen["picture"].sum() == pytest.approx(3 * 14.6**2, rel=0.02)
    assert (seen["label"] == labels.TORSO_SKIN).sum() in range(14**2, 16**2 + 1)
    edge = (seen["picture"][..., 0] > 0) & (seen["picture"][..., 0] < 1)
    assert edge.any() and not seen["pure"][edge].any() and seen["pure"][~edge].all()
    np.testing.assert_allclose(seen["depth"][seen["face"] >= 0], DISTANCE, atol=1e-4)
    assert (seen["depth"][seen["face"] < 0] == 0).all()
    np.testing.assert_allclose(seen["normal"][10, 10], [0, -1, 0], atol=1e-6)


def test_light_falls_by_the_cosine_and_a_shadow_takes_its_share():
    points, faces = square(0.0)
    camera = Camera((9, 9), 5.0 * 20, (4.0, 4.0))
    one, at = scene(points, faces)
    light = np.array([0.0, -0.6, 0.8])
    seen = see(one, at, camera, light=light, ambient=0.3, diffuse=0.5)
    np.testing.assert_allclose(seen["picture"], 0.3 + 0.5 * 0.6, atol=1e-5)
    np.testing.assert_allclose(seen["unlit"], 1.0)
    over = np.array([[-1, -1.0, 0.8], [1, -1.0, 0.8], [1, 0.0, 0.8], [-1, 0.0, 0.8]])  # a roof out of the picture
    one, at = scene(np.concatenate([points, over]), np.concatenate([faces, faces + 4]))
    seen = see(one, at, camera, light=light, ambient=0.3, diffuse=0.5, shadow=0.7)
    np.testing.assert_allclose(seen["picture"], 0.3 + 0.5 * 0.6 * 0.3, atol=1e-5)


@pytest.mark.parametrize("chart", [charts.TRUNK, charts.OWN])
def test_a_texture_lies_where_its_chart_says(chart, monkeypatch):
    monkeypatch.setattr(scene_module, "SHARP", 99.0)  # the texture as it is painted, however small it is seen
    points, faces = square(0.0)
    u0, u1, v0, v1 = charts.EXTENT.get(chart, (0, 1, 0, 1))
    texture = np.random.default_rng(0).random((20, 30, 3)).astype(np.float32)
    uv = np.array([[u0, v0], [u1, v0], [u1, v1], [u0, v1]])[faces].reshape(-1, 2)
    side = {"trunk_uv": uv} if chart == charts.TRUNK else {"limb_uv": uv, "chart": np.full(2, chart)}
    one, at = scene(points, faces, textures=({chart: texture}, {}), number=np.zeros(2, int), **side)
    # One texel a pixel: the square is 30 wide and 30 high in pixels, so every texel of a row is hit in its middle.
    camera = Camera((30, 30), 5.0 * 15, (14.5, 14.5))
    seen = see(one, at, camera)
    y = np.clip(np.arange(30) * 20 / 30 - 0.5 + 0.5 * 20 / 30, 0, 19)
    low, share = np.floor(y).astype(int), (y % 1)[:, None, None]
    wanted = texture[low] * (1 - share) + texture[np.minimum(low + 1, 19)] * share
    np.testing.assert_allclose(seen["unlit"][2:-2, 2:-2].mean((0, 1)), wanted[2:-2, 2:-2].mean((0, 1)), atol=5e-3)
    assert np.abs(seen["unlit"] - wanted)[2:-2, 2:-2].mean() < 0.12  # four rays of a pixel are not its centre


def test_a_texture_finer_than_the_pixels_is_seen_as_its_mean_and_stays_in_its_place():
    points, faces = square(0.0)
    u0, u1, v0, v1 = charts.EXTENT[charts.TRUNK]
    uv = np.array([[u0, v0], [u1, v0], [u1, v1], [u0, v1]])[faces].reshape(-1, 2)
    texture = np.indices((303, 201)).sum(0)[..., None].repeat(3, 2) % 2 * np.float32(0.8)  # a board of single texels
    texture[:151] += 0.2  # its upper half is brighter
    one, at = scene(points, faces, textures=({charts.TRUNK: texture}, {}), number=np.zeros(2, int), trunk_uv=uv)
    seen = see(one, at, Camera((40, 40), 5.0 * 20, (19.5, 19.5)))["unlit"][2:-2, 2:-2, 0]
    np.testing.assert_allclose(seen[:16], 0.6, atol=0.02)
    np.testing.assert_allclose(seen[-16:], 0.4, atol=0.02)


def test_no_triangle_is_torn_by_a_seam():
    from warpgan.people.body import load_body
    from warpgan.people.wardrobe import fields

    where = fields()
    for group in ("body", "tights", "skirt"):
        faces = load_body().faces[group]
        chart, trunk, limb = charts.lay_flat(faces, where.place, where.arm)
        off = np.hypot(where.place[:, 0], where.place[:, 1] + 0.02)[faces].min(1) > 0.05  # the axis is no cylinder
        assert np.ptp(trunk[off][..., 0], axis=1).max() < 0.8 * charts.TRUNK_RADIUS
        if group == "tights":
            shank = np.isin(chart, charts.LEGS) & (np.abs(where.place[faces][..., 2] + 0.4).max(1) < 0.1)
            assert shank.any() and np.ptp(limb[shank][..., 0], axis=1).max() < charts.LEG_RADIUS
    left = where.place[load_body().faces["tights"]].mean(1)[:, 0] > 0
    chart, *_ = charts.lay_flat(load_body().faces["tights"], where.place, where.arm)
    assert left[chart == charts.LEFT_ARM].all() and not left[chart == charts.RIGHT_LEG].any()


def test_charts_run_the_way_they_say():
    u, v = charts.grid(charts.TRUNK)
    assert u.shape == charts.shape(charts.TRUNK) and (np.diff(v[:, 0]) < 0).all() and (np.diff(u[0]) > 0).all()
    front_left, back = charts.on_trunk(np.array([[0.05, -0.15, 0.5], [0.0, 0.12, 0.5]]))
    assert 0 < front_left[0] < 0.1 and abs(back[0]) == pytest.approx(np.pi * charts.TRUNK_RADIUS)
    assert charts.on_scalp(np.array([0.0, 0.1, 0.9]))[0] == 0  # the back of the head
