"""Distances of sets: closed forms of Gaussians, invariances, torchmetrics and scipy; nothing is downloaded unasked."""

import math

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm

from warpgan import downloads, metrics
from warpgan.metrics import published


def gaussian(count, mean, deviation, seed=0):
    """Features whose sample mean and covariance are exactly those of independent Gaussians."""
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randn(count, len(mean), generator=generator, dtype=torch.float64)
    drawn = drawn - drawn.mean(dim=0)
    white = torch.linalg.solve_triangular(torch.linalg.cholesky(drawn.T @ drawn / (count - 1)), drawn.T, upper=False).T
    return torch.tensor(mean) + white * torch.tensor(deviation)


def of(features):
    return metrics.Statistics().add(features)


def test_the_distance_of_two_gaussians_in_closed_form():
    one = of(gaussian(200, [0.0, 1.0, 2.0], [1.0, 2.0, 0.5]))
    other = of(gaussian(90, [3.0, 1.0, -2.0], [1.5, 2.0, 1.0], seed=1))
    expected = 3**2 + 4**2 + 0.5**2 + 0.5**2  # independent ones: squared differences of means and of deviations
    assert metrics.frechet_distance(one, other) == pytest.approx(expected, abs=1e-9)
    assert metrics.frechet_distance(other, one) == pytest.approx(expected, abs=1e-9)
    assert metrics.frechet_distance(one, one) == pytest.approx(0, abs=1e-9)


def test_the_distance_is_scipys_and_torchmetrics():
    from torchmetrics.image.fid import FrechetInceptionDistance

    class Given(torch.nn.Module):
        num_features = 12

        def forward(self, x):
            return x

    generator = torch.Generator().manual_seed(0)
    mixed = torch.randn(12, 12, generator=generator)
    a, b = torch.randn(40, 12, generator=generator) @ mixed, torch.rand(30, 12, generator=generator) * 3
    found = metrics.frechet_distance(of(a), of(b))
    c, d = np.cov(a.double().numpy().T), np.cov(b.double().numpy().T)
    apart = ((a.double().mean(0) - b.double().mean(0)) ** 2).sum().item()
    assert found == pytest.approx(apart + np.trace(c + d - 2 * sqrtm(c @ d).real), rel=1e-6)
    theirs = FrechetInceptionDistance(feature=Given())
    theirs.update(a, real=True)
    theirs.update(b, real=False)
    assert found == pytest.approx(theirs.compute().item(), rel=1e-4)


def test_a_turn_and_a_shift_of_both_sets_change_nothing():
    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn(50, 6, generator=generator).double(), torch.rand(50, 6, generator=generator).double()
    turn = torch.linalg.qr(torch.randn(6, 6, generator=generator).double())[0]
    before = metrics.frechet_distance(of(a), of(b))
    assert metrics.frechet_distance(of(a @ turn + 5), of(b @ turn + 5)) == pytest.approx(before, rel=1e-9)
    assert metrics.frechet_distance(of(3 * a), of(3 * b)) == pytest.approx(9 * before, rel=1e-9)


def test_sums_do_not_depend_on_how_the_pictures_came():
    features = torch.randn(37, 5, generator=torch.Generator().manual_seed(0)) + 1000  # far from 0: sums must be careful
    whole, parts = of(features), metrics.Statistics()
    for part in features.split([1, 0, 20, 16]):
        parts.add(part)
    merged = of(features[:11]).merge(of(features[11:])).merge(metrics.Statistics())
    expected = np.cov(features.double().numpy().T)
    for found in (whole, parts, merged):
        assert found.count == 37
        assert np.allclose(found.covariance.numpy(), expected, rtol=1e-9)
        assert torch.allclose(found.mean, features.double().mean(dim=0))
    assert parts.scatter.shape == (5, 5)  # what is kept does not grow


def test_faulty_features_are_refused():
    with pytest.raises(ValueError, match="at least 2 pictures, found 1"):
        metrics.frechet_distance(of(torch.zeros(1, 3)), of(torch.zeros(4, 3)))
    with pytest.raises(ValueError, match="as many features of both sets, found 3 and 2"):
        metrics.frechet_distance(of(torch.zeros(4, 3)), of(torch.zeros(4, 2)))
    with pytest.raises(ValueError, match="expected 3 of each picture, found 2"):
        of(torch.zeros(4, 3)).add(torch.zeros(4, 2))
    with pytest.raises(ValueError, match="expected numbers"):
        of(torch.full((2, 3), math.nan))
    with pytest.raises(ValueError, match=r"features: expected \[B, D\], found \[2, 3, 4, 4\]"):
        of(torch.zeros(2, 3, 4, 4))


def test_the_score_of_classes_by_hand_and_by_torchmetrics():
    from torchmetrics.image.inception import InceptionScore

    clear = torch.eye(4).repeat(5, 1)
    assert metrics.classes_score(clear, splits=1) == pytest.approx((4, 0))
    assert metrics.classes_score(clear[:1].repeat(8, 1), splits=2) == pytest.approx((1, 0))
    assert metrics.classes_score(torch.full((8, 4), 0.25), splits=1) == pytest.approx((1, 0))
    in_order = torch.cat([torch.eye(2)[[0, 0]], torch.eye(2)])  # splits follow the list: 1 and 2
    assert metrics.classes_score(in_order, splits=2) == pytest.approx((1.5, 0.5))

    logits = 3 * torch.randn(40, 6, generator=torch.Generator().manual_seed(0))
    theirs = InceptionScore(feature=torch.nn.Identity(), splits=1)
    theirs.update(logits)
    assert metrics.classes_score(logits.softmax(dim=1), 1)[0] == pytest.approx(theirs.compute()[0].item(), rel=1e-4)
    with pytest.raises(ValueError, match="splits: expected 1 to the 8 pictures, found 9"):
        metrics.classes_score(torch.full((8, 4), 0.25), splits=9)
    with pytest.raises(ValueError, match="add up to 1"):
        metrics.classes_score(logits)


@pytest.fixture(scope="module")
def features():
    return metrics.HumanParserFeatures()


@pytest.fixture(scope="module")
def people():
    from warpgan.people.render import render_person

    shots = [render_person(np.random.SeedSequence(seed), 2, (128, 64))["images"] for seed in range(8)]
    return torch.from_numpy(np.concatenate(shots)).permute(0, 3, 1, 2).float() / 127.5 - 1


def test_equal_sets_are_at_no_distance_and_worse_ones_further(features, people):
    blurred = torch.nn.functional.avg_pool2d(people, 5, stride=1, padding=2)
    noise = torch.rand(people.shape, generator=torch.Generator().manual_seed(0)) * 2 - 1
    distances = [
        metrics.human_parser_frechet_distance(other.split(6), people.split(5), features)
        for other in (people, people.flip(3), blurred, noise)
    ]
    assert distances[0] < 1e-4 < distances[1] < distances[2] < distances[3]


def test_the_score_is_a_number_of_labels(features, people):
    mean, deviation = metrics.human_parser_score(people.split(8), features)
    assert 1 < mean < 19 and deviation == 0
    same, _ = metrics.human_parser_score([people[:1].expand(4, -1, -1, -1)], features)
    assert same == pytest.approx(1, abs=1e-4) and same < mean


def test_measuring_leaves_the_parser_alone(people):
    from warpgan.transfer import load_human_parser

    parser = load_human_parser().train()
    metrics.HumanParserFeatures(parser)(people[:2])
    assert parser.training and all(weight.requires_grad for weight in parser.parameters())


def test_pictures_are_checked(features, people):
    assert features(people[:2]).shape == (2, features.num_features)
    with pytest.raises(ValueError, match=r"expected values in \[-1, 1\]"):
        features((people[:2] + 1) * 127.5)
    with pytest.raises(ValueError, match="at least 2 pictures, found 1"):
        metrics.human_parser_frechet_distance([people[:1]], [people], features)


def fake_backbone(tmp_path, monkeypatch):
    # Random weights in the place and under the name of the published ones; whoever goes online fails.
    from torchvision import models

    network = models.alexnet(weights=None)
    path = tmp_path / "alexnet.pth"
    torch.save(network.state_dict(), path)
    monkeypatch.setattr(published, "fetch", lambda name, **options: path)
    return network


def test_lpips_is_torchmetrics_with_the_fetched_backbone(tmp_path, monkeypatch):
    from torchmetrics.functional.image import lpips
    from torchvision import models

    network = fake_backbone(tmp_path, monkeypatch)
    generator = torch.Generator().manual_seed(0)
    image, target = torch.rand(2, 3, 3, 64, 40, generator=generator) * 2 - 1
    measure = metrics.LPIPS()
    found = measure(image, target)
    assert found.shape == (3,) and (found > 0).all()
    assert measure(target, target).tolist() == [0, 0, 0]
    monkeypatch.setattr(models, "alexnet", lambda weights=None: network)  # what torchmetrics would have downloaded
    expected = lpips.learned_perceptual_image_patch_similarity(image, target, net_type="alex", reduction="none")
    assert torch.allclose(found, expected)


def test_lpips_finds_every_weight_of_vgg_16_under_its_published_name():
    from torchmetrics.functional.image.lpips import Vgg16
    from torchvision import models

    with torch.device("meta"):
        weights, network = models.vgg16(weights=None).state_dict(), Vgg16(pretrained=False)
    found = published._in_slices(weights, network)
    assert len(found) == 26 and all(found[name].shape == value.shape for name, value in network.state_dict().items())


def test_nothing_is_downloaded_unasked_and_the_sentence_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "folder_of_downloads", lambda: tmp_path)
    with pytest.raises(FileNotFoundError, match="LPIPS: .*alexnet-owt-7be5be79.pth: not there, and nothing"):
        metrics.LPIPS()
    with pytest.raises(FileNotFoundError, match="vgg16"):
        metrics.LPIPS("vgg")
    with pytest.raises(ValueError, match="net: expected one of alex, vgg, found 'squeeze'"):
        metrics.LPIPS("squeeze")
    pictures = torch.zeros(2, 3, 64, 32)
    monkeypatch.setattr(published, "find_spec", lambda name: None)
    for measure in (lambda: metrics.fid([pictures], [pictures]), lambda: metrics.inception_score([pictures])):
        with pytest.raises(ImportError, match="need torch-fidelity .*human_parser_frechet_distance"):
            measure()
    monkeypatch.setattr(published, "find_spec", lambda name: object())
    with pytest.raises(FileNotFoundError, match="inception-2015-12-05-6726825d.pth.*human_parser_frechet_distance"):
        metrics.fid([pictures], [pictures])
    assert not list(tmp_path.iterdir())


def test_fid_and_the_inception_score_are_the_formulas_of_their_networks_features():
    class Means(torch.nn.Module):
        def forward(self, images):
            return images.mean(dim=(2, 3))

    generator = torch.Generator().manual_seed(0)
    one, two = torch.rand(2, 10, 3, 8, 8, generator=generator) * 2 - 1
    means = [of(set_.mean(dim=(2, 3))) for set_ in (one, two)]
    assert metrics.fid(one.split(3), two.split(4), features=Means()) == pytest.approx(metrics.frechet_distance(*means))
    expected = metrics.classes_score(one.mean(dim=(2, 3)).softmax(dim=1), 2)
    assert metrics.inception_score(one.split(3), splits=2, features=Means()) == pytest.approx(expected)
