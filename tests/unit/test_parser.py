"""Stage I: label map and pose in, label map out; it can learn, and it is the paper's at its size."""

import pytest
import torch
from torch.nn import functional as F

from warpgan import models
from warpgan.models import PoseGuidedParser


def onehot(batch=1, height=16, width=16, seed=0):
    labels = torch.randint(0, 20, (batch, height, width), generator=torch.Generator().manual_seed(seed))
    return F.one_hot(labels, 20).permute(0, 3, 1, 2).float()


def test_it_learns_to_put_a_label_where_the_pose_says():
    # Same person, two poses: only the pose map can tell the two targets apart.
    torch.manual_seed(0)
    parser = PoseGuidedParser(8, 1, downs=1)
    condition = onehot(seed=3).expand(2, -1, -1, -1)
    pose, target = torch.zeros(2, 18, 16, 16), torch.zeros(2, 16, 16, dtype=torch.long)
    for i, rows in enumerate((slice(2, 6), slice(9, 14))):
        pose[i, 4, rows], target[i, rows] = 1, 15
    optimiser = torch.optim.Adam(parser.parameters(), 0.01)
    for _ in range(40):
        loss = F.cross_entropy(parser(condition, pose), target)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert (parser(condition, pose).argmax(dim=1) == target).float().mean() > 0.97


def test_it_has_the_papers_parameters_and_layer_sizes():
    with torch.device("meta"):
        parser = PoseGuidedParser()
        x = torch.empty(1, 38, 256, 256)
        maps = parser.features(x)
        logits = parser(x[:, :20], x[:, 20:])
    assert models.parameter_count(parser) == 45_756_436
    sizes = [tuple(m.shape[1:]) for m in maps]
    assert sizes == [(64, 256, 256), (128, 128, 128), (256, 64, 64), (512, 32, 32)]
    assert len(parser.blocks) == 9 and parser.blocks(maps[-1]).shape == (1, 512, 32, 32)
    sizes, x = [], maps[-1]
    for layer in parser.decoder:
        x = layer(x)
        sizes.append(tuple(x.shape[1:]))
    assert sizes == [(256, 64, 64), (128, 128, 128), (64, 256, 256), (20, 256, 256)]
    assert logits.shape == (1, 20, 256, 256)


def test_it_answers_in_logits_not_through_a_tanh():
    parser = PoseGuidedParser(4, 1, downs=1)
    parser.decoder[-1].bias.data.fill_(5.0)
    assert parser(onehot(), torch.zeros(1, 18, 16, 16)).max() > 1


def test_its_features_are_those_on_the_way_to_its_answer():
    parser = PoseGuidedParser(4, 1, downs=2)
    parsing, pose = onehot(height=32), torch.rand(1, 18, 32, 16)
    deepest = parser.features(torch.cat([parsing, pose], dim=1))[-1]
    assert torch.equal(parser.decoder(parser.blocks(deepest)), parser(parsing, pose))


def test_a_sample_does_not_depend_on_its_batch():
    parser = PoseGuidedParser(4, 1, downs=1)
    parsing, pose = onehot(3), torch.rand(3, 18, 16, 16)
    torch.testing.assert_close(parser(parsing, pose)[1:2], parser(parsing[1:2], pose[1:2]), atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    "parsing, pose, words",
    [
        (torch.zeros(1, 16, 16), torch.zeros(1, 18, 16, 16), "parsing_onehot: expected"),
        (onehot(), torch.zeros(1, 17, 16, 16), r"pose_map: expected \[B, 18, H, W\], found \(1, 17"),
        (onehot(), torch.zeros(1, 18, 32, 16), "pose_map: expected the batch and size of parsing"),
        (onehot(height=20), torch.zeros(1, 18, 20, 16), "multiples of 8"),
    ],
)
def test_unfit_inputs_are_refused(parsing, pose, words):
    with pytest.raises(ValueError, match=words):
        PoseGuidedParser(4, 0)(parsing, pose)
