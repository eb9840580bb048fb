"""Joints are centroids of parts; a parsing whose joints are right costs its softmax alone, a misplaced one more."""

import math

import pytest
import torch
from torch.nn import functional as F

from warpgan import labels, parsing, structure


def picture(*boxes, size=(64, 48)):
    made = torch.zeros(1, *size, dtype=torch.int64)
    for label, top, bottom, left, right in boxes:
        made[:, top:bottom, left:right] = label
    return made


def test_a_joint_is_the_centroid_of_its_group_in_cells_of_eight_pixels():
    made = picture((labels.HAIR, 8, 16, 16, 32), (labels.FACE, 16, 24, 16, 32), (labels.DRESS, 24, 50, 10, 40))
    cells, present = structure.joints(made)
    assert cells[0, 0].tolist() == [int(23.5 / 8), int(15.5 / 8)]  # hair and face are one head
    assert present[0].tolist() == [True] + [False] * 8  # a dress belongs to no group
    one = parsing.one_hot(made)[0, [labels.HAIR, labels.FACE]].sum(dim=0)
    y, x = torch.nonzero(one, as_tuple=True)  # an independent way to the centroid
    assert cells[0, 0].tolist() == [int(x.double().mean() / 8), int(y.double().mean() / 8)]


def test_right_joints_cost_nothing_whatever_the_edges():
    target = picture((labels.PANTS, 16, 40, 16, 32))
    ragged = picture((labels.PANTS, 17, 39, 17, 31))
    assert structure.structure_factor(target, target).tolist() == [0.0]
    assert structure.structure_factor(ragged, target).tolist() == [0.0]


def test_a_missing_joint_costs_half_the_square_of_its_heatmap():
    target = picture((labels.LEFT_ARM, 24, 32, 16, 24))  # cell (2, 3) of 6 by 8
    mass = sum(math.exp(-((x - 2) ** 2) - (y - 3) ** 2) for x in range(6) for y in range(8))
    factor = structure.structure_factor(torch.zeros_like(target), target)
    assert factor.item() == pytest.approx(0.05 * 0.5 * mass, rel=1e-5)


def test_exchanging_left_and_right_is_punished():
    target = picture((labels.LEFT_LEG, 32, 64, 0, 8), (labels.RIGHT_LEG, 32, 64, 40, 48))
    swapped = picture((labels.RIGHT_LEG, 32, 64, 0, 8), (labels.LEFT_LEG, 32, 64, 40, 48))
    assert structure.structure_factor(swapped, target).item() > 0.2


def test_ignored_pixels_change_neither_joints_nor_loss():
    target = picture((labels.PANTS, 16, 40, 16, 32))
    target[:, 50:] = parsing.IGNORE
    logits = torch.randn(1, 20, 64, 48)
    other = logits.clone()
    other[:, :, 50:] = torch.randn(1, 20, 14, 48) * 9
    one, two = structure.human_parsing(logits, target), structure.human_parsing(other, target)
    assert one.item() == pytest.approx(two.item(), rel=1e-6)
    assert structure.human_parsing(logits, torch.full_like(target, parsing.IGNORE)).item() == 0


def test_without_structure_it_is_the_softmax_cross_entropy():
    logits, target = torch.randn(2, 20, 16, 16), torch.randint(20, (2, 16, 16))
    assert torch.allclose(structure.human_parsing(logits, target, structure=0), F.cross_entropy(logits, target))


def test_the_factor_scales_the_gradient_and_has_none_itself():
    target = picture((labels.PANTS, 16, 40, 16, 32))
    logits = torch.zeros(1, 20, 64, 48, requires_grad=True)
    factor = 1 + 2 * structure.structure_factor(logits.argmax(dim=1), target)
    (plain,) = torch.autograd.grad(structure.human_parsing(logits, target, structure=0), logits)
    (scaled,) = torch.autograd.grad(structure.human_parsing(logits, target, structure=2), logits)
    assert factor.item() > 1.05 and torch.allclose(scaled, factor.item() * plain)


def test_other_shapes_are_refused():
    with pytest.raises(ValueError, match=r"target: expected \[1, 8, 8\], found \[1, 8, 9\]"):
        structure.human_parsing(torch.zeros(1, 20, 8, 8), torch.zeros(1, 8, 9, dtype=torch.int64))
