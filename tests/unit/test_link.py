"""A state that went into a link comes out of it, whatever is in it; a link is data and no longer than a link may be."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warpgan.widgets.link import LONGEST, query_of, state_in


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=20) | st.integers() | st.booleans(), max_size=5))
def test_a_state_comes_back_from_its_link(state):
    query = query_of(state)
    assert query.isascii() and not set(query) & set("<>\"' ")
    for address in (query, query[1:], "http://127.0.0.1:8866/voila/render/07.ipynb" + query, query + "&theme=dark"):
        assert json.loads(state_in(address)) == state


def test_the_page_s_own_query_is_read(monkeypatch):
    monkeypatch.setenv("QUERY_STRING", query_of({"panel": "A"})[1:])
    assert json.loads(state_in()) == {"panel": "A"}
    monkeypatch.delenv("QUERY_STRING")
    assert state_in() is None


def test_an_address_without_a_state_has_none():
    for address in ("", "?", "?theme=dark", "https://example.org/", "?theme=" + "x" * 3000):
        assert state_in(address) is None


def test_a_link_has_at_most_so_many_characters():
    fits = {"x": "a" * (LONGEST - len(query_of({"x": ""})))}
    assert len(query_of(fits)) == LONGEST and json.loads(state_in(query_of(fits)[1:])) == fits
    with pytest.raises(ValueError, match="link: 2001 characters, and at most 2000 fit"):
        query_of({"x": fits["x"] + "a"})
    with pytest.raises(ValueError, match="link: its query has 3006 characters, expected at most 2000"):
        state_in("?state=" + "a" * 3000)
    with pytest.raises(ValueError, match="link: gives the state twice"):
        state_in("?state=1&state=2")
