"""Every pair comes once an epoch, and a step's batch depends on the seed and the step alone."""

import pytest
import torch
from scenes import Boxes

from warpgan import batches, keypoints, parsing


def test_every_pair_comes_once_an_epoch():
    seen = [i for step in range(5) for i in batches.indices(10, 4, step, seed=0)]
    assert sorted(seen[:10]) == sorted(seen[10:]) == list(range(10))
    assert seen[:10] != seen[10:]


def test_a_batch_depends_on_seed_and_step_alone():
    later = batches.indices(100, 8, 40, seed=3)
    for step in range(40):
        batches.indices(100, 8, step, seed=3)
    assert batches.indices(100, 8, 40, seed=3) == later
    assert batches.indices(100, 8, 40, seed=4) != later


def test_maps_are_made_in_the_batch():
    data = Boxes()
    batch = batches.batch_at(data, 0, batch=3, seed=0)
    pairs = [data[i] for i in batches.indices(len(data), 3, 0, 0)]
    targets = torch.stack([pair["target_keypoints"] for pair in pairs])
    assert torch.equal(batch.target_onehot.argmax(dim=1), torch.stack([p["target_parsing"] for p in pairs]))
    assert torch.equal(batch.pose_map, keypoints.pose_map(targets, (64, 32)))
    assert torch.equal(batch.condition_onehot, parsing.one_hot(batch.condition_parsing))
    assert batch.names == [pair["name"] for pair in pairs] and len(batch) == 3


def test_pairs_without_truth_have_none():
    pair = {key: value for key, value in Boxes()[0].items() if not key.startswith("correspondence")}
    assert batches.collate([pair]).correspondence is None


def test_measuring_pairs_are_spread_and_always_the_same():
    names = [name for batch in batches.spread(Boxes(12), 4, batch=3) for name in batch.names]
    assert names == ["box-0_0-1", "box-1_1-1", "box-3_0-1", "box-4_1-1"]
    assert sum(len(batch) for batch in batches.spread(Boxes(4), 100)) == 4
    assert batches.evenly(10, 4) == [0, 2, 5, 7] and batches.evenly(3, 9) == batches.evenly(3) == [0, 1, 2]
    assert batches.evenly(0) == batches.evenly(5, 0) == []


def test_some_pairs_become_their_own_target_whoever_holds_them():
    pairs = [Boxes()[i] for i in range(12)]
    whole = batches.collate(pairs)
    assert batches.with_itself(whole, 0.0, 3) is whole
    mixed = batches.with_itself(whole, 0.5, 3)
    own = (mixed.target_image == whole.condition_image).flatten(1).all(dim=1)
    assert 2 <= own.sum() <= 10
    for name in ("image", "parsing", "onehot", "keypoints"):
        expected = torch.where(
            own.view(-1, *[1] * (getattr(whole, f"target_{name}").ndim - 1)),
            getattr(whole, f"condition_{name}"), getattr(whole, f"target_{name}"),
        )
        assert torch.equal(getattr(mixed, f"target_{name}"), expected), name
    assert torch.equal(mixed.pose_map, keypoints.pose_map(mixed.target_keypoints, (64, 32)))
    assert torch.equal(mixed.condition_image, whole.condition_image) and mixed.names == whole.names
    halves = [batches.with_itself(batches.collate(pairs[part]), 0.5, 3) for part in (slice(0, 5), slice(5, 12))]
    assert torch.equal(torch.cat([half.target_image for half in halves]), mixed.target_image)
    assert not torch.equal(batches.with_itself(whole, 0.5, 4).target_image, mixed.target_image)
    everyone = batches.with_itself(whole, 1.0, 0)
    assert torch.equal(everyone.target_parsing, whole.condition_parsing)


def test_without_the_conditions_joints_no_pair_is_its_own_target():
    pair = {key: value for key, value in Boxes()[0].items() if key != "condition_keypoints"}
    with pytest.raises(ValueError, match="without the condition's keypoints cannot be their own targets"):
        batches.with_itself(batches.collate([pair]), 1.0, 0)
