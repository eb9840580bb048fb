"""The compared systems are as large as the Warping-GAN's generator and are trained, saved and asked as it is."""

import pytest
import small_training
import torch
from scenes import Boxes

from warpgan import baselines, checkpoints, config, evaluation, models
from warpgan.baselines import deformable
from warpgan.baselines.systems import PIXEL_TERMS, PUBLISHED
from warpgan.batches import collate
from warpgan.config_rules import CHOICES
from warpgan.transfer import PoseTransfer

NAMES = ("resnet", "resnet_pose", "unet", "pix2pix", "pg2", "deformable")
TINY = small_training.TINY.replace(
    parser_steps=1, matcher_map_steps=1, matcher_pair_steps=1, gan_steps=2, checkpoint_every=1, evaluation_pairs=2
)


def train(stage, out, settings=TINY, **options):
    return small_training.train(stage, out, settings, **options)


@pytest.fixture(scope="module")
def frozen(tmp_path_factory):
    out = tmp_path_factory.mktemp("frozen")
    for stage in ("parser", "matcher"):
        train(stage, out)
    return out


@pytest.fixture(scope="module")
def runs(frozen, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs")
    return {name: train("gan", out / name, baselines.settings(name, TINY), frozen=frozen) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("preset", ["quick", "rendered", "market"])
def test_each_has_as_many_parameters_as_the_warping_gans_generator(preset, name):
    chosen = config.preset(preset, generator=name)
    with torch.device("meta"):
        ours, theirs = models.warping_generator(chosen), baselines.build(chosen)
    assert models.parameter_count(theirs) == pytest.approx(models.parameter_count(ours), rel=0.1)
    assert baselines.matched(chosen) == baselines.matched(chosen.replace(warping=False, seed=5))


@pytest.mark.parametrize("name", NAMES)
def test_two_steps_of_the_same_loop_train_every_weight(name, runs):
    run = runs[name]
    assert run.step == 2 and run.losses()[["pixel", "perceptual", "discriminator"]].gt(0).all(axis=None)
    torch.manual_seed(TINY.seed)
    begun = models.build(run.config)["generator"].state_dict()
    now = run.modules["generator"].state_dict()
    assert begun.keys() == now.keys()
    still = [key for key, value in begun.items() if key.endswith("weight") and torch.equal(value, now[key])]
    assert still == []


@pytest.mark.parametrize("name", NAMES)
def test_a_checkpoint_is_loaded_shipped_and_asked(name, runs, frozen, tmp_path):
    for stage in ("parser", "matcher"):
        (tmp_path / stage).symlink_to(frozen / stage)
    (tmp_path / "gan").symlink_to(runs[name].folder)
    transfer = PoseTransfer.from_pretrained(tmp_path)
    pair = Boxes()[0]
    given = [pair[key] for key in ("condition_image", "condition_parsing", "target_keypoints")]
    answer = transfer(*given)
    assert answer.image.shape == (3, 64, 32) and answer.image.abs().max() <= 1
    assert (answer.gate is not None) == (name in ("unet", "pix2pix"))
    if answer.gate is not None:  # at the size at which the Warping-GAN's own block stands
        assert answer.gate.shape[-2:] == (16, 8)
    told = transfer(*given, condition_keypoints=pair["condition_keypoints"])
    assert told.image.isfinite().all() and (name == "deformable" or torch.equal(told.image, answer.image))
    batch = collate([pair])
    assert torch.equal(evaluation.network(transfer)(batch)[0], told.image)
    shipped = PoseTransfer.from_pretrained(checkpoints.ship(tmp_path, tmp_path / "shipped"))
    again = shipped.generator.state_dict()
    for key, value in transfer.generator.state_dict().items():
        torch.testing.assert_close(again[key], value.half().float())


@pytest.mark.parametrize("name", ["pix2pix", "pg2"])
def test_stopping_and_going_on_changes_no_bit(name, frozen, runs, tmp_path):
    chosen = baselines.settings(name, TINY).replace(decay=0.0)
    train("gan", tmp_path / "a", chosen.replace(gan_steps=1), frozen=frozen)
    resumed = train("gan", tmp_path / "a", chosen, frozen=frozen)
    at_once = train("gan", tmp_path / "b", chosen, frozen=frozen)
    again = resumed.modules["generator"].state_dict()
    assert all(torch.equal(value, again[key]) for key, value in at_once.modules["generator"].state_dict().items())


@pytest.mark.parametrize("name", ["pg2", "deformable"])
def test_a_batch_in_parts_teaches_what_the_whole_does(name, frozen, tmp_path):
    chosen = baselines.settings(name, TINY).replace(gan_steps=1)
    whole, parts = (
        train("gan", tmp_path / str(cut), chosen.replace(accumulate=cut), frozen=frozen).losses() for cut in (1, 2)
    )
    for term in ("pixel", "perceptual"):
        assert parts[term][0] == pytest.approx(whole[term][0], rel=1e-3 if name == "pg2" else 0.1)  # dropout


def test_a_system_is_in_training_while_it_trains_and_is_told_the_joints(frozen, tmp_path, monkeypatch):
    monkeypatch.setattr(deformable, "carried", None)  # what stands in for joints: never asked
    modes = []

    def note(run):
        modes.append(run.modules["generator"].training)

    run = train("gan", tmp_path, baselines.settings("deformable", TINY), frozen=frozen, on_log=note)
    assert modes == [True, True] and not run.modules["generator"].training


def test_pg2s_coarse_picture_has_a_pixel_loss_of_its_own(runs):
    assert runs["pg2"].losses()["pixel"][0] > 1.5 * runs["unet"].losses()["pixel"][0]


def test_switching_the_system_or_its_block_changes_no_other_network():
    started = {}
    for changes in ({}, {"generator": "unet"}, {"generator": "unet", "warping": False}, {"generator": "pg2"}):
        torch.manual_seed(3)
        started[str(changes)] = models.build(TINY.replace(**changes))
    first, *others = started.values()
    for networks in others:
        for name in ("parser", "parser_discriminator", "matcher", "discriminator"):
            pairs = zip(first[name].state_dict().values(), networks[name].state_dict().values())
            assert all(torch.equal(one, other) for one, other in pairs), name
    full, bare = (started[str({"generator": "unet"} | more)]["generator"] for more in ({}, {"warping": False}))
    assert all(torch.equal(full.state_dict()[key], value) for key, value in bare.state_dict().items())


def test_without_parsing_neither_network_sees_one(runs):
    run, batch = runs["resnet_pose"], collate([Boxes()[0], Boxes()[3]])
    judge, painter = run.modules["discriminator"], run.modules["generator"]
    assert judge(torch.zeros(1, 24, 64, 32))[0].isfinite().all()
    given = (batch.condition_image, batch.condition_onehot, batch.target_onehot, batch.pose_map)
    other = (batch.condition_image, batch.condition_onehot.roll(1, 1), batch.target_onehot.roll(3, 1), batch.pose_map)
    assert torch.equal(painter(*given)[0], painter(*other)[0])
    seeing = runs["resnet"].modules["generator"]
    assert not torch.allclose(seeing(*given)[0], seeing(*other)[0], atol=1e-5)
    maps = torch.randn(2, 2, 3), torch.randn(2, 25, 2)
    assert torch.equal(seeing(*given)[0], seeing(*given, *maps)[0])  # and no map
    assert runs["resnet"].modules["discriminator"](torch.zeros(1, 64, 64, 32))[0].isfinite().all()


@pytest.mark.parametrize("name", NAMES)
def test_each_reads_and_paints_in_the_configured_colours(name):
    batch = collate([Boxes()[0], Boxes()[3]])
    given = (batch.condition_image, batch.condition_onehot, batch.target_onehot, batch.pose_map)
    pictures = []
    for colours in ("rgb", "opponent"):
        torch.manual_seed(0)
        network = models.build(TINY.replace(generator=name, generator_colours=colours))["generator"].eval()
        assert network.palette.turned == (colours == "opponent")
        pictures.append(network(*given)[0])
    assert not torch.allclose(*pictures, atol=1e-3) and pictures[1].abs().max() <= 1


def test_settings_change_the_pixel_term_alone_or_the_whole_objective():
    assert set(PIXEL_TERMS) == set(CHOICES["generator"]) == {"warping", *NAMES}
    ours = config.preset("rendered")
    assert baselines.settings("warping", ours) == ours
    for name in NAMES:
        own = baselines.settings(name, ours)
        assert set(config.differences(ours, own)) <= {"generator", "pixel_loss", "person_weight"}
        assert own.generator == name and baselines.settings(name, own) == own
        published = baselines.settings(name, ours, published=True)
        assert (published.perceptual == "none" and published.hierarchy_weight == 0) == (name in PUBLISHED)
    losses = {name: baselines.settings(name, ours).pixel_loss for name in NAMES}
    assert losses == dict.fromkeys(NAMES, "person") | {"pg2": "pose_mask", "deformable": "nearest"}
    assert baselines.settings("pix2pix", config.preset("market"), published=True).pixel_weight == 100


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: config.preset("quick", generator="unett"), "generator is 'unett'; expected one of warping, resnet"),
        (lambda: config.preset("quick", pixel_loss="l1"), "pixel_loss is 'l1'; expected one of person, pose_mask"),
        (lambda: baselines.settings("cyclegan", TINY), "generator: expected one of warping, resnet.*'cyclegan'"),
        (lambda: baselines.build(TINY), "generator: expected a compared system, found 'warping'"),
        (lambda: models.build(TINY.replace(generator="unet", height=33, downs=0, generator_downs=0)), "cannot be"),
    ],
)
def test_what_does_not_exist_is_told(call, words):
    with pytest.raises(ValueError, match=words):
        call()
