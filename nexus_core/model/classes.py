"""Classifications as values: an order of classes, what stewards decide about them, and levels that propagate.

Public < Confidential < PII; stewards define further classes with a rank of their own. Everything here fails closed: a
class that nobody defined ranks as PII does (governance.md §2).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

CLASSIFICATION = "classification"
"""The kind of the decisions."""

PUBLIC, CONFIDENTIAL, PII = "Public", "Confidential", "PII"
UNDECIDED = "unknown"
"""In place of a class, where nobody decided and nothing follows: no class at all, so that no ceiling shows it."""

RANKS: Mapping[str, int] = {PUBLIC: 0, CONFIDENTIAL: 100, PII: 200}
"""The ranks of the built-in classes, which no decision changes."""

HIGHEST_RANK = 1000
WHOLE = ""
"""In place of a field: the whole dataset."""


class Act(StrEnum):
    """What a steward decides: the action of a decision of the kind `classification`."""

    SET = "set"
    ACCEPT = "accept"
    """Of a proposal or a suspicion: as SET, and it is settled."""
    REJECT = "reject"
    """Of a proposal, or of a suspicion as it stands now."""
    BREAKER = "breaker"
    UNBREAK = "unbreak"
    APPROVE = "approve"
    """Of a lowering, as things stand now; not by who caused it."""
    DEFINE = "define"


class Break(StrEnum):
    """What a breaker rests on, and our own reading of the SQL must prove."""

    HASH = "hash"
    AGGREGATE = "aggregate"


class Level(NamedTuple):
    """How strongly something is classified; greater is stricter. `certain` is False for a suspicion."""

    rank: int
    name: str
    certain: bool

    @property
    def suspected(self) -> Level:
        """The same as a suspicion; of the least level there is none."""
        return self if self.rank == 0 else self._replace(certain=False)


OPEN = Level(0, UNDECIDED, True)
"""The least level: that of what nothing is known to classify, whether or not a steward said that it is Public."""


class Classes:
    """The classes that exist: the built-in ones and what stewards defined, of one name the highest rank."""

    def __init__(self, defined: Iterable[tuple[str, int]] = ()) -> None:
        ranks = dict(RANKS)
        for name, rank in defined:
            if name not in RANKS and name != UNDECIDED:
                ranks[name] = max(rank, ranks.get(name, 1))
        self.ranks: Mapping[str, int] = ranks

    def level(self, name: str, *, certain: bool = True) -> Level:
        """Give the level of a class; one that nobody defined ranks as PII."""
        level = Level(self.ranks.get(name, RANKS[PII]), name, certain)
        return OPEN if level.rank == 0 and name == PUBLIC else level

    def lowered(self, level: Level, to: str, broken: Break) -> Level:
        """Give what a proven breaker leaves of a level: never less than its rule says, never more than it was.

        A hash leaves PII confidential at least, and says nothing of what ranks above PII.
        """
        least = CONFIDENTIAL if broken is Break.HASH and self.level(to).rank < RANKS[CONFIDENTIAL] else to
        if broken is Break.HASH and level.rank > RANKS[PII]:
            return level
        return min(level, self.level(least, certain=level.certain))


def covers(held: str, asked: str) -> bool:
    """Whether what is said of one field holds for another: of the whole, of what it lies in, or of a part of it."""
    return held == asked or not held or not asked or _inside(held, asked) or _inside(asked, held)


def _inside(part: str, whole: str) -> bool:
    return part.startswith(whole + ".")


def is_said(said: Collection[str], field: str) -> bool:
    """Whether what was said of some fields holds for one: of itself, of what it lies in, or of the whole."""
    parts = field.split(".")
    return WHOLE in said or any(".".join(parts[:length]) in said for length in range(1, len(parts) + 1))


def folded(field: str) -> str:
    """Give a field's name as classes know it: without case, so that no spelling escapes them."""
    return field.lower()
