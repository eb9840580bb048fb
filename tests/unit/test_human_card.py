"""The human parser's part of the card is made of a measurement of the very weights that are shipped."""

from pathlib import Path

import pytest
import torch

from figures import human_card
from warpgan import checkpoints, config
from warpgan.files import read_json
from warpgan.models import build_human_parser
from warpgan.transfer import SHIPPED_FOLDER

ROOT = Path(__file__).resolve().parents[2]
FACTS = {"seconds": 5400.0, "metrics": {}, "note": "It was raining."}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Untrained weights measured on one small rendered person."""
    root = tmp_path_factory.mktemp("root")
    chosen = config.preset("human_parser", height=32, width=32, poses=2, human_width=0.25, human_decoder=8,
                           human_styles="plain+plain")
    torch.manual_seed(0)
    checkpoints.save(root / "run" / "human_parser", {"human_parser": build_human_parser(chosen)}, stage="human_parser",
                     config=chosen, step=9, facts=FACTS)
    (root / "warpgan" / "weights").mkdir(parents=True)
    (root / human_card.CARD).write_text(f"# Weights `rendered`\n\nfirst\n\n{human_card.TITLE}\nold\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WARPGAN_CACHE", str(root / "cache"))
        assert human_card.main(["--weights", str(root / "run"), "--people", "1", "--root", str(root)]) == 0
    return root


def test_the_part_says_what_was_measured_and_leaves_the_others(made):
    text = (made / human_card.CARD).read_text()
    assert text.startswith("# Weights `rendered`\n\nfirst\n\n## Weights") and "old" not in text
    assert text.endswith(human_card.section(made)) and text.count(human_card.TITLE) == 1
    found = read_json(made / human_card.NUMBERS)
    test = found["tests"]["plain"]
    assert test["pictures"] == 2 and f"**{test['mean_iou']:.3f}**" in text
    averaged = [label["iou"] for label in test["labels"].values() if label["averaged"]]
    assert sum(averaged) / len(averaged) == pytest.approx(test["mean_iou"], abs=1e-4)
    assert sum(label["share"] for label in test["labels"].values()) == pytest.approx(1, abs=1e-4)
    assert "9 steps of 8 pictures" in text and "1.50 hours" in text
    assert "human_decoder=8" in text and "It was raining." in text


def test_without_numbers_there_is_no_part(tmp_path):
    assert human_card.section(tmp_path) == ""


def test_missing_weights_are_told(tmp_path, capsys):
    assert human_card.main(["--weights", str(tmp_path), "--root", str(tmp_path)]) == 1
    assert "no such checkpoint" in capsys.readouterr().err


def test_what_is_committed_belongs_to_the_shipped_weights():
    shipped = checkpoints.load(SHIPPED_FOLDER / "human_parser" / "human_parser", "human_parser")
    found = read_json(ROOT / human_card.NUMBERS)
    # Fields of the configuration that came later have the defaults that reproduce the weights.
    described = found["weights"] | {"config": config.from_dict(found["weights"]["config"]).to_dict()}
    assert described == human_card.describe(shipped), "run python -m figures.human_card"
    assert (ROOT / human_card.CARD).read_text(encoding="utf-8").endswith(human_card.section(ROOT))


def test_the_shipped_weights_are_small_and_good():
    found = read_json(ROOT / human_card.NUMBERS)
    assert found["weights"]["bytes"] <= 8e6
    assert found["tests"]["plain"]["mean_iou"] >= 0.65
    assert found["tests"]["plain"]["pictures"] == 192
