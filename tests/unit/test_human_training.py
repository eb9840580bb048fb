"""A human parser learns, goes on from its checkpoint with the same bits, and is measured as it is said to be."""

import csv

import pytest
import torch
from scenes import Squares

from warpgan import checkpoints, config, human_parsing, labels, metrics, parsing, transfer
from warpgan.models import build_human_parser

SMALL = dict(
    height=32, width=32, human_width=0.25, human_decoder=8, batch=4, human_steps=6, log_every=1, checkpoint_every=3,
    evaluation_pairs=4,
)


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
    counts = {name for name in small.tensors if name.endswith("num_batches_tracked")}
    assert all((value.dtype == torch.float16) != (name in counts) for name, value in small.tensors.items())
    assert not any(name.startswith("adam") for name in small.tensors)


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
