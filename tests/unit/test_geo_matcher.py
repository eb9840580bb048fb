"""The matcher on published features: the identity untrained, its regressors alone learn, bad input is harmless."""

import pytest
import torch
import torchvision
from test_matcher import figures
from torch import nn

from warpgan import checkpoints, config, downloads, geometry, labels, losses, models
from warpgan.downloads import fetch
from warpgan.models import GeoMatcher, matcher

PAPER = {"matcher": "vgg16", "matcher_weights": "random", "tps_grid": 3}


class Thumbnail(nn.Module):
    """Features that cost nothing: colours of a 15 x 15 picture, so that the rest of the matcher can be tried."""

    def __init__(self):
        super().__init__()
        self.lift = nn.Conv2d(3, 16, 1)

    def forward(self, x):
        return self.lift(nn.functional.adaptive_avg_pool2d(x, 15)).relu()


def light(shaken=False):
    torch.manual_seed(0)
    made = GeoMatcher("vgg16")
    made.extractor = Thumbnail().requires_grad_(False).eval()
    if shaken:
        for regressor in (made.affine_regressor, made.tps_regressor):
            nn.init.normal_(regressor.linear.weight, 0, 0.02)
    return made


@pytest.mark.parametrize("backbone, channels", [("vgg16", 512), ("resnet101", 1024)])
def test_untrained_it_is_exactly_the_identity_on_features_of_the_named_network(backbone, channels):
    torch.manual_seed(0)
    made = GeoMatcher(backbone).eval()
    a, b = figures(1, seed=1), figures(1, seed=2)
    affine, tps = made(a, b)
    assert torch.equal(affine, geometry.identity_affine(1)) and torch.equal(tps, geometry.identity_tps(1, 3))
    features = made.features(a)
    assert features.shape == (1, channels, 15, 15)
    torch.testing.assert_close(features.norm(dim=1), torch.ones(1, 15, 15), atol=1e-3, rtol=0)


def test_the_features_see_the_papers_colours_at_240_pixels_by_imagenets_mean():
    made = light()
    onehot = torch.zeros(1, 20, 8, 4)
    onehot[:, labels.COAT] = 1
    picture = made.picture(onehot)
    assert picture.shape == (1, 3, 240, 240)
    colour = torch.tensor([0, 119, 221]) / 255
    expected = (colour - torch.tensor([0.485, 0.456, 0.406])) / torch.tensor([0.229, 0.224, 0.225])
    torch.testing.assert_close(picture[0, :, 100, 7], expected)


def test_it_learns_shifts_from_random_maps_and_its_features_stay_as_they_were():
    made, generator = light(), torch.Generator().manual_seed(1)
    before = {key: value.clone() for key, value in made.extractor.state_dict().items()}
    optimiser = torch.optim.Adam(made.parameters(), 1e-3)

    def draw(batch, seed):
        source = figures(batch, seed=seed)
        affine = geometry.random_affine(batch, generator, rotation=0, shear=0, scale=(1, 1), shift=0.3)
        return source, made.warp_parsing(source, affine, None), affine

    for step in range(80):
        source, moved, true = draw(16, step)
        loss = losses.transformed_grid(made.affine(source, moved), true)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    source, moved, true = draw(32, 10_000)
    start = losses.transformed_grid(geometry.identity_affine(32), true)
    assert losses.transformed_grid(made.eval().affine(source, moved), true) < 0.3 * start
    assert all(torch.equal(before[key], value) for key, value in made.extractor.state_dict().items())


def test_training_leaves_the_features_normalisation_alone():
    made = GeoMatcher("resnet101")
    assert made.train().affine_regressor.conv[1].training and not made.extractor[1].training
    assert not any(p.requires_grad for p in made.extractor.parameters())
    assert all(p.requires_grad for p in made.tps_regressor.parameters())


@pytest.mark.parametrize("fault", ["empty", "nan"])
def test_a_parsing_without_a_person_gives_the_identity_to_that_sample_alone(fault):
    made, a, b = light(shaken=True).eval(), figures(3, seed=1), figures(3, seed=2)
    sound = made(a, b)
    bad = b.clone()
    bad[1] = torch.nn.functional.one_hot(torch.tensor(0), 20)[:, None, None] if fault == "empty" else float("nan")
    affine, tps = made(a, bad)
    assert torch.equal(affine[1], geometry.identity_affine(1)[0])
    assert torch.equal(tps[1], geometry.identity_tps(1, 3)[0])
    for kept in (0, 2):
        assert not torch.equal(affine[kept], affine[1])
        torch.testing.assert_close(affine[kept], sound[0][kept])
        torch.testing.assert_close(tps[kept], sound[1][kept])


def test_weights_gone_wrong_give_the_identity_and_finite_answers_are_not_bounded():
    made = light()
    made.affine_regressor.linear.bias.data[2] = 7.0
    a = figures(2)
    assert made.eval().affine(a, a)[0, 0, 2] == 7
    made.affine_regressor.linear.bias.data[2] = float("inf")
    assert torch.equal(made.affine(a, a), geometry.identity_affine(2))


def test_the_spline_sees_the_condition_after_the_affine_map():
    made, seen = light(shaken=True).eval(), []
    made.tps = lambda warped, target: seen.append(warped) or geometry.identity_tps(len(warped), 3)
    a, b = figures(seed=1), figures(seed=2)
    affine, _ = made(a, b)
    torch.testing.assert_close(seen[0], made.warp_parsing(a, affine, None))
    assert not torch.allclose(seen[0], a)


def test_a_configuration_names_the_matcher():
    assert isinstance(models.build(config.preset("quick"))["matcher"], models.GeometricMatcher)
    for name in ("vgg16", "resnet101"):
        made = models.build(config.preset("quick", **PAPER | {"matcher": name}))["matcher"]
        assert isinstance(made, GeoMatcher) and made.backbone == name
    with pytest.raises(ValueError, match="tps_grid is 5; the matcher 'vgg16' has 3 control points a side"):
        config.preset("quick", matcher="vgg16")
    with pytest.raises(ValueError, match="backbone: expected one of vgg16, resnet101, found 'vgg19'"):
        GeoMatcher("vgg19")
    with pytest.raises(ValueError, match="weights: expected one of imagenet, found 'coco'"):
        GeoMatcher(weights="coco")


def test_a_checkpoint_holds_all_of_it_and_ships_counts_whole(tmp_path):
    settings = config.preset("quick", **PAPER | {"matcher": "resnet101"})
    made = models.build(settings)["matcher"]
    made.affine_regressor.conv[1].num_batches_tracked.fill_(100_001)  # more than half precision can hold
    checkpoints.save(tmp_path / "run" / "matcher", {"matcher": made}, stage="matcher", config=settings, step=1)
    checkpoints.ship(tmp_path / "run", tmp_path / "shipped", {"matcher": "matcher"})
    torch.manual_seed(5)
    again = checkpoints.load(tmp_path / "shipped" / "matcher").load_into("matcher", models.build(settings)["matcher"])
    assert again.affine_regressor.conv[1].num_batches_tracked == 100_001
    for key, value in made.state_dict().items():
        expected = value.half().float() if value.is_floating_point() else value
        assert torch.equal(again.state_dict()[key], expected), key


# Published features, with files made here of the published form


@pytest.mark.parametrize("backbone, published", [("vgg16", "397923af"), ("resnet101", "63fe2227")])
def test_imagenets_features_are_never_fetched_unasked(backbone, published, monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=f"{backbone}-{published}.pth: not there.*with a network: python"):
        GeoMatcher(backbone, weights="imagenet")
    settings = config.preset("quick", **PAPER | {"matcher": backbone, "matcher_weights": "imagenet"})
    assert models.build(settings)["matcher"].backbone == backbone  # what is loaded afterwards needs no file
    with pytest.raises(FileNotFoundError, match=published):
        models.build(settings, begin=True)
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    (folder / f"{backbone}-{published}.pth").write_bytes(b"cut off")
    with pytest.raises(ValueError, match="it has 7 bytes"):
        fetch(backbone)


def test_resnets_published_features_are_torchvisions_to_its_third_stage(monkeypatch, tmp_path):
    torch.manual_seed(3)
    whole = torchvision.models.resnet101(weights=None).eval()
    state = {key: value for key, value in whole.state_dict().items() if not key.endswith("num_batches_tracked")}
    torch.save(state, tmp_path / "published.pth")  # the published file counts no batches
    monkeypatch.setattr(downloads, "fetch", lambda name: tmp_path / "published.pth")
    made = GeoMatcher("resnet101", weights="imagenet")
    x = torch.rand(1, 3, 64, 64)
    deep = whole.maxpool(whole.relu(whole.bn1(whole.conv1(x))))
    deep = whole.layer3(whole.layer2(whole.layer1(deep)))
    assert torch.equal(made.extractor(x), deep)
    del state["layer3.4.conv2.weight"]
    torch.save(state, tmp_path / "published.pth")
    with pytest.raises(ValueError, match=r"63fe2227.pth: no tensor 6.4.conv2.weight of shape \(256, 256, 3, 3\)"):
        GeoMatcher("resnet101", weights="imagenet")


def test_vggs_published_features_are_torchvisions_to_its_fourth_pooling(monkeypatch, tmp_path):
    from torchvision.models.vgg import cfgs, make_layers

    torch.manual_seed(3)
    features = make_layers(cfgs["D"])
    state = {f"features.{key}": value for key, value in features.state_dict().items()}
    torch.save(state | {"classifier.0.weight": torch.zeros(2, 2)}, tmp_path / "published.pth")
    monkeypatch.setattr(downloads, "fetch", lambda name: tmp_path / "published.pth")
    made = GeoMatcher("vgg16", weights="imagenet")
    x = torch.rand(1, 3, 64, 64)
    assert isinstance(made.extractor[-1], nn.MaxPool2d) and made.extractor(x).shape == (1, 512, 4, 4)
    assert torch.equal(made.extractor(x), features[:24](x))


def test_both_matchers_share_one_way_of_working():
    assert issubclass(GeoMatcher, models.Matcher) and issubclass(models.GeometricMatcher, models.Matcher)
    assert matcher.correlate is models.correlate
