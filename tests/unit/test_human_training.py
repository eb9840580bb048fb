"""A human parser learns, goes on from its checkpoint with the same bits, and mirrors left into right."""

import csv

import pytest
import torch

from warpgan import checkpoints, config, human_batches, human_parsing, labels, metrics, parsing, transfer
from warpgan.models import build_human_parser

SMALL = dict(
    height=32, width=32, human_width=0.25, human_decoder=8, batch=4, human_steps=6, log_every=1, checkpoint_every=3,
    evaluation_pairs=4,
)  # fmt: skip


class Squares(torch.utils.data.Dataset):
    """A red square (pants) or a blue one (coat) somewhere on grey; the lowest row does not count."""

    def __init__(self, count=8):
        self.count = count

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        image, target = torch.zeros(3, 32, 32), torch.zeros(32, 32, dtype=torch.int64)
        top, left, label = index % 3 * 6, index % 4 * 5, (labels.PANTS, labels.COAT)[index % 2]
        colour = torch.tensor(((1.0, -1, -1), (-1, -1, 1.0))[index % 2])
        image[:, top : top + 14, left : left + 14] = colour[:, None, None]
        target[top : top + 14, left : left + 14] = label
        target[-1] = parsing.IGNORE
        return {"image": image, "parsing": target, "name": f"square-{index}"}


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def train(out, **changes):
    return human_parsing.train(config.preset("quick", **SMALL | changes), out, data=Squares(), unseen=Squares(4))


def test_it_learns(tmp_path):
    faster = dict(human_learning_rate=6e-3, checkpoint_every=1000)
    run = train(tmp_path, human_steps=80, human_small=0.0, log_every=10, **faster)
    assert run.metrics["after"]["mean_iou"] > 0.7 > 0.3 > run.metrics["before"]["mean_iou"]
    losses = run.losses()
    assert losses["loss"].iloc[-1] < losses["loss"].iloc[0] / 3


def test_stopped_and_continued_it_ends_with_the_same_bits(tmp_path, monkeypatch):
    whole = train(tmp_path / "whole")
    ordinary = human_parsing.batch_at

    def killed(data, step, *rest):
        if step == 4:  # after the checkpoint of step 3
            raise KeyboardInterrupt
        return ordinary(data, step, *rest)

    monkeypatch.setattr(human_parsing, "batch_at", killed)
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "cut")
    monkeypatch.undo()
    torch.rand(7)  # whatever happens between
    train(tmp_path / "cut")
    one, two = (checkpoints.load(tmp_path / name / "human_parser").tensors for name in ("whole", "cut"))
    assert set(one) == set(two)
    assert [name for name in one if not torch.equal(one[name], two[name])] == []
    with (tmp_path / "cut" / "human_parser" / "log.csv").open() as file:
        assert [row["step"] for row in csv.DictReader(file)] == list("012345")
    assert whole.metrics == checkpoints.load(tmp_path / "cut" / "human_parser").facts["metrics"]


def test_another_configuration_is_refused_by_name(tmp_path):
    train(tmp_path, human_steps=1)
    with pytest.raises(ValueError, match="human_decoder 8 there and 12 here"):
        train(tmp_path, human_steps=1, human_decoder=12)


def test_shipped_it_answers_the_same_to_half_precision(tmp_path):
    train(tmp_path / "run")
    checkpoints.ship(tmp_path / "run", tmp_path / "small", checkpoints.ALONE)
    full, half = (transfer.load_human_parser(tmp_path / name) for name in ("run", "small"))
    image = torch.rand(1, 3, 40, 24) * 2 - 1
    with torch.no_grad():
        assert torch.allclose(full(image), half(image), atol=0.05)
    small = checkpoints.load(tmp_path / "small" / "human_parser")
    assert all(value.dtype == torch.float16 for value in small.tensors.values())
    assert not any(name.startswith("adam") for name in small.tensors)


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


def test_iou_is_pooled_and_leaves_out_what_is_absent_or_ignored():
    target = torch.randint(4, (3, 8, 8))
    guess = torch.where(torch.rand(3, 8, 8) < 0.5, target, torch.randint(5, (3, 8, 8)))
    target[:, 0] = parsing.IGNORE
    split = sum(metrics.label_confusion(guess[i : i + 1], target[i : i + 1]) for i in range(3))
    assert torch.equal(split, metrics.label_confusion(guess, target))
    found, counted = metrics.class_iou(split), target != parsing.IGNORE
    for label in range(5):
        one, two = (guess == label) & counted, target == label
        assert found[label].item() == pytest.approx((one & two).sum().item() / (one | two).sum().item())
    assert found[5:].isnan().all()


def test_the_mean_is_over_large_labels_and_small_ones_are_told():
    class Perfect(torch.nn.Module):
        def forward(self, image):
            return torch.stack([image[:, 0] == label / 20 for label in range(20)], dim=1).float()

    class One(torch.utils.data.Dataset):
        def __len__(self):
            return 1

        def __getitem__(self, index):
            target = torch.zeros(50, 50, dtype=torch.int64)
            target[10:20] = labels.FACE
            image = (target / 20).expand(3, 50, 50).clone()
            target[0, 0] = labels.GLOVE  # one pixel of 2,500: below a thousandth, and missed
            return {"image": image, "parsing": target}

    found = human_parsing.measure(Perfect(), One())
    assert found["mean_iou"] == pytest.approx((1 + 1999 / 2000) / 2, abs=1e-4)
    assert found["iou glove"] == 0 and found["iou face"] == 1 and "iou hat" not in found


def test_the_networks_of_both_presets_are_built():
    assert build_human_parser(config.preset("quick")).classify.in_channels == config.preset("quick").human_decoder
