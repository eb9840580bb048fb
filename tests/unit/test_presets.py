"""Presets name fields of the configuration, and only what differs from its defaults."""

import pytest

from warpgan import config
from warpgan.presets import PRESETS


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_changes_what_it_names(name):
    quick = config.preset("quick")
    made = config.preset(name)
    for field, value in PRESETS[name].items():
        assert getattr(made, field) == value
    assert set(config.differences(quick, made)) <= set(PRESETS[name])


def test_the_human_parsers_preset_sees_what_its_target_names():
    assert config.preset("human_parser").size == (256, 176)
