"""The networks in a row give what they give one by one; wrong arguments are told before anything is computed."""

import pytest
import torch
from scenes import Boxes

from warpgan import checkpoints, config, geometry, keypoints, models, parsing
from warpgan.transfer import PoseTransfer, find, load_network

TINY = config.preset(
    "quick", height=64, width=32, parser_width=4, parser_blocks=1, matcher_width=8, generator_width=4,
    generator_blocks=1,
)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    torch.manual_seed(0)
    networks = models.build(TINY)
    for stage, name in checkpoints.SHIPPED.items():
        checkpoints.save(folder / stage, {name: networks[name]}, stage=stage, config=TINY, step=0)
    return folder


@pytest.fixture(scope="module")
def transfer(run):
    return PoseTransfer.from_pretrained(run)


def test_one_call_is_the_three_networks_in_a_row(transfer):
    pair = Boxes()[0]
    answer = transfer(pair["condition_image"], pair["condition_parsing"], pair["target_keypoints"])
    with torch.no_grad():
        condition = parsing.one_hot(pair["condition_parsing"][None])
        pose = keypoints.pose_map(pair["target_keypoints"][None], (64, 32))
        drawn = transfer.parser(condition, pose).argmax(dim=1)
        target = parsing.one_hot(drawn)
        affine, tps = transfer.matcher(condition, target)
        image, _ = transfer.generator(pair["condition_image"][None], condition, target, pose, affine, tps)
    assert torch.equal(answer.parsing, drawn[0])
    assert torch.equal(answer.image, image[0])
    assert torch.equal(answer.grid, geometry.warp_grid(affine, tps, (64, 32))[0])
    shapes = [tuple(t.shape) for t in (answer.image, answer.parsing, answer.affine, answer.tps, answer.grid)]
    assert shapes == [(3, 64, 32), (64, 32), (2, 3), (25, 2), (64, 32, 2)]
    assert answer.gate.shape[-2:] == (16, 8) and answer.image.abs().max() <= 1


def test_shipping_changes_the_picture_by_rounding_only(run, transfer, tmp_path):
    shipped = PoseTransfer.from_pretrained(checkpoints.ship(run, tmp_path / "shipped"))
    pair = Boxes()[0]
    arguments = pair["condition_image"], pair["condition_parsing"], pair["target_keypoints"]
    target = parsing.one_hot(pair["target_parsing"][None])
    batch = (
        arguments[0][None],
        parsing.one_hot(arguments[1][None]),
        keypoints.pose_map(arguments[2][None], (64, 32)),
    )
    assert (shipped.batch(*batch, target).image - transfer.batch(*batch, target).image).abs().max() < 0.02


@pytest.mark.parametrize(
    "change, message",
    [
        ({"condition_image": torch.zeros(1, 64, 32)}, r"shape \(1, 64, 32\); expected \[3, H, W\]"),
        ({"condition_image": torch.zeros(3, 128, 64)}, "128x64 .* trained at 64x32"),
        ({"condition_image": torch.full((3, 64, 32), 255.0)}, r"from 255 to 255; expected \[-1, 1\]"),
        (
            {"condition_parsing": torch.zeros(64, 31, dtype=torch.int64)},
            r"\(64, 31\); expected the picture's",
        ),
        ({"condition_parsing": torch.full((64, 32), 20)}, "20"),
        ({"target_keypoints": torch.ones(17, 3)}, r"\(17, 3\); expected \[18, 3\]"),
        ({"target_keypoints": torch.zeros(18, 3)}, "no joint present"),
    ],
)
def test_wrong_arguments_are_told(transfer, change, message):
    pair = Boxes()[0]
    arguments = {
        key: pair[key] for key in ("condition_image", "condition_parsing", "target_keypoints")
    } | change
    with pytest.raises(ValueError, match=message):
        transfer(**arguments)


def poses(count=5):
    """Poses of several boxes, [count, 18, 3]."""
    return torch.stack([Boxes()[number]["target_keypoints"] for number in range(count)])


def test_a_sequence_is_its_poses_one_by_one():
    transfer = PoseTransfer.from_pretrained("rendered")
    boxes = Boxes(size=(128, 64))
    pair, sequence = boxes[0], torch.stack([boxes[number]["target_keypoints"] for number in range(5)])
    given = pair["condition_image"], pair["condition_parsing"]
    with torch.backends.mkldnn.flags(enabled=False):  # its convolutions add up in another order in a batch
        alone, together = (transfer.sequence(*given, sequence, chunk=chunk) for chunk in (1, 3))
        answers = [transfer(*given, pose) for pose in sequence]
    for frame, answer in enumerate(answers):
        for name, value in vars(answer).items():
            assert torch.equal(getattr(alone, name)[frame], value), name
            torch.testing.assert_close(getattr(together, name)[frame], value, atol=1e-5, rtol=0)
    assert len(transfer.sequence(*given, sequence[:1]).image) == 1


def test_a_sequence_without_a_label_map_asks_for_it_once(transfer):
    asked, pair = [], Boxes()[0]

    class Asked(PoseTransfer):
        def find_parsing(self, image):
            asked.append(image)
            return pair["condition_parsing"]

    found = Asked(transfer.parser, transfer.matcher, transfer.generator, transfer.size)
    answer = found.sequence(pair["condition_image"], None, poses(3), chunk=2)
    given = transfer.sequence(pair["condition_image"], pair["condition_parsing"], poses(3), chunk=2)
    assert len(asked) == 1 and torch.equal(answer.image, given.image)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"keypoints": torch.ones(18, 3)}, r"shape \(18, 3\); expected \[F, 18, 3\]"),
        ({"keypoints": torch.ones(0, 18, 3)}, "at least one frame"),
        ({"keypoints": torch.ones(4, 17, 3)}, r"keypoints\[0\] has shape \(17, 3\); expected \[18, 3\]"),
        ({"keypoints": torch.cat([torch.ones(2, 18, 3), torch.zeros(1, 18, 3)])}, r"keypoints\[2\] has no joint"),
        ({"condition_image": torch.zeros(3, 128, 64)}, "128x64 .* trained at 64x32"),
        ({"chunk": 0}, "chunk must be a whole number of at least 1, found 0"),
    ],
)
def test_wrong_sequences_are_told(transfer, change, message):
    pair = Boxes()[0]
    arguments = {key: pair[key] for key in ("condition_image", "condition_parsing")} | {"keypoints": poses()}
    with pytest.raises(ValueError, match=message):
        transfer.sequence(**(arguments | change))


def test_without_a_label_map_the_human_parser_draws_it(transfer):
    pair, seen = Boxes()[0], []

    def parser(image):
        seen.append(image.shape)
        logits = torch.zeros(1, 20, *image.shape[-2:])
        logits[:, 5] = image.mean(dim=1) * 9
        return logits

    asked = PoseTransfer(transfer.parser, transfer.matcher, transfer.generator, transfer.size, parser)
    drawn = asked.find_parsing(pair["condition_image"])
    assert drawn.shape == (64, 32) and len(seen) == 1 and seen[0][2] == 256
    without = asked(pair["condition_image"], None, pair["target_keypoints"])
    given = asked(pair["condition_image"], drawn, pair["target_keypoints"])
    assert torch.equal(without.image, given.image)


def test_weights_that_do_not_exist_are_told(run, tmp_path):
    with pytest.raises(FileNotFoundError, match="no-such: neither a run folder nor shipped weights"):
        find("no-such")
    with pytest.raises(FileNotFoundError, match="no such checkpoint"):
        PoseTransfer.from_pretrained(tmp_path)
    assert load_network("matcher", run).training is False


def test_the_shipped_weights_are_found_and_small():
    transfer = PoseTransfer.from_pretrained("rendered")
    assert transfer.size == (128, 64)
    assert sum(path.stat().st_size for path in find("rendered").rglob("*.safetensors")) <= 8_000_000
