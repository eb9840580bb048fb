"""Where the paper, its text, the authors' code and we differ there is an option, and each one acts."""

import pytest
import torch
from scenes import Boxes
from test_geo_matcher import Thumbnail
from test_training import TINY, train

from warpgan import checkpoints, config, evaluation, losses, machine, metrics, perceptual, training, transfer
from warpgan.models import PoseGuidedParser, geo_matcher
from warpgan.stages import gan

STEP = TINY.replace(parser_steps=2, matcher_map_steps=1, matcher_pair_steps=1, gan_steps=2, decay=0.0)


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    out = tmp_path_factory.mktemp("straight")
    return {stage: train(stage, out, STEP) for stage in training.STAGES}


def given(batch=2, size=16):
    labels = torch.randint(0, 20, (batch, size, size), generator=torch.Generator().manual_seed(0))
    onehot = torch.nn.functional.one_hot(labels, 20).permute(0, 3, 1, 2).float()
    return onehot, torch.rand(batch, 18, size, size), 2 * torch.rand(batch, 3, size, size) - 1


# Stage I


def test_stage_one_may_end_in_a_tanh_which_the_discriminator_is_then_shown_as_it_is():
    torch.manual_seed(0)
    plain = PoseGuidedParser(4, 1, downs=1)
    bounded = PoseGuidedParser(4, 1, downs=1, output="tanh")
    bounded.load_state_dict(plain.state_dict())
    plain.decoder[-1].bias.data[3] = bounded.decoder[-1].bias.data[3] = 2.0
    onehot, pose, _ = given()
    logits, answer = plain(onehot, pose), bounded(onehot, pose)
    torch.testing.assert_close(answer, torch.tanh(logits))
    assert torch.equal(bounded.shown(answer), answer)
    torch.testing.assert_close(plain.shown(logits), logits.softmax(dim=1))


def test_stage_one_sees_the_condition_image_only_if_it_is_told_to():
    torch.manual_seed(0)
    onehot, pose, image = given()
    blind, seeing = PoseGuidedParser(4, 1, downs=1), PoseGuidedParser(4, 1, downs=1, sees_image=True)
    assert torch.equal(blind(onehot, pose), blind(onehot, pose, image))
    assert not torch.allclose(seeing(onehot, pose, image), seeing(onehot, pose, -image))
    assert seeing.encoder.stages[0][0].in_channels == 41
    with pytest.raises(ValueError, match=r"image: this parser sees the condition image, expected \[B, 3, H, W\]"):
        seeing(onehot, pose)
    with pytest.raises(ValueError, match=r"image: expected \[B, 3, H, W\], found \(2, 1"):
        seeing(onehot, pose, image[:, :1])


@pytest.mark.parametrize("perceptual_kind", ["parser", "none"])
def test_a_parser_that_sees_the_image_is_given_it_everywhere(perceptual_kind, tmp_path):
    seeing = STEP.replace(parser_sees_image=True, perceptual=perceptual_kind)
    for stage in training.STAGES:
        train(stage, tmp_path, seeing)
    person = Boxes()[0]
    move = transfer.PoseTransfer.from_pretrained(tmp_path)
    inputs = person["condition_parsing"], person["target_keypoints"]
    assert move.parser.sees_image and move(person["condition_image"], *inputs).image.shape == (3, 64, 32)
    asked = []
    move.parser.register_forward_hook(lambda part, given, out: asked.append(given[2]))
    move(person["condition_image"], *inputs)
    assert torch.equal(asked[0][0], person["condition_image"])


def test_a_parser_of_ones_own_may_have_two_inputs():
    class Copy(torch.nn.Module):
        def forward(self, onehot, pose_map):
            return onehot

    found = evaluation.parser(Copy(), Boxes(4), 4)
    pairs = [Boxes(4)[i] for i in range(4)]
    same = [metrics.label_agreement(p["condition_parsing"][None], p["target_parsing"][None]).item() for p in pairs]
    assert found["label_agreement"] == pytest.approx(sum(same) / 4)


def test_the_parsers_perceptual_loss_shows_it_the_picture_too():
    torch.manual_seed(0)
    seeing = PoseGuidedParser(4, 1, downs=3, sees_image=True)
    loss, (onehot, pose, image) = losses.Perceptual("parser", seeing), given(size=32)
    real = -image
    painted = [torch.cat([perceptual.paint_labels(x, onehot, pose_map=pose), x], dim=1) for x in (image, real)]
    maps = [seeing.features(x) for x in painted]
    expected = sum(w * (a - b).abs().mean() for w, a, b in zip((1 / 8, 1 / 4, 1 / 2, 1), *maps, strict=True))
    torch.testing.assert_close(loss(image, real, onehot, pose), expected)


@pytest.mark.parametrize(
    "change",
    [{"parser_output": "tanh"}, {"parser_sees_image": True}, {"adversarial": "cross_entropy"}, {"hierarchy_maps": 4},
     {"parser_adversarial_weight": 0.0}, {"parser_hierarchy_weight": 0.0}, {"parsing_weight": 0.0},
     {"parser_batch": 3}],
)
def test_an_option_of_stage_one_changes_what_it_becomes(change, straight, tmp_path):
    other = train("parser", tmp_path, STEP.replace(**change))
    assert not other.losses().equals(straight["parser"].losses()) or different(other, straight["parser"], "parser")


def test_weights_of_stage_two_are_not_stage_ones(straight, tmp_path):
    other = train("parser", tmp_path, STEP.replace(adversarial_weight=0.0, hierarchy_weight=0.0, perceptual_weight=0.0))
    assert other.losses().equals(straight["parser"].losses()) and not different(other, straight["parser"], "parser")


def different(one, other, name):
    pairs = zip(one.modules[name].parameters(), other.modules[name].parameters(), strict=True)
    return any(a.shape != b.shape or not torch.equal(a, b) for a, b in pairs)


# Stage II


@pytest.mark.parametrize(
    "change",
    [{"adversarial": "cross_entropy"}, {"hierarchy_maps": 4}, {"residual": "identity"}, {"gate": "grid"},
     {"warp_passes": "two"},
     {"merge": "concat"}, {"generator_norm": "everywhere"}, {"adversarial_weight": 0.0}, {"hierarchy_weight": 0.0},
     {"pixel_weight": 0.0}, {"perceptual_weight": 0.0}, {"person_weight": 1.0}, {"perceptual": "none"},
     {"stage2_parsing": "true"}, {"batch": 3}],
)
def test_an_option_of_stage_two_changes_what_it_becomes(change, straight, tmp_path):
    other = train("gan", tmp_path, STEP.replace(**change), frozen=straight["gan"].folder.parent)
    assert different_sets(other, straight["gan"])


def test_options_of_stage_one_are_not_stage_twos(straight, tmp_path):
    same = STEP.replace(parser_adversarial_weight=0.0, parser_hierarchy_weight=0.0, parser_batch=3, parsing_weight=0.0)
    other = train("gan", tmp_path, same, frozen=straight["gan"].folder.parent)
    assert not different_sets(other, straight["gan"])


def different_sets(one, other):
    a, b = (run.modules["generator"].state_dict() for run in (one, other))
    return set(a) != set(b) or any(a[key].shape != b[key].shape or not torch.equal(a[key], b[key]) for key in a)


def test_the_first_gan_is_the_written_formula():
    real, fake = torch.tensor([0.5, -2.0]), torch.tensor([1.5, 3.0])
    s_real, s_fake = torch.sigmoid(real), torch.sigmoid(fake)
    expected = -0.5 * (s_real.log().mean() + (1 - s_fake).log().mean())
    torch.testing.assert_close(losses.adversarial_discriminator(real, fake, "cross_entropy"), expected)
    torch.testing.assert_close(losses.adversarial_generator(fake, "cross_entropy"), -s_fake.log().mean())
    assert losses.adversarial_generator(torch.tensor([-200.0]), "cross_entropy") == 200  # no logarithm of 0
    sentence = "adversarial: expected one of least_squares, cross_entropy, found 'hinge'"
    with pytest.raises(ValueError, match=sentence):
        losses.adversarial_generator(fake, "hinge")
    with pytest.raises(ValueError, match=sentence):
        losses.adversarial_discriminator(real, fake, "hinge")


def test_pictures_are_normalised_for_vgg_only_if_they_are_to_be(monkeypatch):
    from torchvision.models.vgg import cfgs, make_layers
    from torchvision.transforms.functional import normalize

    torch.manual_seed(0)
    features = make_layers(cfgs["E"])
    monkeypatch.setattr(perceptual, "_vgg19_features", lambda: features)
    plain, normalised = losses.Perceptual("vgg19"), losses.Perceptual("vgg19", normalise=True)
    fake, real = (2 * torch.rand(1, 3, 32, 32) - 1 for _ in range(2))
    seen = [normalize((image + 1) / 2, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]) for image in (fake, real)]
    torch.testing.assert_close(normalised(fake, real), plain(*seen))
    assert normalised(fake, real) > 1.5 * plain(fake, real)
    with pytest.raises(ValueError, match="perceptual_normalise is for perceptual 'vgg19'; .* with 'parser'"):
        config.preset("quick", perceptual_normalise=True)
    with pytest.raises(ValueError, match="normalised for 'vgg19' alone, found normalise with 'none'"):
        losses.Perceptual("none", normalise=True)


def test_stage_two_hands_the_choice_to_its_perceptual_loss(monkeypatch, straight, tmp_path):
    made = []

    class Noted(losses.Perceptual):
        def __init__(self, kind, parser, **options):
            made.append((kind, options))
            super().__init__("none")

    monkeypatch.setattr(gan, "Perceptual", Noted)
    settings = STEP.replace(perceptual="vgg19", perceptual_normalise=True)
    train("gan", tmp_path, settings, frozen=straight["gan"].folder.parent)
    assert made == [("vgg19", {"normalise": True})]


# Matcher and schedule


@pytest.mark.parametrize("stage", training.STAGES)
def test_each_stage_may_have_a_batch_of_its_own(stage, monkeypatch, straight, tmp_path):
    sizes = {"parser": STEP.batch, "matcher": STEP.batch, "gan": STEP.batch}
    assert {name: STEP.batch_of(name) for name in sizes} == sizes
    own = STEP.replace(parser_batch=3, matcher_batch=5)
    seen, collate = [], machine.collate
    monkeypatch.setattr(machine, "collate", lambda pairs, device: seen.append(len(pairs)) or collate(pairs, device))
    train(stage, tmp_path, own, frozen=straight["gan"].folder.parent)
    assert set(seen) == {{"parser": 3, "matcher": 5, "gan": STEP.batch}[stage]}


@pytest.mark.parametrize("backbone", ["vgg16", "resnet101"])
def test_either_matcher_trains_ships_and_serves_stage_two(backbone, monkeypatch, straight, tmp_path):
    monkeypatch.setattr(geo_matcher, "_extractor", lambda name: Thumbnail())
    settings = STEP.replace(matcher=backbone, matcher_weights="random", tps_grid=3)
    run = train("matcher", tmp_path, settings.replace(matcher_map_steps=2, matcher_pair_steps=2))
    assert run.metrics["before"]["label_agreement"] == run.metrics["before"]["unwarped_label_agreement"]
    assert run.metrics["after"]["label_agreement"] != run.metrics["before"]["label_agreement"]
    resumed = train("matcher", tmp_path, settings.replace(matcher_map_steps=2, matcher_pair_steps=3))
    assert resumed.step == 5
    train("parser", tmp_path, settings)
    train("gan", tmp_path, settings)
    checkpoints.ship(tmp_path, tmp_path / "shipped")
    person = Boxes()[0]
    answer = transfer.PoseTransfer.from_pretrained(tmp_path / "shipped")(
        person["condition_image"], person["condition_parsing"], person["target_keypoints"]
    )
    assert answer.tps.shape == (9, 2) and answer.affine.isfinite().all()


def test_training_a_matcher_on_published_features_asks_for_them(monkeypatch, straight, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "empty"))
    settings = STEP.replace(matcher="vgg16", tps_grid=3)
    with pytest.raises(FileNotFoundError, match="vgg16-397923af.pth: not there"):
        train("matcher", tmp_path, settings)
    # The other stages do not: stage II takes the matcher that was trained.
    train("parser", tmp_path, settings)
    train("gan", tmp_path, settings, frozen=straight["gan"].folder.parent)


def test_the_papers_schedule_is_constant_and_a_linear_decay_is_an_option():
    from warpgan.records import linear_decay

    for name in ("deepfashion", "market"):
        paper = config.preset(name)
        assert {linear_decay(step, 100, paper.decay) for step in range(100)} == {1.0}
        halved = [linear_decay(step, 100, paper.replace(decay=0.5).decay) for step in (0, 49, 75, 99)]
        assert halved[:2] == [1, 1] and halved[2] == pytest.approx(0.5, abs=0.03) and halved[3] < 0.05


def test_the_shipped_weights_load_with_what_they_were_trained_as():
    move = transfer.PoseTransfer.from_pretrained("rendered")
    assert move.parser.output == "logits" and not move.parser.sees_image
    assert type(move.matcher).__name__ == "GeometricMatcher"
