"""A mistyped parameter is an error that names it; the presets are what they say."""

import dataclasses

import pytest

from warpgan import config


@pytest.mark.parametrize("name", config.PRESETS)
def test_every_preset_survives_a_round_trip(name):
    made = config.preset(name)
    assert made.preset == name
    assert config.from_dict(made.to_dict()) == made


def test_an_unknown_field_is_named_and_the_nearest_suggested():
    with pytest.raises(ValueError, match="unknown field 'gan_step'; did you mean gan_steps"):
        config.preset("quick", gan_step=3)


@pytest.mark.parametrize(
    "field, value",
    [("learning_rate", "1e-3"), ("batch", 4.0), ("batch", True), ("warping", 1), ("gate", 3), ("height", "128"),
     ("learning_rate", float("nan"))],
)
def test_a_value_of_the_wrong_type_is_refused_with_what_was_found(field, value):
    with pytest.raises(ValueError, match=f"{field} is .*expected"):
        config.preset("quick", **{field: value})


@pytest.mark.parametrize(
    "field, value, expected",
    [("gate", "soft", "learned_channel"), ("batch", 0, "at least 1"), ("height", 100, "multiples of 8"),
     ("decay", 1.5, "from 0 to 1"), ("hierarchy_maps", 9, "1 to 4"), ("tps_grid", 1, "at least 2"),
     ("beta2", 1.0, "less than 1"), ("pixel_weight", -1.0, "0 or more"), ("learning_rate", 0.0, "more than 0"),
     ("parser_batch", -1, "0 or more"), ("matcher_batch", -1, "0 or more"), ("parser_hierarchy_weight", -1.0, "0 or"),
     ("parser_adversarial_weight", -0.1, "0 or more"), ("parser_output", "softmax", "logits, tanh"),
     ("adversarial", "hinge", "least_squares, cross_entropy"), ("matcher", "vgg", "light, vgg16, resnet101"),
     ("matcher_weights", "coco", "random, imagenet")],
)
def test_a_value_out_of_range_is_refused_with_what_is_allowed(field, value, expected):
    with pytest.raises(ValueError, match=expected):
        config.preset("quick", **{field: value})


def test_an_unknown_preset_lists_the_known_ones():
    with pytest.raises(ValueError, match="unknown preset 'fast'; expected one of quick, rendered, market"):
        config.preset("fast")


def test_an_int_may_stand_for_a_float():
    assert config.preset("quick", pixel_weight=3).pixel_weight == 3.0


def test_it_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.preset("quick").batch = 3


def test_the_paper_presets_have_the_papers_networks():
    for name, size, batch in (("market", (128, 64), 20), ("deepfashion", (256, 256), 12)):
        paper = config.preset(name)
        assert (paper.size, paper.batch) == (size, batch)
        assert (paper.parser_width, paper.parser_blocks, paper.generator_width, paper.generator_blocks) == (
            64,
            9,
        ) * 2
        assert paper.learning_rate == 2e-4 and (paper.beta1, paper.beta2) == (0.5, 0.999)


def test_differences_leave_out_how_long_a_run_goes_on():
    one = config.preset("quick")
    other = one.replace(gan_steps=9, generator_width=8)
    assert config.differences(one, other) == {"generator_width": (one.generator_width, 8)}
