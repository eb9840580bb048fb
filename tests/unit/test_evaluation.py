"""The truth scores perfectly in every row, and methods are compared on the same pairs."""

import pytest
import torch
from scenes import Boxes

from warpgan import config, evaluation, models
from warpgan.transfer import PoseTransfer

DATA = Boxes(10)


@pytest.fixture(scope="module")
def frame():
    methods = {"truth": lambda batch: batch.target_image, "copy": evaluation.copy, "paint": evaluation.paint}
    return evaluation.table(methods, DATA, 8)


def test_the_truth_scores_perfectly_and_boxes_are_painted_exactly(frame):
    for method in ("truth", "paint"):
        rows = frame[frame.method == method]
        assert (rows.ssim > 0.999).all() and (rows.l1 == 0).all() and (rows.clothing_l1 == 0).all()


def test_every_method_sees_the_same_pairs(frame):
    assert len(frame) == 24
    assert len({tuple(part.pair) for _, part in frame.groupby("method")}) == 1
    assert set(frame.person) == {f"box-{i}" for i in range(5)}
    assert evaluation.person_of("test-00007-01-03") == evaluation.person_of("test-00007-02-00") == "test-00007"


def test_the_summary_and_the_difference_agree_with_the_rows(frame):
    copied = frame[frame.method == "copy"]
    summary = evaluation.summary(frame)
    assert summary.loc["copy", "clothing_l1"] == pytest.approx(copied.clothing_l1.mean())
    assert summary.loc["copy", "ssim_low"] <= copied.ssim.mean() <= summary.loc["copy", "ssim_high"]
    mean, low, high = evaluation.difference(frame, "copy", "paint")
    assert mean == pytest.approx(copied.clothing_l1.mean()) and low <= mean <= high


def test_an_untrained_matcher_is_the_unwarped_row():
    small = config.preset("quick", height=64, width=32, matcher_width=8)
    found = evaluation.matcher(models.build(small)["matcher"], DATA, 6)
    assert found["label_agreement"] == found["unwarped_label_agreement"] < 1
    assert found["correspondence_error"] == pytest.approx(found["unwarped_correspondence_error"], abs=1e-3)


def test_measuring_leaves_the_mode_of_the_networks_alone():
    small = config.preset(
        "quick", height=64, width=32, parser_width=4, parser_blocks=1, matcher_width=8, generator_width=4,
        generator_blocks=1,
    )  # fmt: skip
    networks = models.build(small)
    transfer = PoseTransfer(*(networks[name] for name in ("parser", "matcher", "generator")))
    assert set(evaluation.pictures(transfer, DATA, 4)) == {"ssim", "l1", "clothing_l1"}
    assert transfer.training and networks["generator"].training
    painted = evaluation.paint_synthesised(transfer)
    assert torch.isfinite(torch.tensor(evaluation.table({"p": painted}, DATA, 4).ssim)).all()
