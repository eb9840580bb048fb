"""Painting by label rebuilds a flat picture exactly, and knows nothing of texture."""

import pytest
import torch
from scenes import Boxes

from warpgan.baselines import copy_condition, paint_by_label


def test_flat_people_are_painted_exactly():
    pair = {key: value[None] for key, value in Boxes()[3].items() if isinstance(value, torch.Tensor)}
    painted = paint_by_label(pair["condition_image"], pair["condition_parsing"], pair["target_parsing"])
    assert torch.equal(painted, pair["target_image"])
    assert not torch.equal(pair["condition_image"], pair["target_image"])


def test_texture_becomes_its_median():
    image = torch.zeros(1, 3, 1, 5)
    image[0, :, 0] = torch.tensor([-1.0, -0.5, 0.25, 0.5, 1.0])
    parsing = torch.full((1, 1, 5), 5)
    assert torch.equal(paint_by_label(image, parsing, parsing), torch.full_like(image, 0.25))


def test_a_label_that_the_condition_lacks_takes_the_foregrounds_colour():
    image = torch.zeros(1, 3, 1, 3)
    image[..., 0], image[..., 1:] = 1.0, -0.5
    condition, target = torch.tensor([[[0, 5, 5]]]), torch.tensor([[[6, 0, 5]]])
    assert paint_by_label(image, condition, target)[0, 0, 0].tolist() == [-0.5, 1.0, -0.5]
    assert paint_by_label(image, condition * 0, target)[0, 0, 0, 0] == 0


def test_copying_is_copying():
    image = torch.rand(1, 3, 4, 4)
    assert copy_condition(image) is image


def test_sizes_must_agree():
    with pytest.raises(ValueError, match="sizes disagree"):
        paint_by_label(torch.zeros(1, 3, 4, 4), torch.zeros(1, 4, 4), torch.zeros(1, 4, 5))
