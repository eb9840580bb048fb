"""Published matcher weights: the same places as in their own conventions, wrong files told, hostile ones not run."""

import argparse
import os
from functools import partial

import pytest
import torch
from test_geo_matcher import Thumbnail
from test_matcher import figures
from torch.nn import functional as F

from warpgan import checkpoints, cnngeometric, config, geometry, models, transfer
from warpgan.cnngeometric import SHRINK, adopt, load_cnngeometric
from warpgan.models import GeoMatcher

SETTINGS = config.preset("quick", matcher="resnet101", matcher_weights="random", tps_grid=3)


def published(path, outputs, *, backbone="resnet101", seed=0, features=True, counts=False, old=False, **changes):
    """Write a file of the names, shapes and extra entries that training cnngeometric_pytorch leaves."""
    torch.manual_seed(seed)
    made = GeoMatcher(backbone)
    state = {}
    for key, value in made.extractor.state_dict().items() if features else ():
        state[f"FeatureExtraction.{'vgg' if old else 'model'}.{key}"] = value
    regressor = models.geo_matcher.GeoRegressor(outputs)
    for norm in (regressor.conv[1], regressor.conv[4]):
        norm.running_mean.normal_(0, 0.1)
        norm.running_var.uniform_(0.5, 2)
    torch.nn.init.normal_(regressor.linear.weight, 0, 0.01)
    torch.nn.init.normal_(regressor.linear.bias, 0, 0.1)
    regressor.linear.bias.data += IDENTITY[outputs]
    for key, value in regressor.state_dict().items():
        if counts or not key.endswith("num_batches_tracked"):
            state[f"FeatureRegression.{key}"] = value
    adam = torch.optim.Adam(regressor.parameters())
    entries = {
        "epoch": 12, "best_test_loss": 0.0123, "optimizer": adam.state_dict(), "state_dict": state,
        "args": argparse.Namespace(lr=0.001, feature_extraction_cnn=backbone, use_mse_loss=False),
    }
    for key, value in changes.items():
        state.pop(key, None) if value is None else state.update({key: value})
    torch.save(entries, path)
    return state


IDENTITY = {
    6: torch.tensor([1.0, 0, 0, 0, 1, 0]),
    18: torch.tensor([-1.0, -1, -1, 0, 0, 0, 1, 1, 1, -1, 0, 1, -1, 0, 1, -1, 0, 1]),  # 9 x, 9 y, column by column
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("published")
    paths = folder / "affine.pth.tar", folder / "tps.pth.tar"
    states = published(paths[0], 6), published(paths[1], 18, seed=1)
    return paths, states


def theirs(matcher, state, condition, target):
    """What their network answers, written down from its description in their own conventions."""
    a, b = matcher.features(condition), matcher.features(target)
    # Places of a become channels column by column: k = row + 15 column.
    volume = torch.stack([(a[:, :, k % 15, k // 15, None, None] * b).sum(1) for k in range(225)], dim=1).relu()
    x = volume / (volume.square().sum(1, keepdim=True) + 1e-6).sqrt()
    for layer, norm in ((0, 1), (3, 4)):
        conv, bn = (f"FeatureRegression.conv.{i}." for i in (layer, norm))
        x = F.conv2d(x, state[conv + "weight"], state[conv + "bias"])
        statistics = state[bn + "running_mean"], state[bn + "running_var"]
        x = F.batch_norm(x, *statistics, state[bn + "weight"], state[bn + "bias"]).relu()
    return F.linear(x.flatten(1), state["FeatureRegression.linear.weight"], state["FeatureRegression.linear.bias"])


def test_loaded_weights_send_places_where_theirs_do(files):
    (affine_path, tps_path), (affine_state, tps_state) = files
    torch.manual_seed(9)
    matcher = GeoMatcher("resnet101")
    matcher_facts = load_cnngeometric(matcher, affine_path, tps_path)
    matcher.extractor = Thumbnail()  # the features of both sides, made quick and different from place to place
    matcher.eval()
    a, b = figures(2, seed=1), figures(2, seed=2)
    theta, theta_tps = theirs(matcher, affine_state, a, b), theirs(matcher, tps_state, a, b)
    points = 2 * torch.rand(1, 50, 2) - 1  # in their coordinates, whose -1 and 1 are pixel centres
    ours = geometry.affine_points(matcher.affine(a, b), SHRINK * points)
    expected = geometry.affine_points(theta.view(2, 2, 3), points)
    assert (expected - points).abs().max() > 0.05  # there is something to agree on
    torch.testing.assert_close(ours, SHRINK * expected, atol=1e-5, rtol=0)
    row_by_row = theta_tps.view(2, 2, 3, 3).permute(0, 3, 2, 1).reshape(2, 9, 2)
    at_ours = geometry.tps_points(row_by_row, geometry.identity_tps(1, 3) / SHRINK)
    torch.testing.assert_close(matcher.tps(a, b), SHRINK * at_ours, atol=1e-5, rtol=0)
    found = geometry.tps_points(matcher.tps(a, b), SHRINK * points)
    torch.testing.assert_close(found, SHRINK * geometry.tps_points(row_by_row, points), atol=2.5e-3, rtol=0)
    assert matcher_facts["affine"]["epoch"] == 12 and matcher_facts["tps"]["best_test_loss"] == 0.0123


def test_their_published_numbers_come_out(golden):
    """The golden map of TpsGridGen and AffineGridGenV2, through our convention and back."""
    anchor = golden("geometry")["tps"]
    ours = cnngeometric.tps_offset(torch.tensor(anchor["theta"], dtype=torch.float64)).view(1, 9, 2)
    ours = ours + geometry.identity_tps(1, 3)
    height, width = anchor["out_hw"]
    y, x = torch.meshgrid(torch.linspace(-1, 1, height), torch.linspace(-1, 1, width), indexing="ij")
    points = torch.stack((x, y), -1).view(1, -1, 2).double()
    expected = torch.tensor(anchor["grid_xy_hw2"]).view(1, -1, 2).double()
    error = (geometry.tps_points(ours, SHRINK * points) / SHRINK - expected).abs().max()
    assert error < 2.5e-3
    anchor = golden("geometry")["affine"]
    offset = cnngeometric.affine_offset(torch.tensor(anchor["theta"])).view(1, 2, 3)
    expected = torch.tensor(anchor["grid_align_true"])
    height, width = expected.shape[:2]
    y, x = torch.meshgrid(torch.linspace(-1, 1, height), torch.linspace(-1, 1, width), indexing="ij")
    points = torch.stack((x, y), -1).view(1, -1, 2)
    found = geometry.affine_points(offset + geometry.identity_affine(1), SHRINK * points)
    torch.testing.assert_close(found.view(height, width, 2) / SHRINK, expected, atol=2e-6, rtol=0)


def test_the_identity_stays_the_identity_and_a_spline_is_off_by_no_more_than_is_said():
    for outputs, convert in ((6, cnngeometric.affine_offset), (18, cnngeometric.tps_offset)):
        torch.testing.assert_close(convert(IDENTITY[outputs]), torch.zeros(outputs))
    # The worst case over all moves of control points by up to 0.4, from the basis alone.
    places = geometry.lattice(41, dtype=torch.float64)
    basis = cnngeometric.basis_at
    moved = SHRINK * basis(geometry.lattice(3, dtype=torch.float64) / SHRINK, 3)
    worst = 0.4 * (SHRINK * basis(places, 3) - basis(SHRINK * places, 3) @ moved).abs().sum(dim=1).max()
    naive = 0.4 * (SHRINK * basis(places, 3) - basis(SHRINK * places, 3)).abs().sum(dim=1).max()
    assert worst < 0.0025 < 0.006 < naive


def test_features_in_the_affine_file_become_the_matchers(files, tmp_path):
    (affine_path, tps_path), (affine_state, _) = files
    matcher = GeoMatcher("resnet101")
    facts = load_cnngeometric(matcher, affine_path, tps_path)
    key = "6.2.conv1.weight"
    assert torch.equal(matcher.extractor.state_dict()[key], affine_state[f"FeatureExtraction.model.{key}"])
    assert facts["features"] and facts["features_differ"] > 0  # here each file was made with its own
    bare = tmp_path / "affine.pth.tar", tmp_path / "tps.pth.tar"
    published(bare[0], 6, features=False, counts=True)
    published(bare[1], 18, features=False)
    before = matcher.extractor.state_dict()[key].clone()
    assert not load_cnngeometric(matcher, *bare)["features"]
    assert torch.equal(matcher.extractor.state_dict()[key], before)
    with pytest.raises(ValueError, match="affine.pth.tar: holds no features"):
        adopt(*bare, tmp_path / "run", SETTINGS)
    assert not (tmp_path / "run" / "matcher").exists()


def test_files_from_when_vgg_was_the_only_choice_load_too(tmp_path):
    paths = tmp_path / "affine.pth.tar", tmp_path / "tps.pth.tar"
    state = published(paths[0], 6, backbone="vgg16", old=True)
    published(paths[1], 18, backbone="vgg16", old=True)
    matcher = GeoMatcher("vgg16")
    assert load_cnngeometric(matcher, *paths)["features_differ"] == 0
    assert torch.equal(matcher.extractor[21].weight, state["FeatureExtraction.vgg.21.weight"])


def test_adopted_weights_are_a_trained_stage(files, tmp_path):
    facts = adopt(*files[0], tmp_path, SETTINGS)
    found = checkpoints.load(tmp_path / "matcher", "matcher")
    assert found.facts["origin"] == facts and len(facts["affine"]["sha256"]) == 64
    matcher = transfer.load_network("matcher", tmp_path)
    direct = GeoMatcher("resnet101")
    load_cnngeometric(direct, *files[0])
    assert all(torch.equal(value, matcher.state_dict()[key]) for key, value in direct.state_dict().items())
    with pytest.raises(FileExistsError, match="holds a matcher already"):
        adopt(*files[0], tmp_path, SETTINGS)
    with pytest.raises(ValueError, match="matcher is 'light'; published weights fit"):
        adopt(*files[0], tmp_path / "other", config.preset("quick"))


class Hostile:
    """Runs a command when it is unpickled."""

    def __init__(self, proof):
        self.proof = proof

    def __reduce__(self):
        return os.mkdir, (str(self.proof),)


def test_a_hostile_pickle_is_refused_and_nothing_in_it_runs(files, tmp_path):
    path, proof = tmp_path / "hostile.pth.tar", tmp_path / "proof"
    torch.save({"state_dict": {}, "args": Hostile(proof)}, path)
    with pytest.raises(ValueError, match=r"hostile.pth.tar: holds .* and was not run \(.*GLOBAL posix.mkdir"):
        load_cnngeometric(GeoMatcher("resnet101"), path, files[0][1])
    assert not proof.exists()
    partial(torch.load, weights_only=False)(path)  # it would have
    assert proof.exists()


def test_the_name_is_allowed_while_a_file_is_read_and_not_afterwards(files, tmp_path):
    load_cnngeometric(GeoMatcher("resnet101"), *files[0])
    assert argparse.Namespace not in torch.serialization.get_safe_globals()


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"FeatureRegression.linear.weight": torch.zeros(8, 1600)}, r"weight has shape \(8, 1600\); expected \(6,"),
        ({"FeatureRegression.conv.3.bias": None}, "FeatureRegression.conv.3.bias is missing"),
        ({"FeatureRegression.conv.6.bias": torch.zeros(1)}, "FeatureRegression.conv.6.bias is not expected"),
        ({"FeatureRegression.conv.0.bias": torch.full((128,), float("nan"))}, "conv.0.bias is not finite"),
        ({"FeatureExtraction.model.0.weight": torch.zeros(64, 3, 3, 3)}, "expected .* .features of resnet101."),
        ({"FeatureExtraction.model.9.weight": torch.zeros(1)}, "9.weight is not expected .features of resnet101."),
    ],
)
def test_wrong_names_and_shapes_are_told_and_change_nothing(changes, words, files, tmp_path):
    path = tmp_path / "affine.pth.tar"
    published(path, 6, **changes)
    matcher = GeoMatcher("resnet101")
    before = {key: value.clone() for key, value in matcher.state_dict().items()}
    with pytest.raises(ValueError, match=f"affine.pth.tar: tensor .*{words}"):
        load_cnngeometric(matcher, path, files[0][1])
    assert all(torch.equal(before[key], value) for key, value in matcher.state_dict().items())


def test_other_files_are_told(files, tmp_path):
    matcher, good = GeoMatcher("resnet101"), files[0][1]
    with pytest.raises(FileNotFoundError, match="none.pth.tar: no such file"):
        load_cnngeometric(matcher, tmp_path / "none.pth.tar", good)
    (tmp_path / "cut.pth.tar").write_bytes(files[0][0].read_bytes()[:5000])
    (tmp_path / "text.pth.tar").write_text("<html>404</html>")
    (tmp_path / "empty.pth.tar").write_bytes(b"")
    for name in ("cut", "text", "empty"):
        with pytest.raises(ValueError, match=f"{name}.pth.tar: (damaged|holds something else)"):
            load_cnngeometric(matcher, tmp_path / f"{name}.pth.tar", good)
    torch.save([1, 2], tmp_path / "list.pth.tar")
    with pytest.raises(ValueError, match="list.pth.tar: no 'state_dict' of tensors"):
        load_cnngeometric(matcher, tmp_path / "list.pth.tar", good)
    with pytest.raises(ValueError, match=r"tps.pth.tar: tensor FeatureRegression.linear.weight has shape \(18, 1600\)"):
        load_cnngeometric(matcher, good, good)
