"""Random maps: their ranges and their randomness."""

import torch

from warpgan import geometry as geo


def draw(seed):
    return torch.Generator().manual_seed(seed)


def test_random_maps_stay_in_their_ranges_and_follow_the_generator():
    affine = geo.random_affine(500, draw(13))
    assert torch.equal(affine, geo.random_affine(500, draw(13)))
    assert affine[:, :, 2].abs().max() <= 0.25
    stretch = torch.linalg.svdvals(affine[:, :, :2])
    assert stretch.min() >= 0.75 - 1e-5 and stretch.max() <= 1.25 + 1e-5
    still = geo.random_affine(2, draw(13), rotation=0, shear=0, scale=(1, 1), shift=0)
    torch.testing.assert_close(still, geo.identity_affine(2))
    moves = geo.random_tps(100, 3, draw(14)) - geo.identity_tps(100, 3)
    assert 0.38 < moves.abs().max() <= 0.4 + 1e-6
    gentle = geo.random_tps(100, 5, draw(14), jitter=0.05) - geo.identity_tps(100, 5)
    assert gentle.abs().max() <= 0.05 + 1e-6
