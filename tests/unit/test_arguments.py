"""Arguments: what fits comes back as plain values, and what does not is named with what was expected."""

import re

import numpy as np
import pytest

from warpgan.arguments import check_executor, choose, height_width, whole_number


def test_what_fits_comes_back_as_plain_values():
    assert choose("gate", "grid", ("grid", "none")) == choose("gate", "grid", {"grid": 1}) == "grid"
    assert [whole_number("people", value, 1, 8) for value in (1, 8, np.int64(3))] == [1, 8, 3]
    assert type(whole_number("people", np.uint8(3), 1)) is int and whole_number("people", 10**30, 0) == 10**30
    assert height_width([np.int32(128), 64], 256) == (128, 64)
    check_executor(None)


@pytest.mark.parametrize("call, sentence", [
    (lambda: choose("gate", "hard", ("grid", "none")), "gate: expected one of grid, none, found 'hard'"),
    (lambda: choose("gate", ["grid"], {"grid": 1}), "gate: expected one of grid, found ['grid']"),
    (lambda: whole_number("people", True, 0, 8), "people must be a whole number from 0 to 8, found True"),
    (lambda: whole_number("people", 2.0, 0, 8), "people must be a whole number from 0 to 8, found 2.0"),
    (lambda: whole_number("people", 9, 0, 8), "people must be a whole number from 0 to 8, found 9"),
    (lambda: whole_number("height", 15, 16), "height must be a whole number of at least 16, found 15"),
    (lambda: height_width(128, 256), "size must be (height, width) in pixels, found 128"),
    (lambda: height_width((128,), 256, "frame"), "frame must be (height, width) in pixels, found (128,)"),
    (
        lambda: height_width((128, 257), 256),
        "size must be (height, width): width must be a whole number from 16 to 256, found 257",
    ),
    (lambda: check_executor(3), "executor must have a method submit(function, *arguments), found 3"),
])
def test_what_does_not_fit_is_named(call, sentence):
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        call()
