"""What is asked for again is not made again, and what was not asked for longest is forgotten."""

from collections import OrderedDict

import pytest

from warpgan.recent import recent


def test_the_last_values_are_kept():
    cache, made = OrderedDict(), []

    def ask(key):
        return recent(cache, key, lambda: made.append(key) or key.upper(), 2)

    assert [ask(key) for key in "abacb"] == list("ABACB")
    assert made == list("abcb")  # c pushed b out, which was asked for before a
    assert list(cache) == ["c", "b"]


def test_a_fault_leaves_what_is_kept():
    cache = OrderedDict(a=1)
    with pytest.raises(ZeroDivisionError):
        recent(cache, "b", lambda: 1 // 0, 1)
    assert cache == {"a": 1}
