"""The truth is found whole, joints are counted by hand, and views are those that the renderer drew."""

import numpy as np
import pytest
import torch
from test_photo_poses import COCO, Detector

from warpgan import downloads, geometry, keypoints, labels, metrics
from warpgan.labels import (
    LEFT_HIP,
    LEFT_SHOULDER,
    LEFT_WRIST,
    NECK,
    NOSE,
    RIGHT_HIP,
    RIGHT_SHOULDER,
)
from warpgan.people.render import render_person


def people(count=2):
    generator = torch.Generator().manual_seed(0)
    found = torch.ones(count, 18, 3)
    found[..., :2] = 60 * torch.rand(count, 18, 2, generator=generator)
    found[:, list(metrics.poses.HEAD), :2] = 0.0
    found[:, NECK, :2] = torch.tensor([8.0, 20.0])  # the head's box: 8 wide, 20 high
    return found


def test_the_truth_is_found_whole():
    truth = people()
    assert torch.equal(metrics.pckh(truth, truth), torch.ones(2))


def test_joints_are_counted_by_the_heads_box():
    truth = people(1)
    found = truth.clone()
    found[0, LEFT_WRIST, 0] += 3.9  # nearer than half of 8
    found[0, LEFT_HIP, 0] += 4.1
    found[0, RIGHT_HIP, 1] -= 9.9  # nearer than half of 20
    found[0, RIGHT_SHOULDER, 1] -= 10.1
    assert metrics.pckh(found, truth).item() == pytest.approx(16 / 18)
    assert metrics.pckh(found, truth, alpha=1.0).item() == 1
    found[0, NOSE] = 0  # not found at all
    assert metrics.pckh(found, truth).item() == pytest.approx(15 / 18)
    truth[0, LEFT_HIP] = 0  # nothing to find
    assert metrics.pckh(found, truth).item() == pytest.approx(15 / 17)


def test_a_head_without_size_gives_no_number():
    truth = people(1)
    truth[0, [joint for joint in metrics.poses.HEAD if joint != NOSE]] = 0
    assert metrics.pckh(truth, truth).isnan().all()
    with pytest.raises(ValueError, match=r"found: expected \[1, 18, 3\], found \[18, 3\]"):
        metrics.pckh(truth[0], truth)
    with pytest.raises(ValueError, match="alpha: expected a positive share of the head, found 0"):
        metrics.pckh(truth, truth, 0)


def test_pictures_are_measured_where_a_detector_is_present(tmp_path, monkeypatch):
    truth = people(2)
    truth[:, NECK, :2] = truth[:, [RIGHT_SHOULDER, LEFT_SHOULDER], :2].mean(dim=1)  # as COCO's joints give it
    images = torch.zeros(2, 3, 70, 64)
    detector = Detector((truth[0], 0.9, COCO))
    found = metrics.detected_pckh(images, truth, detector=detector)
    assert found[0] == 1 and found[1] < 1 and len(detector.shown) == 2
    assert metrics.detected_pckh(images, truth, detector=Detector()).tolist() == [0, 0]
    monkeypatch.setattr(downloads, "folder_of_downloads", lambda: tmp_path)
    with pytest.raises(FileNotFoundError, match="measured where a keypoint detector is present: .*keypointrcnn"):
        metrics.detected_pckh(images, truth)
    with pytest.raises(ValueError, match=r"images: expected \[2, 3, H, W\], found \[1, 3, 70, 64\]"):
        metrics.detected_pckh(images[:1], truth, detector=detector)


def test_views_are_those_that_the_renderer_drew():
    right, total, confused = 0, 0, 0
    for seed in range(16):
        out = render_person(np.random.SeedSequence(seed), 6, (64, 32))
        found = metrics.views(torch.from_numpy(out["keypoints"]))
        drawn = ["front" if view == "three-quarter" else view for view in out["views"]]
        right += sum(a == b for a, b in zip(found, drawn, strict=True))
        confused += sum({a, b} == {"front", "back"} for a, b in zip(found, drawn, strict=True))
        total += len(found)
    assert right / total > 0.93 and confused == 0


def test_a_mirrored_person_shows_the_same_side():
    out = render_person(np.random.SeedSequence(5), 8, (64, 32))
    joints = torch.from_numpy(out["keypoints"])
    assert metrics.views(keypoints.mirror(joints, 32)) == metrics.views(joints)
    assert metrics.views(keypoints.rescale(joints, (64, 32), (192, 96))) == metrics.views(joints)


def test_views_of_incomplete_joints():
    def with_joints(**places):
        joints = torch.zeros(1, 18, 3)
        for name, (x, y) in places.items():
            joints[0, getattr(labels, name)] = torch.tensor([x, y, 1.0])
        return metrics.views(joints)

    shoulders = {"RIGHT_SHOULDER": (10.0, 20.0), "LEFT_SHOULDER": (30.0, 20.0)}
    assert with_joints(**shoulders, RIGHT_HIP=(14.0, 50.0)) == ["front"]
    assert with_joints(RIGHT_HIP=(28.0, 50.0), LEFT_HIP=(14.0, 50.0), NECK=(20.0, 15.0)) == ["back"]
    assert with_joints(RIGHT_EAR=(10.0, 5.0), LEFT_EAR=(4.0, 5.0)) == ["back"]
    assert with_joints() == with_joints(**shoulders) == with_joints(NOSE=(1.0, 1.0)) == ["unknown"]
    with pytest.raises(ValueError, match=r"expected \[B, 18, 3\], found \[18, 3\]"):
        metrics.views(torch.zeros(18, 3))


def shifted(size=(8, 6)):
    grid = geometry.identity_grid(2, size)
    truth = geometry.normalised_to_pixel(grid, size).clone()
    truth[:, :, 0, 0] += 50.0  # one column is far off
    truth[:, :, 1:4, 0] += 1.5
    return grid, truth, torch.ones(2, *size, dtype=torch.bool)


def test_the_median_is_not_moved_by_a_few_pixels_far_off():
    grid, truth, valid = shifted()
    distances = metrics.correspondence_distances(grid, truth)
    assert torch.allclose(metrics.correspondence_error(grid, truth, valid), distances.mean(dim=(1, 2)))
    valid[1, :, 4:] = False
    expected = [np.median(d[v].numpy()) for d, v in zip(distances, valid, strict=True)]
    assert np.allclose(metrics.median_correspondence_error(grid, truth, valid).numpy(), expected)
    assert metrics.correspondence_error(grid, truth, valid)[0] > 5 * expected[0]
    assert metrics.share_within(grid, truth, valid).tolist() == pytest.approx([5 / 6, 3 / 4])
    assert metrics.share_within(grid, truth, valid, 1.0).tolist() == pytest.approx([2 / 6, 0])


def test_nothing_visible_gives_no_number():
    grid, truth, valid = shifted()
    valid[1] = False
    for measure in (metrics.correspondence_error, metrics.median_correspondence_error, metrics.share_within):
        found = measure(grid, truth, valid)
        assert not found[0].isnan() and found[1].isnan()
    with pytest.raises(ValueError, match="pixels: expected a positive number, found 0"):
        metrics.share_within(grid, truth, valid, 0)
    with pytest.raises(ValueError, match=r"expected one shape \[B, H, W, 2\], found \[2, 8, 6, 2\] and \[1, 8, 6, 2\]"):
        metrics.correspondence_error(grid, truth[:1], valid)
