"""The gate's numbers: nothing moved and nothing let in are 0; a known shift and a known addition come back."""

import pytest
import torch
from scenes import Boxes, untrained

from warpgan import gates, geometry, labels


def test_the_distance_of_poses_is_a_mean_over_joints_that_both_have():
    one = torch.cat([torch.rand(2, 18, 2) * 50, torch.ones(2, 18, 1)], dim=-1)
    other = one + torch.tensor([3.0, 4.0, 0.0])
    assert gates.pose_distance(one, one, 100).tolist() == [0, 0]
    other[0, 0], other[1, :, 2] = 0, 0  # a joint that is missing does not count; without any there is no distance
    found = gates.pose_distance(one, other, 100)
    assert found[0].item() == pytest.approx(0.05, abs=1e-6) and found[1].isnan()


def test_a_maps_reach_is_its_shift_over_the_person():
    person = torch.zeros(2, 16, 8, dtype=torch.bool)
    person[0, 4:8] = True
    grid = geometry.identity_grid(2, (16, 8))
    assert gates.warp_magnitude(grid, person)[0] == 0
    grid[0, :4] += 1  # outside the person
    grid[0, 4:8, :, 1] += 2 * 3 / 16  # three pixels down
    reach = gates.warp_magnitude(grid, person)
    assert reach[0].item() == pytest.approx(3 / 16, abs=1e-6) and reach[1].isnan()


def test_what_is_let_in_goes_from_nothing_to_all():
    phi = torch.randn(1, 6, 4, 2)
    assert not gates.let_in(phi, phi).any()
    torch.testing.assert_close(gates.let_in(phi, 2 * phi), torch.full((1, 1, 4, 2), 0.5))
    assert (gates.let_in(torch.zeros_like(phi), phi) == 1).all()


def test_a_row_a_pair_with_every_part():
    nets = untrained()
    found = gates.table(nets, Boxes(12), 6)
    assert len(found) == 6 and set(found["pair"]) <= {f"box-{i // 2}_{i % 2}-1" for i in range(12)}
    assert found["gate"].between(0, 1).all() and found["let_in"].between(0, 1).all()
    assert {f"{name}_{part}" for name in ("gate", "let_in") for part in gates.PARTS} <= set(found)
    assert not nets.generator.warping._forward_hooks  # it is not watched any longer
    pair = Boxes(12)[0]
    here, there = pair["condition_keypoints"], pair["target_keypoints"]
    expected = float((here - there)[:, :2].norm(dim=-1).mean()) / 64
    assert found["pose_distance"][0] == pytest.approx(expected, abs=1e-5)


def test_the_parts_are_weighted_places_of_the_drawn_parsing():
    nets = untrained(maps="none")

    class Fixed(torch.nn.Module):
        def forward(self, onehot, pose):
            logits = torch.zeros(len(onehot), 20, 64, 32)
            logits[:, labels.BACKGROUND] = 1
            logits[:, labels.FACE, :16], logits[:, labels.PANTS, 32:48] = 2, 2
            return logits

    nets.parser = Fixed()
    found = gates.table(nets, Boxes(12), 4)
    assert (found["warp"].abs() < 1e-6).all()
    torch.testing.assert_close(
        torch.tensor(found["gate"]), torch.tensor((found["gate_head"] + found["gate_legs"]) / 2), atol=1e-6, rtol=0
    )
    assert found[["gate_trunk", "gate_arms", "let_in_shoes"]].isna().all().all()


def test_without_a_block_there_is_no_gate():
    with pytest.raises(ValueError, match="no warping-block, and so no gate to measure"):
        gates.table(untrained(warping=False), Boxes(12), 4)
