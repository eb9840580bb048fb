"""Many names with a number each, in constant memory: what folders and lists are compared by, name by name."""

from __future__ import annotations

from array import array
from collections.abc import Hashable


class Names:
    """Names and a number for each, in 16 bytes a place: 4 MB hold 160,000 names, however long they are.

    What is kept of a name is its 64-bit hash. That two of 160,000 names share one has a chance below 1 in a billion.
    """

    def __init__(self, places: int = 1 << 18):
        self._hashes, self._values = (array("Q", bytes(8 * places)) for _ in range(2))
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def get(self, name: Hashable) -> int:
        """The number of a name, 0 if it is not there."""
        return self._values[self._place(_hash(name))]

    def set(self, name: Hashable, value: int = 1) -> int:
        """Give a name another number, at least 1; returns the one it had, 0 if it is new."""
        code = _hash(name)
        place = self._place(code)
        before = self._values[place]
        self._hashes[place], self._values[place] = code, value
        self._length += not before
        if self._length > 0.6 * len(self._hashes):
            self._grow()
        return before

    def _place(self, code: int) -> int:
        mask = len(self._hashes) - 1
        place = code & mask
        while self._hashes[place] not in (0, code):
            place = (place + 1) & mask
        return place

    def _grow(self) -> None:
        hashes, values = self._hashes, self._values
        self._hashes, self._values = (array("Q", bytes(16 * len(hashes))) for _ in range(2))
        for code, value in zip(hashes, values):
            if code:
                place = self._place(code)
                self._hashes[place], self._values[place] = code, value


def _hash(name) -> int:
    return hash(name) & 0xFFFFFFFFFFFFFFFF or 1
