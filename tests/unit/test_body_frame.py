"""A body's frame knows neither where a body stands nor how large it is, and makes of left and right one sign."""

import pytest
import torch

from warpgan import parsing
from warpgan.labels import FACE, HAIR, PANTS
from warpgan.models.body_frame import PLACES, Turn, body_frame, places, statistics


def box(top, bottom, left, right, size=(64, 48)):
    person = torch.zeros(1, 1, *size)
    person[..., top:bottom, left:right] = 1
    return person


def test_the_middle_of_a_body_is_zero_and_its_height_is_the_unit():
    frame = body_frame(box(10, 50, 8, 20))  # centre at x 14, y 30; standard deviation of 40 rows: 11.54
    deviation = 40 / 12**0.5
    assert frame.shape == (1, 3, 64, 48)
    assert frame[0, 0, 30, 13:15].tolist() == pytest.approx([-0.5 / deviation, 0.5 / deviation], abs=2e-2)
    assert frame[0, 1, 29:31, 0].tolist() == pytest.approx([-0.5 / deviation, 0.5 / deviation], abs=2e-2)
    assert frame.abs().max() <= 4


def test_it_moves_and_grows_with_the_body():
    small, large = body_frame(box(10, 30, 6, 12)), body_frame(box(20, 60, 22, 34))
    points = [(20, 9), (12, 7), (29, 11)]
    for y, x in points:  # the same points of a body of double size, moved by 10 and 0
        same = large[0, :, 2 * y - 1 : 2 * y + 1, 2 * x + 9 : 2 * x + 11].mean(dim=(1, 2))
        here = small[0, :, y - 1 : y + 1, x - 1 : x + 1].mean(dim=(1, 2))
        assert same.tolist() == pytest.approx(here.tolist(), abs=0.2)


def test_the_axis_is_that_of_the_rows_around():
    leaning = box(0, 32, 10, 20) + box(32, 64, 26, 36)
    frame = body_frame(leaning)
    assert frame[0, 2, 4, 14:16].mean().abs() < 0.05 and frame[0, 2, 60, 30:32].mean().abs() < 0.05
    assert frame[0, 0, 4, 14:16].mean() < -0.3 < 0.3 < frame[0, 0, 60, 30:32].mean()


def test_nobody_and_everywhere_give_finite_numbers():
    for person in (torch.zeros(2, 1, 8, 6), torch.ones(2, 1, 8, 6), torch.ones(1, 1, 1, 1)):
        assert body_frame(person).isfinite().all()


def test_statistics_are_shares_and_centroids():
    labels = torch.zeros(1, 64, 48, dtype=torch.int64)
    labels[:, 10:20, 10:20], labels[:, 20:50, 10:20] = FACE, PANTS
    frame = body_frame((labels > 0).float()[:, None])
    amount, x, y = statistics(parsing.one_hot(labels), frame).split(20, dim=1)
    assert amount[0, FACE].item() == pytest.approx(0.5 * torch.tensor(25.1).log().item(), abs=1e-3)
    assert amount[0, 0] == 0 and amount[0, HAIR].item() == pytest.approx(0.5 * torch.tensor(0.1).log().item(), abs=1e-3)
    assert y[0, FACE] < -1 < 0 < y[0, PANTS] and abs(x[0, FACE]) < 0.05


def test_turning_round_changes_the_sign_of_the_side_and_nothing_else():
    frame = torch.rand(2, 3, 5, 4)
    towards, away = places(frame, torch.ones(2)), places(frame, -torch.ones(2))
    assert towards.shape == (2, PLACES, 5, 4)
    assert torch.equal(towards[:, :-4], away[:, :-4]) and torch.equal(towards[:, -4:], -away[:, -4:])
    assert torch.equal(towards[:, -4:-1], frame)


def test_a_turn_is_one_logit_a_picture():
    assert Turn(7)(torch.rand(3, 60), torch.rand(3, 7)).shape == (3,)
