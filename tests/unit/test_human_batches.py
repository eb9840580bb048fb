"""Pictures for the human parser: mirrored with left and right exchanged, drawn by seed and step alone, weighed."""

import pytest
import torch
from scenes import Squares

from warpgan import config, human_batches, labels, parsing

SMALL = dict(height=32, width=32, batch=4, human_steps=6)


def test_mirrored_labels_exchange_left_and_right_and_keep_what_does_not_count():
    made = torch.tensor([[labels.LEFT_ARM, parsing.IGNORE, labels.HAT]])
    assert human_batches.mirror(made).tolist() == [[labels.HAT, parsing.IGNORE, labels.RIGHT_ARM]]


def test_a_batch_depends_on_seed_and_step_alone():
    chosen = config.preset("quick", **SMALL)
    one = human_batches.batch_at(Squares(), 5, chosen, "cpu")
    torch.rand(3)
    two = human_batches.batch_at(Squares(), 5, chosen, "cpu")
    assert all(torch.equal(a, b) for a, b in zip(one, two))
    assert not torch.equal(one[0], human_batches.batch_at(Squares(), 4, chosen, "cpu")[0])
    assert human_batches.batch_at(Squares(), 0, chosen, "cpu")[0].shape == (4, 3, 16, 16)  # the first half is small
    assert one[1].max() == parsing.IGNORE and one[0].abs().max() <= 1


def test_a_picture_and_its_labels_are_mirrored_together():
    chosen = config.preset("quick", **SMALL | dict(human_small=0.0, batch=8))
    image, target = human_batches.batch_at(Squares(), 1, chosen, "cpu")
    colour = image[:, 0] - image[:, 2]  # red less blue: above 0 pants, below 0 a coat, whatever the jitter
    assert torch.equal(target == labels.PANTS, (colour > 0.3) & (target != parsing.IGNORE))
    assert torch.equal(target == labels.COAT, (colour < -0.3) & (target != parsing.IGNORE))


def test_weights_average_to_one_and_lift_the_rare():
    shares = torch.tensor([0.0] * 20, dtype=torch.float64)
    counted = torch.cat([Squares()[i]["parsing"].flatten() for i in range(8)])
    counted = counted[counted != parsing.IGNORE]
    for label in range(20):
        shares[label] = (counted == label).double().mean()
    weights = human_batches.label_weights(Squares(), 0.5).double()
    assert (shares * weights).sum().item() == pytest.approx(1, rel=1e-5)
    assert weights[labels.PANTS] > 1.5 * weights[0]
    present = shares > 0
    assert torch.allclose(weights[present].log().diff(), -0.5 * shares[present].log().diff(), atol=1e-5)
    assert human_batches.label_weights(Squares(), 0.0).tolist() == [1.0] * 20


def test_pictures_of_several_sets_follow_one_another():
    class Two:
        num_pictures = 2

        def pictures(self, index):
            return index

    both = human_batches.Pictures(Two(), Two())
    assert [both[i] for i in range(len(both))] == [0, 1, 0, 1]
    with pytest.raises(IndexError, match="picture 4 of 4"):
        both[4]
