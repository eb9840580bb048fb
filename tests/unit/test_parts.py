"""Def-GAN's parts: equal poses move nothing, a known affine map is recovered, a missing part moves nothing in."""

import pytest
import torch

from warpgan import geometry, keypoints
from warpgan.baselines.deformable import move_parts
from warpgan.baselines.parts import HEAD, LIMBS, PARTS, carried, joints_of, part_maps, part_masks
from warpgan.labels import LEFT_ELBOW, LEFT_HIP, NECK

SIZE = (96, 64)
STANDING = torch.tensor([
    [32, 14], [32, 24], [24, 25], [19, 36], [17, 47], [40, 25], [45, 36], [47, 47], [27, 48],
    [26, 64], [25, 82], [37, 48], [38, 64], [39, 82], [30, 12], [34, 12], [28, 13], [36, 13],
])


def pose(batch=1, missing=(), shift=(0.0, 0.0)):
    made = torch.cat([STANDING + torch.tensor(shift), torch.ones(18, 1)], dim=1).repeat(batch, 1, 1)
    made[:, list(missing)] = 0
    return made


def test_equal_poses_move_nothing():
    maps, present = part_maps(pose(2), pose(2), SIZE)
    assert present.all() and maps.shape == (2, PARTS, 2, 3)
    torch.testing.assert_close(maps, geometry.identity_affine(2)[:, None].expand(-1, PARTS, -1, -1), atol=2e-6, rtol=0)
    features = torch.rand(2, 5, 24, 16)
    moved = move_parts(features, maps, part_masks(pose(2), present, SIZE, (24, 16)))
    torch.testing.assert_close(moved, features, atol=1e-4, rtol=0)  # the torso's map carries everything


def turned(angle, scale):
    """A pose turned about a joint, with the similarity that goes from it back to the standing one, in pixels."""
    cosine, sine = torch.cos(torch.tensor(angle)), torch.sin(torch.tensor(angle))
    back = torch.stack([torch.stack([cosine, -sine]), torch.stack([sine, cosine])]) / scale
    centre = STANDING[NECK].float()
    target = pose()
    target[..., :2] = (STANDING - centre) @ back.inverse().T + centre
    return target, back, centre


@pytest.mark.parametrize("angle, scale", [(0.0, 1.5), (0.4, 1.0), (-2.5, 0.8)])
def test_a_known_similarity_is_recovered_by_every_part(angle, scale):
    target, back, centre = turned(angle, scale)
    maps, _ = part_maps(pose(), target, SIZE)
    points = torch.rand(50, 2) * 60
    expected = (points - centre) @ back.T + centre
    for part in range(PARTS):
        sent = geometry.affine_points(maps[:, part], geometry.pixel_to_normalised(points, SIZE)[None])
        torch.testing.assert_close(geometry.normalised_to_pixel(sent, SIZE)[0], expected, atol=0.05, rtol=0)


def test_a_torso_sheared_is_followed_and_a_limb_alone_is_moved_alone():
    target = pose()
    target[0, LEFT_ELBOW, 0] += 6
    maps, _ = part_maps(pose(), target, SIZE)
    still = [part for part in range(2, PARTS) if LEFT_ELBOW not in LIMBS[part - 2]]
    moved = [part for part in range(2, PARTS) if LEFT_ELBOW in LIMBS[part - 2]]
    identity = geometry.identity_affine(1)[0]
    assert all(torch.allclose(maps[0, part], identity, atol=1e-5) for part in (0, 1, *still))
    assert len(moved) == 2 and not any(torch.allclose(maps[0, part], identity, atol=1e-2) for part in moved)
    shear = pose()
    shear[0, :, 0] += 0.3 * (shear[0, :, 1] - 36)
    torso = part_maps(pose(), shear, SIZE)[0][:, 0]
    elbow = geometry.pixel_to_normalised(shear[:, [2, 5, 8, 11], :2], SIZE)
    back = geometry.normalised_to_pixel(geometry.affine_points(torso, elbow), SIZE)
    torch.testing.assert_close(back, pose()[:, [2, 5, 8, 11], :2], atol=1e-2, rtol=0)


@pytest.mark.parametrize("where", ["condition", "target"])
def test_a_part_missing_in_either_contributes_nothing(where):
    whole, torn = pose(), pose(missing=[LEFT_ELBOW])
    poses = (torn, whole) if where == "condition" else (whole, torn)
    _, present = part_maps(*poses, SIZE)
    gone = {part for part in range(PARTS) if not present[0, part]}
    assert gone == {part + 2 for part, limb in enumerate(LIMBS) if LEFT_ELBOW in limb}
    masks = part_masks(poses[1], present, SIZE, SIZE)
    assert not masks[0, sorted(gone)].any() and all(masks[0, part].any() for part in set(range(PARTS)) - gone)
    features = torch.rand(1, 3, *SIZE)
    maps = geometry.identity_affine(PARTS)[None]
    alone = torch.zeros_like(masks)
    alone[:, sorted(gone)] = masks[:, sorted(gone)]
    assert not move_parts(features, maps, alone).any()


def test_a_person_without_torso_or_head_lacks_these_parts():
    assert not part_maps(pose(missing=[LEFT_HIP]), pose(), SIZE)[1].any()
    assert part_maps(pose(), pose(missing=HEAD), SIZE)[1][0].tolist() == [True, False, *[True] * 8]
    maps, _ = part_maps(torch.zeros(1, 18, 3), torch.zeros(1, 18, 3), SIZE)
    assert maps.isfinite().all()


def test_a_person_seen_from_the_side_gives_finite_maps():
    flat = pose()
    flat[..., 0] = torch.where(flat[..., 2] > 0, 32.0, 0.0)  # every joint on one line
    for one, other in ((flat, pose()), (pose(), flat), (flat, flat)):
        maps, present = part_maps(one, other, SIZE)
        assert maps.isfinite().all()
        masks = part_masks(other, present, SIZE, (48, 32))
        assert move_parts(torch.rand(1, 2, 48, 32), maps, masks).isfinite().all()


def test_masks_cover_their_limbs_and_not_others():
    _, present = part_maps(pose(), pose(), SIZE)
    masks = part_masks(pose(), present, SIZE, SIZE)[0]
    assert masks[0].all()  # the torso's: everywhere
    for part, (start, end) in enumerate(LIMBS, start=2):
        for joint in (start, end):
            x, y = STANDING[joint].tolist()
            assert masks[part, y, x]
        assert masks[part].mean() < 0.1
    assert masks[1, 13, 32] and not masks[1, 36:].any()
    half = part_masks(pose(), present, SIZE, (48, 32))[0]
    assert (half - torch.nn.functional.avg_pool2d(masks, 2)).abs().mean() < 0.02


def test_where_parts_meet_the_largest_is_kept():
    features = torch.tensor([[1.0, 3.0, 2.0, 0.5]])[None, None]  # [1, 1, 1, 4]
    right = torch.tensor([[1.0, 0.0, -2 / 4], [0.0, 1.0, 0.0]])  # source = output - one column
    maps = torch.stack([geometry.identity_affine(1)[0], right])[None]
    masks = torch.ones(1, 2, 1, 4)
    torch.testing.assert_close(move_parts(features, maps, masks), torch.tensor([[[[1.0, 3.0, 3.0, 2.0]]]]))
    masks[:, 1, :, 2] = 0
    torch.testing.assert_close(move_parts(features, maps, masks), torch.tensor([[[[1.0, 3.0, 2.0, 2.0]]]]))


def test_joints_are_read_off_their_pose_map():
    given = pose(2, missing=[3])
    found = joints_of(keypoints.pose_map(given, SIZE))
    torch.testing.assert_close(found, given, atol=1e-4, rtol=0)
    torch.testing.assert_close(joints_of(keypoints.pose_map(given, SIZE, kind="gaussian"))[..., 2], given[..., 2])


def test_unknown_joints_are_where_the_matchers_map_sends_the_targets():
    target = pose()
    assert torch.allclose(carried(target, None, None, SIZE), target, atol=1e-4)
    five_left = geometry.identity_affine(1)
    five_left[:, 0, 2] = -5 * 2 / SIZE[1]
    for given in ((five_left, None), (five_left, geometry.identity_tps(1, 3))):
        moved = carried(target, *given, SIZE)
        torch.testing.assert_close(moved[..., :2], target[..., :2] - torch.tensor([5.0, 0.0]), atol=1e-3, rtol=0)
