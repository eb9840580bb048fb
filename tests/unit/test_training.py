"""Each stage learns on painted boxes, stopping changes nothing, and the same seed gives the same numbers."""

import pytest
import small_training
import torch
from scenes import Boxes
from small_training import TINY

from warpgan import config, training
from warpgan.stages.common import adam


def train(stage, out, settings=TINY, **options):
    return small_training.train(stage, out, settings, **options)


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    out = tmp_path_factory.mktemp("straight")
    return {stage: train(stage, out) for stage in training.STAGES}


def test_every_stage_learns_on_boxes(tmp_path):
    longer = TINY.replace(
        parser_width=8, generator_width=8, batch=4, parser_steps=60, matcher_map_steps=40, matcher_pair_steps=40,
        gan_steps=60, learning_rate=2e-3,
    )
    parser = train("parser", tmp_path, longer).metrics
    assert parser["after"]["label_agreement"] > parser["before"]["label_agreement"] + 0.2
    matcher = train("matcher", tmp_path, longer).metrics
    assert matcher["before"]["label_agreement"] == matcher["before"]["unwarped_label_agreement"]
    assert matcher["after"]["label_agreement"] > matcher["before"]["label_agreement"]
    gan = train("gan", tmp_path, longer).metrics
    assert gan["after"]["l1"] < 0.8 * gan["before"]["l1"]


@pytest.mark.parametrize("stage", training.STAGES)
def test_stopping_and_going_on_changes_no_bit(stage, straight, tmp_path):
    run = straight[stage]
    out = run.folder.parent if stage == "gan" else None
    half = TINY.replace(
        parser_steps=3, matcher_pair_steps=0, gan_steps=3, decay=0.0
    )  # a rate that does not depend on the number of steps
    whole = TINY.replace(decay=0.0)
    train(stage, tmp_path / "a", half, frozen=out)
    resumed = train(stage, tmp_path / "a", whole, frozen=out)
    at_once = train(stage, tmp_path / "b", whole, frozen=out)
    assert resumed.step == at_once.step == 6
    for name, module in at_once.modules.items():
        again = resumed.modules[name].state_dict()
        for key, value in module.state_dict().items():
            assert torch.equal(value, again[key]), f"{name}.{key}"
    assert resumed.losses().equals(at_once.losses())


def test_a_finished_stage_is_loaded_not_trained_again(straight):
    run = straight["parser"]
    before = (run.folder / "state.safetensors").stat().st_mtime_ns
    again = train("parser", run.folder.parent)
    assert again.finished and again.metrics == run.metrics
    assert (run.folder / "state.safetensors").stat().st_mtime_ns == before


@pytest.mark.parametrize("stage", training.STAGES)
def test_a_stage_leaves_its_record(stage, straight):
    run = straight[stage]
    names = {path.name for path in run.folder.iterdir()}
    assert names >= {"config.json", "metrics.json", "log.csv", "state.safetensors", "state.json", "samples"}
    assert [p.name for p in sorted((run.folder / "samples").iterdir())] == ["000004.png", "000006.png"]
    assert run.losses()["step"].tolist() == list(range(6))
    assert set(run.metrics) == {"before", "after"}


def test_the_random_maps_depend_on_the_seed_alone(tmp_path, straight):
    torch.manual_seed(123)
    again = train("matcher", tmp_path)
    assert again.losses().equals(straight["matcher"].losses())
    other = train("matcher", tmp_path / "other", TINY.replace(seed=1))
    assert not other.losses().equals(straight["matcher"].losses())


def test_a_training_may_begin_with_trained_weights(straight, tmp_path):
    first = straight["parser"]
    run = train("parser", tmp_path, TINY.replace(parser_steps=4), start=first.folder.parent)
    assert run.metrics["before"]["label_agreement"] == first.metrics["after"]["label_agreement"]
    assert run.started_from["step"] == 6 and run.step == 4
    again = train("parser", tmp_path, TINY.replace(parser_steps=5), start=first.folder.parent)
    assert again.started_from == run.started_from  # going on, not beginning anew
    third = train("parser", tmp_path / "third", TINY.replace(parser_steps=1), start=tmp_path)
    assert third.started_from["step"] == 6 + 5
    with pytest.raises(ValueError, match="state.safetensors: tensor parser.* has shape"):
        train("parser", tmp_path / "wide", TINY.replace(parser_width=8), start=first.folder.parent)


def test_weights_may_lack_what_changes_nothing_at_first(straight, tmp_path):
    first, seeing = straight["gan"], TINY.replace(decoder_sees_target=True, generator_norm="blocks")
    frozen = first.folder.parent
    plain = train("gan", tmp_path, seeing.replace(decoder_sees_target=False, gan_steps=1), frozen=frozen)
    run = train("gan", tmp_path / "seeing", seeing.replace(gan_steps=2), frozen=frozen, start=tmp_path)
    for name, value in plain.metrics["after"].items():
        assert run.metrics["before"][name] == pytest.approx(value, abs=1e-4) or name == "step"
    assert run.started_from["changes"] == config.changes(plain.config) and run.started_from["earlier"] is None
    later = train("gan", tmp_path / "later", seeing.replace(gan_steps=1), frozen=frozen, start=tmp_path / "seeing")
    assert later.started_from["earlier"] == run.started_from
    assert later.started_from["changes"]["decoder_sees_target"] is True
    with pytest.raises(ValueError, match="tensor generator.reminders.* is not expected"):
        train("gan", tmp_path / "back", plain.config, frozen=frozen, start=tmp_path / "seeing")


def test_another_configuration_does_not_overwrite_a_run(straight):
    run = straight["parser"]
    with pytest.raises(ValueError, match="another configuration .parser_width 4 there and 8 here."):
        train("parser", run.folder.parent, TINY.replace(parser_width=8))
    assert train("parser", run.folder.parent).finished


def test_stage_two_says_what_it_lacks(tmp_path):
    with pytest.raises(FileNotFoundError, match="parser.*no such checkpoint"):
        train("gan", tmp_path)
    with pytest.raises(ValueError, match="unknown stage 'generator'; expected one of parser, matcher, gan"):
        train("generator", tmp_path)


def test_true_parsing_and_no_block_are_options_of_stage_two(straight, tmp_path):
    frozen = straight["gan"].folder.parent
    short = TINY.replace(gan_steps=1)
    losses = [
        train("gan", tmp_path / str(i), short.replace(**change), frozen=frozen).losses()["pixel"][0]
        for i, change in enumerate(
            ({}, {"stage2_parsing": "true"}, {"warping": False}, {"perceptual": "none"})
        )
    ]
    assert losses[0] != losses[1] and losses[0] != losses[2] and losses[0] == losses[3]


def test_the_discriminator_joins_when_it_is_told_to(straight, tmp_path):
    frozen = straight["gan"].folder.parent
    alone = TINY.replace(gan_steps=4, adversarial_from=2, decay=0.0)
    run = train("gan", tmp_path / "late", alone, frozen=frozen)
    assert (run.losses()["discriminator"] > 0).tolist() == [False, False, True, True]
    small = train("gan", tmp_path / "small", alone.replace(adversarial_share=0.0), frozen=frozen)
    assert run.losses()["pixel"][:3].tolist() == small.losses()["pixel"][:3].tolist()
    assert run.losses()["pixel"][3] != small.losses()["pixel"][3]


def test_a_loss_that_is_not_finite_stops_the_run(straight, tmp_path):
    with pytest.raises(FloatingPointError, match="gan, step 0: the loss"):
        training.train(
            "gan", TINY, tmp_path, data=Poisoned(), unseen=Boxes(4), frozen=straight["gan"].folder.parent
        )


class Poisoned(Boxes):
    """Pictures with a pixel that is not a number."""

    def __getitem__(self, index):
        pair = super().__getitem__(index)
        pair["target_image"][0, 0, 0] = float("nan")
        return pair


def test_the_optimiser_takes_the_steps_of_adam():
    """In one pass over the weights, which changes rounding alone."""
    generator = torch.Generator().manual_seed(0)
    ours, plain = torch.nn.Linear(30, 20), torch.nn.Linear(30, 20)
    plain.load_state_dict(ours.state_dict())
    steps = adam(ours, TINY, 1e-2, 0.9), torch.optim.Adam(plain.parameters(), 1e-2, (0.9, TINY.beta2), foreach=False)
    for _ in range(20):
        inputs = torch.randn(8, 30, generator=generator)
        for module, step in zip((ours, plain), steps):
            step.zero_grad()
            module(inputs).square().mean().backward()
            step.step()
    torch.testing.assert_close(ours.weight, plain.weight, atol=1e-6, rtol=1e-6)
