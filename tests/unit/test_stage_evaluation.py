"""Stage I and the matcher: the mean of the rows is the number that is told, and misses are pooled over pixels."""

import numpy as np
import pytest
import torch
from scenes import Boxes

from warpgan import config, evaluation, geometry, metrics, models
from warpgan.batches import spread

DATA = Boxes(10)


@pytest.mark.parametrize("stage", ["parser", "matcher"])
def test_the_means_are_those_of_the_rows(stage):
    small = config.preset("quick", height=64, width=32, matcher_width=8, parser_width=4, parser_blocks=1)
    module = models.build(small)[stage].train()
    rows = getattr(evaluation, f"{stage}_pairs")(module, DATA, 6)
    means = getattr(evaluation, stage)(module, DATA, 6)
    assert module.training
    assert list(rows["pair"]) == [name for batch in spread(DATA, 6) for name in batch.names]
    assert set(rows["person"]) <= {f"box-{i}" for i in range(5)}
    columns = set(rows) - {"pair", "person"}
    assert columns and {name: means[name] for name in columns} == {name: rows[name].mean() for name in columns}
    assert rows["label_agreement"].between(0, 1).all()


def test_an_untrained_matcher_is_the_unwarped_row():
    small = config.preset("quick", height=64, width=32, matcher_width=8)
    found = evaluation.matcher(models.build(small)["matcher"], DATA, 6)
    assert found["label_agreement"] == found["unwarped_label_agreement"] < 1
    assert found["correspondence_error"] == pytest.approx(found["unwarped_correspondence_error"], abs=1e-3)


class Turned(Boxes):
    """Boxes whose person faces the camera in the condition, and in every second target turns the back."""

    def __getitem__(self, index):
        pair = super().__getitem__(index)
        for which, left_at in (("condition", 20.0), ("target", 20.0 if index % 2 else 4.0)):
            joints = torch.zeros(18, 3)
            for right, left, y in ((2, 5, 20.0), (8, 11, 40.0)):
                joints[right], joints[left] = torch.tensor([12.0, y, 1]), torch.tensor([left_at, y, 1])
            pair[f"{which}_keypoints"] = joints
        return pair


def test_misses_are_pooled_over_pixels_and_split_by_view():
    small = config.preset("quick", height=64, width=32, matcher_width=8)
    found = evaluation.matcher(models.build(small)["matcher"], Turned(10), 10)
    batch = next(iter(spread(Turned(10), 10)))
    still = metrics.correspondence_distances(geometry.identity_grid(10, (64, 32)), batch.correspondence)
    back = torch.tensor([view == "back" for view in metrics.views(batch.target_keypoints)])
    assert back.sum() == 5 and found["pairs front-front"] == found["pairs front-back"] == 5
    for ending, chosen in (("", back | ~back), (" front-back", back), (" front-front", ~back)):
        misses = still[chosen][batch.correspondence_valid[chosen]].numpy()
        for prefix in ("", "unwarped_"):  # the untrained matcher moves nothing
            median = found[f"{prefix}median_correspondence_error{ending}"]
            assert median == pytest.approx(np.median(misses), abs=1e-3)
            share = found[f"{prefix}share_within_2{ending}"]
            assert share == pytest.approx((misses <= 2).mean(), abs=0.05)
    assert not [name for name in found if name.endswith("back-front")]
