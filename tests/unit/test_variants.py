"""The plan of the ablations holds what the paper and the project promise, and every line of it is a configuration."""

import pytest

from warpgan import ablations, config
from warpgan.changes import read_changes
from warpgan.config_rules import CHOICES
from warpgan.variants import FULL, STAGES, VARIANTS, Variant


@pytest.mark.parametrize("variant", [*VARIANTS, *STAGES], ids=lambda variant: variant.name)
def test_every_variant_is_a_configuration_and_differs_in_what_it_names(variant):
    base = config.preset("rendered")
    changes = read_changes(variant.changes)
    assert set(config.differences(base, base.replace(**changes))) == set(changes)
    assert len(variant.seeds) == (3 if variant.group == "core" else 1)


def test_the_plan_is_what_the_paper_and_the_project_promise():
    settings = [config.preset("rendered", **read_changes(variant.changes)) for variant in VARIANTS]
    for field in ("name", "changes"):
        assert len({getattr(variant, field) for variant in VARIANTS}) == len(VARIANTS)
    assert VARIANTS[0] == Variant(FULL, "", "core")
    assert sum(variant.group == "core" for variant in VARIANTS) == 6
    for field in ("gate", "residual", "maps", "warped", "generator", "stage2_parsing"):
        assert {getattr(one, field) for one in settings} == set(CHOICES[field]), field
    assert {one.block_level for one in settings} == {0, 1, 2}
    assert {one.generator_colours for one in settings} == set(CHOICES["generator_colours"])
    assert {one.decoder_sees_target for one in settings} == {False, True}
    assert 0 in {one.chroma_weight for one in settings} and 0 in {one.self_pairs for one in settings}
    for weight in ("adversarial_weight", "hierarchy_weight", "perceptual_weight", "pixel_weight"):
        assert 0 in {getattr(one, weight) for one in settings}
    blocks = {(one.generator, one.warping) for one in settings}
    assert {(name, block) for name in ("warping", "unet", "pix2pix") for block in (True, False)} <= blocks


def test_the_stages_before_the_generator_are_held_against_what_they_see():
    assert {variant.stage for variant in VARIANTS} == {"gan"}
    for stage, field in (("parser", "parser_sees_image"), ("matcher", "matcher_sees")):
        some = [variant for variant in STAGES if variant.stage == stage]
        seen = {getattr(config.preset("rendered", **read_changes(variant.changes)), field) for variant in some}
        assert len(seen) == len(some) == 2
        assert ablations.JUDGED[stage][1] == some[0].name and some[0].changes == ""
