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


def test_left_on_our_right_faces_us():
    towards = picture((labels.RIGHT_LEG, 20, 40, 10, 16), (labels.LEFT_LEG, 20, 40, 26, 32))
    facing, known = structure.facing(torch.cat([towards, parsing.mirror(towards), torch.zeros_like(towards)]))
    assert known.tolist() == [True, True, False]
    assert facing[0] > 0.99 and facing[1] > 0.99  # a mirrored person has exchanged sides, and still faces us
    away, _ = structure.facing(towards.flip(-1))
    assert away[0] < 0.01


def test_a_side_of_a_few_pixels_is_not_seen():
    speck = picture((labels.RIGHT_ARM, 0, 1, 0, 5), (labels.LEFT_ARM, 0, 20, 20, 24))
    assert structure.facing(speck)[1].tolist() == [False]


def test_the_coarse_loss_is_the_softmax_with_shares_of_cells():
    torch.manual_seed(0)
    target = torch.randint(20, (2, 19, 34))
    target[:, 3:9, 5:9] = parsing.IGNORE
    coarse, weights = torch.randn(2, 20, 4, 6), torch.rand(20)
    each, _ = structure.coarse_losses(coarse, torch.zeros(2), target, weights)
    whole, counted = 0.0, 0
    for b in range(2):
        for y in range(16):
            for x in range(32):  # cells that the picture's edge cuts do not count
                if target[b, y, x] != parsing.IGNORE:
                    label = target[b, y, x]
                    whole -= weights[label] * coarse[b, :, y // 8, x // 8].log_softmax(0)[label]
                    counted += 1
    assert each.item() == pytest.approx((whole / counted).item(), rel=1e-4)


def test_pictures_whose_turn_is_unknown_teach_none():
    target = torch.zeros(2, 16, 16, dtype=torch.int64)
    turn = torch.zeros(2, requires_grad=True)
    structure.coarse_losses(torch.zeros(2, 20, 2, 2), turn, target)[1].backward()
    assert turn.grad.abs().sum() == 0
    target[0, :8, :4], target[0, :8, 12:] = labels.RIGHT_ARM, labels.LEFT_ARM
    structure.coarse_losses(torch.zeros(2, 20, 2, 2), turn, target)[1].backward()
    assert turn.grad[0] < 0 == turn.grad[1]
