"""Arguments checked at the border of a function: an error names the argument, what was expected and what was found."""

from collections.abc import Iterable
from numbers import Integral
from typing import Any


def choose(name: str, value: str, options: Iterable[str]) -> str:
    """Give `value` back if it is one of the options.

    Args:
        name: of the argument.
        value: what was given.
        options: what may be given.

    Raises:
        ValueError: it is none of them.
    """
    options = tuple(options)
    if value not in options:
        raise ValueError(f"{name}: expected one of {', '.join(options)}, found {value!r}")
    return value


def whole_number(name: str, value: Any, low: int, high: int | None = None) -> int:
    """Give `value` back as an int.

    Args:
        name: of the argument.
        value: what was given; numpy's whole numbers are such, truth values are not.
        low: the least that is allowed.
        high: the most; None for no end.

    Raises:
        ValueError: it is no whole number, or beyond the two.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < low or (high is not None and value > high):
        wanted = f"of at least {low}" if high is None else f"from {low} to {high}"
        raise ValueError(f"{name} must be a whole number {wanted}, found {value!r}")
    return int(value)


def height_width(value: Any, most: int, name: str = "size") -> tuple[int, int]:
    """Give `value` back as (height, width) of a picture.

    Args:
        value: what was given.
        most: pixels of a side; the least is 16.
        name: of the argument.

    Raises:
        ValueError: it is not a tuple or list of two whole numbers from 16 to `most`.
    """
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise ValueError(f"{name} must be (height, width) in pixels, found {value!r}")
    told = (f"{name} must be (height, width): {side}" for side in ("height", "width"))
    height, width = (whole_number(side, n, 16, most) for side, n in zip(told, value, strict=True))
    return height, width


def check_executor(executor: Any) -> None:
    """Refuse what cannot be handed work; None, for no executor, is fine.

    Raises:
        ValueError: it has no method `submit(function, *arguments)`.
    """
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise ValueError(f"executor must have a method submit(function, *arguments), found {executor!r}")
