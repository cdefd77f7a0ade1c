"""What is enforced of one dataset: levels that its fields have by themselves, and what follows for every field.

A level counts for the field that has it, for all that lies in it, and for what it lies in. That of WHOLE counts for
all fields. That of a name that begins with `?` is a suspicion about every field but those that are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from nexus_core.model.classes import OPEN, WHOLE, Level, covers, folded

REST = "?"


class Node(NamedTuple):
    """A field of a dataset, WHOLE, or a suspicion about the rest; the key is that of the name that stands for it."""

    dataset_key: str
    field: str


@dataclass(frozen=True, slots=True)
class Owned:
    """The level that a field has by itself, with what it follows from: None for a decision.

    `pinned`: it is enforced although nothing supports it any more. `cut` is when something last happened that may lower
    it. `origin` tells how it follows, as JSON; `known` are the fields that a suspicion does not reach.
    """

    level: Level
    parent: Node | None = None
    pinned: bool = False
    cut: int = 0
    origin: Mapping[str, Any] = field(default_factory=dict)

    @property
    def known(self) -> frozenset[str]:
        """The fields that a suspicion does not reach."""
        return frozenset(self.origin.get("known", ()))


class Fields:
    """The levels of one dataset; asking costs as much as a field is deep, where no field lies in another."""

    def __init__(self, owned: Iterable[tuple[str, Owned]] = ()) -> None:
        self.owned = dict(owned)

    def level_of(self, asked: str) -> Level:
        """Give what holds for a field, or of WHOLE: the highest there is."""
        found = self.holder_of(asked)
        return self.owned[found].level if found is not None else OPEN

    def holder_of(self, asked: str) -> str | None:
        """Give the name whose level holds for a field, None where none does."""
        if not self.owned:
            return None
        holders = [name for name in self._near(folded(asked)) if name in self.owned]
        return max(holders, key=lambda name: (self.owned[name].level, name), default=None)

    def _near(self, asked: str) -> Iterator[str]:
        if asked == WHOLE:
            yield from self.owned
            return
        yield WHOLE
        parts = asked.split(".")
        yield from (".".join(parts[:length]) for length in range(1, len(parts) + 1))
        for name, owned in self.owned.items():
            if name.startswith(REST):
                if not owned.known or not any(_reached(each, asked) for each in owned.known):
                    yield name
            elif "." in name and covers(name, asked):
                yield name


def _reached(known: str, asked: str) -> bool:
    return asked == known or asked.startswith(known + ".")
