"""The tables of what a configuration may be name its fields, and let every preset through."""

from collections import Counter

from warpgan import config
from warpgan.config_rules import CHOICES, RANGES, SCHEDULE


def test_the_tables_name_fields_and_each_once():
    ranged = [name for names, _, _ in RANGES for name in names.split()]
    assert set(CHOICES) | set(ranged) | set(SCHEDULE) <= set(config.TYPES)
    assert max(Counter(ranged).values()) == 1 and not set(CHOICES) & set(ranged)


def test_every_number_has_a_range_and_every_word_but_names_its_choices():
    ranged = {name for names, _, _ in RANGES for name in names.split()}
    numbers = {name for name, kind in config.TYPES.items() if kind in (int, float)}
    assert numbers - ranged == {"hierarchy_maps"}  # its range depends on the discriminator
    words = {name for name, kind in config.TYPES.items() if kind is str}
    assert words - set(CHOICES) == {"preset", "human_styles"}


def test_a_training_goes_on_after_what_only_says_how_long_but_not_after_what_it_computes():
    one = config.preset("quick")
    assert not config.differences(one, one.replace(gan_steps=9, log_every=3))
    for change in ({"parser_output": "tanh"}, {"parser_batch": 3}, {"adversarial": "cross_entropy"}):
        assert set(config.differences(one, one.replace(**change))) == set(change)
