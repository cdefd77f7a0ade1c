"""A bounded dictionary for what never changes under its key, such as content under its fingerprint."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

_Value = TypeVar("_Value")


class Cache(Generic[_Value]):
    """Keeps the last used values up to a count, or up to the sum of the weights that they are put with.

    One that does not trim itself holds more until told to.
    """

    def __init__(self, most: int, *, trims_itself: bool = True) -> None:
        self._most, self._weight, self._trims_itself = most, 0, trims_itself
        self._values: OrderedDict[str, _Value] = OrderedDict()
        self._weights: dict[str, int] = {}  # of those that do not weigh 1
        self.use_count = 0
        """How often anything was used; so many values at most were used since it was less."""

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def get(self, key: str) -> _Value | None:
        """Give a value that is still kept."""
        found = self._values.get(key)
        if found is None:
            return None
        self.use_count += 1
        self._values.move_to_end(key)
        return found

    def put(self, key: str, value: _Value, weight: int = 1) -> None:
        """Keep a value; those unused for longest make room."""
        self.use_count += 1
        if key in self._values:
            del self._values[key]
            self._weight -= self._weights.pop(key, 1)
        self._values[key] = value
        self._weight += weight
        if weight != 1:
            self._weights[key] = weight
        if self._trims_itself:
            self.trim()

    def trim(self, spared: int = 1) -> None:
        """Drop what is too much, but never so many of the values used last, nor the last one."""
        while self._weight > self._most and len(self._values) > max(spared, 1):
            key, _ = self._values.popitem(last=False)
            self._weight -= self._weights.pop(key, 1)

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()
        self._weights.clear()
        self._weight = 0
