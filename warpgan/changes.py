"""Changes of a configuration as text: what a command line, a notebook's parameter or a grid's axis can hold."""

import ast
from collections.abc import Iterable
from typing import Any

from warpgan import config as configuration


def read_changes(pairs: str | Iterable[str]) -> dict[str, Any]:
    """Read fields and values.

    Args:
        pairs: "gate=grid pixel_weight=0", or the parts of such a text.

    Returns:
        Field -> value: a text where the configuration's field of that name is one, else a number, a truth value
        (true or false) or, where it is neither, the text. Whether there is such a field is not asked here.

    Raises:
        ValueError: a part is no FIELD=VALUE, or a field stands twice.
    """
    found: dict[str, Any] = {}
    for pair in pairs.split() if isinstance(pairs, str) else pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise ValueError(f"{pair!r}: expected FIELD=VALUE")
        if name in found:
            raise ValueError(f"{pair!r}: {name} stands twice")
        found[name] = text if configuration.TYPES.get(name) is str else _value(text)  # precision=32 is a word too
    return found


def _value(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
