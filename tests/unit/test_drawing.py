"""Drawing on pixels: what is drawn lies where it was given, in the right colour, and touches nothing else."""

import numpy as np
import pytest
import torch
from PIL import Image

from warpgan import geometry, plots
from warpgan.labels import KEYPOINT_COLOURS, LABEL_COLOURS


def test_pictures_of_every_kind_become_colours():
    image = torch.tensor([-1.0, 0.0, 1.0, 3.0])[None, None].expand(3, 2, 4)
    assert plots.to_uint8(image)[0, :, 0].tolist() == [0, 128, 255, 255]
    colours = plots.to_uint8(plots.checker((6, 5)))
    assert colours.shape == (6, 5, 3)
    assert np.array_equal(plots.to_uint8(colours), colours)
    assert np.array_equal(plots.to_uint8(Image.fromarray(colours)), colours)
    parsing = torch.arange(20).view(4, 5)
    assert np.array_equal(plots.to_uint8(parsing).reshape(20, 3), LABEL_COLOURS)
    for gate in (torch.tensor([[0.0, 0.5, 1.0]]), torch.tensor([[[0.0, 0.5, 1.0]]])):
        assert plots.to_uint8(gate)[0, :, 1].tolist() == [0, 128, 255]
    assert plots.to_uint8(parsing > 9).max() == 255


def test_a_batch_is_not_a_picture():
    with pytest.raises(ValueError, match=r"got torch.float32 \[2, 3, 8, 8\]"):
        plots.to_uint8(torch.zeros(2, 3, 8, 8))


def test_joints_lie_on_their_pixels_in_their_colours():
    keypoints = torch.zeros(18, 3)
    keypoints[4] = torch.tensor([10.0, 20.0, 1.0])
    keypoints[7] = torch.tensor([22.0, 5.0, 1.0])
    drawn = plots.draw_keypoints((32, 32), keypoints, radius=2)
    assert drawn[20, 10].tolist() == list(KEYPOINT_COLOURS[4])
    assert drawn[5, 22].tolist() == list(KEYPOINT_COLOURS[7])
    lit = drawn.any(axis=-1)
    assert 2 * 9 < lit.sum() < 2 * 30
    rows, columns = (centre.mean() for centre in lit[12:].nonzero())
    assert rows + 12 == pytest.approx(20, abs=0.3) and columns == pytest.approx(10, abs=0.3)
    large = plots.draw_keypoints((32, 32), keypoints, radius=2, scale=3)
    assert large.shape == (96, 96, 3) and large[61, 31].tolist() == list(KEYPOINT_COLOURS[4])


def test_missing_joints_leave_the_picture_alone():
    ground = plots.to_uint8(plots.checker((20, 20)))
    assert np.array_equal(plots.draw_keypoints(ground, torch.zeros(18, 3)), ground)


def test_grid_lines_of_the_identity_lie_on_the_picture():
    drawn = plots.draw_grid(geometry.identity_grid(1, (40, 40))[0], (40, 40), lines=2, margin=0.25, scale=1)
    assert drawn.shape == (60, 60, 3)
    blue = (drawn[..., 2].astype(int) - drawn[..., 0] > 100).nonzero()
    assert set(blue[0].tolist()) <= {9, 10, 11, 48, 49, 50} and (np.ptp(blue[1]) >= 36)
    shifted = geometry.identity_grid(1, (40, 40))[0] + torch.tensor([0.25, 0.0])  # 5 pixels to the right
    moved = plots.draw_grid(shifted, (40, 40), lines=2, margin=0.25, scale=1)
    blue_moved = (moved[..., 2].astype(int) - moved[..., 0] > 100).nonzero()
    assert blue_moved[1].mean() - blue[1].mean() == pytest.approx(5, abs=0.5)


def test_an_overlay_tints_the_foreground_only():
    picture, parsing = plots.checker((8, 8)), torch.zeros(8, 8, dtype=torch.int64)
    parsing[2:5] = 5
    plain, tinted = plots.to_uint8(picture), plots.overlay(picture, parsing, strength=1.0)
    assert np.array_equal(tinted[5:], plain[5:]) and (tinted[2:5] == LABEL_COLOURS[5]).all()
    with pytest.raises(ValueError, match="height first"):
        plots.overlay(picture, parsing[:4])


def test_stripes_lie_in_the_mask_alone_and_on_every_ground():
    mask = np.zeros((12, 9), bool)
    mask[2:10, 1:8] = True
    for level in (0, 128, 255):
        ground = np.full((12, 9, 3), level, np.uint8)
        drawn = plots.hatch(ground, mask)
        assert np.array_equal(drawn[~mask], ground[~mask]) and set(drawn[mask].flat) == {0, 255}
        assert (ground == level).all()
        assert drawn[2, 1:6, 0].tolist() == [255, 0, 0, 255, 255]  # 3 pixels to the right and down, and so on
        assert np.array_equal(drawn[3, 1:7], drawn[2, 2:8])  # slanting


def test_a_large_grid_is_the_same_grid():
    grid = geometry.identity_grid(1, (40, 40))[0]
    small, large = (plots.draw_grid(grid, (40, 40), lines=3, margin=0.25, scale=scale) for scale in (1, 3))
    rows = [(one[..., 2].astype(int) - one[..., 0] > 100).any(axis=1).nonzero()[0] for one in (small, large)]
    assert large.shape == (180, 180, 3)
    assert {round((row - 1) / 3) for row in rows[1].tolist()} <= set(rows[0].tolist())
