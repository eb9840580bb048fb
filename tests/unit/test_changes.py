"""A configuration's changes as text come back as values of the fields' types."""

import pytest

from warpgan import config
from warpgan.changes import read_changes


@pytest.mark.parametrize(
    "text, values",
    [
        ("", {}),
        ("gate=grid  pixel_weight=0\nwarping=false", {"gate": "grid", "pixel_weight": 0, "warping": False}),
        ("precision=32 batch=32", {"precision": "32", "batch": 32}),
        ("learning_rate=1e-3 block_level=-1", {"learning_rate": 1e-3, "block_level": -1}),
        (["names=two words", "root=a=b"], {"names": "two words", "root": "a=b"}),
    ],
)
def test_text_becomes_values(text, values):
    assert read_changes(text) == values


def test_what_was_read_is_checked_by_the_configuration():
    assert config.preset("quick", **read_changes("gate=grid warping=false batch=2")).gate == "grid"
    with pytest.raises(ValueError, match="unknown field 'gates'; did you mean gate"):
        config.preset("quick", **read_changes("gates=grid"))
    with pytest.raises(ValueError, match="batch is 2.5 .float.; expected int"):
        config.preset("quick", **read_changes("batch=2.5"))


@pytest.mark.parametrize("text, words", [
    ("gate", "'gate': expected FIELD=VALUE"), ("=3", "'=3': expected FIELD=VALUE"),
    ("batch=2 batch=3", "'batch=3': batch stands twice"),
])
def test_what_is_no_change_is_refused(text, words):
    with pytest.raises(ValueError, match=words):
        read_changes(text)
