"""The truth scores perfectly in every row, and methods are compared on the same pairs."""

import math

import numpy as np
import pytest
import torch
from scenes import Boxes

from warpgan import config, evaluation, metrics, models
from warpgan.batches import spread
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


@torch.no_grad()
def test_further_measures_are_asked_for_by_name():
    methods = {"truth": lambda batch: batch.target_image, "copy": evaluation.copy}
    asked = ["psnr", "ssim_patn", "mask_ssim", "foreground_ssim", "clothing_detail", "l1"]
    frame = evaluation.table(methods, DATA, 4, metrics=asked)
    assert list(frame.columns) == ["method", "pair", "person", *asked]
    truth, copied = (frame[frame.method == method] for method in methods)
    assert np.isinf(truth.psnr).all() and (truth.ssim_patn > 0.999).all() and (truth.foreground_ssim > 0.999).all()
    assert frame.clothing_detail.isna().all()  # boxes are plain
    batch = next(iter(spread(DATA, 4)))
    assert np.allclose(copied.ssim_patn, metrics.ssim_patn(batch.condition_image, batch.target_image))
    expected = metrics.mask_ssim(batch.condition_image, batch.target_image, batch.target_keypoints)
    assert np.allclose(copied.mask_ssim, expected)

    summary = evaluation.summary(frame)
    assert list(summary.columns[:3]) == ["psnr", "psnr_low", "psnr_high"] and len(summary.columns) == 3 * len(asked)
    assert math.isnan(summary.loc["copy", "clothing_detail"])
    mean, low, high = evaluation.difference(frame, "truth", "copy", "ssim_patn")
    assert mean == pytest.approx(1 - copied.ssim_patn.mean(), abs=1e-4) and low <= mean <= high


def test_every_measure_but_lpips_gives_one_number_a_pair_of_photos_too():
    class Photos(Boxes):
        def __getitem__(self, index):
            pair = super().__getitem__(index)
            return {name: value for name, value in pair.items() if not name.startswith("correspondence")}

    data = Photos(4, (64, 52))
    names = [name for name in metrics.MEASURES if not name.startswith("lpips")]
    frame = evaluation.table({"copy": evaluation.copy}, data, 4, metrics=names)
    unknown = {"clothing_l1", "clothing_detail"}
    for name in names:
        assert frame[name].isna().all() if name in unknown else np.isfinite(frame[name]).all(), name


def test_what_is_not_in_the_table_is_refused(frame):
    with pytest.raises(ValueError, match="no measure is called 'sim'; the measures are l1, "):
        evaluation.table({"copy": evaluation.copy}, DATA, 2, metrics=["sim"])
    with pytest.raises(ValueError, match="the table has no 'psnr'; it has ssim, l1, clothing_l1"):
        evaluation.difference(frame, "copy", "paint", "psnr")
    with pytest.raises(ValueError, match="the table has no 'network'; it has truth, copy, paint"):
        evaluation.difference(frame, "network", "paint")


def test_measuring_leaves_the_mode_of_the_networks_alone():
    small = config.preset(
        "quick", height=64, width=32, parser_width=4, parser_blocks=1, matcher_width=8, generator_width=4,
        generator_blocks=1,
    )
    networks = models.build(small)
    transfer = PoseTransfer(*(networks[name] for name in ("parser", "matcher", "generator")))
    assert set(evaluation.pictures(transfer, DATA, 4)) == {"ssim", "l1", "clothing_l1"}
    assert transfer.training and networks["generator"].training
    painted = evaluation.paint_synthesised(transfer)
    assert torch.isfinite(torch.tensor(evaluation.table({"p": painted}, DATA, 4).ssim)).all()
