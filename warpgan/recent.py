"""The values that were used last, kept so that what is asked for again is not made again."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
_NOTHING: Any = object()


def recent(cache: OrderedDict[Key, Value], key: Key, make: Callable[[], Value], most: int) -> Value:
    """Give the value of a key, made only if it is not kept; the one that was not asked for longest makes room.

    Args:
        cache: what is kept, changed in place.
        key: of the value.
        make: makes it; what it raises changes nothing.
        most: values that are kept.
    """
    # Taken out and put back as the last: another thread that asks meanwhile makes its own, and nothing is lost.
    value = cache.pop(key, _NOTHING)
    if value is _NOTHING:
        value = make()
    cache[key] = value
    while len(cache) > most:
        cache.popitem(last=False)
    return value
