"""What stewards decided about one dataset, and what follows for its fields: pure, in the order of acceptance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from nexus_core.model.classes import CONFIDENTIAL, OPEN, PUBLIC, WHOLE, Act, Break, Classes, Level, is_said

NEVER = 0


class Statement(NamedTuple):
    """One decision about one field, or about WHOLE; `at` is when it was accepted."""

    at: int
    event_id: str
    field: str
    act: str
    class_name: str
    principal: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Breaker:
    """A steward's rule that a job's column is lowered where our own reading proves it; `least` rows of an aggregate."""

    field: str
    job: tuple[str, str]
    broken: Break
    to: str
    least: int
    statement: Statement


class Decided:
    """The decisions about one dataset under all its names."""

    def __init__(self, statements: Iterable[Statement], classes: Classes) -> None:
        self._classes = classes
        self._of: dict[str, list[Statement]] = defaultdict(list)
        for one in sorted(statements, key=lambda one: (one.at, one.event_id)):
            self._of[one.field].append(one)
        self._rejected = [one for of in self._of.values() for one in of if one.act == Act.REJECT]
        self._breakers = list(self._all_breakers())
        self._approved = {field: self._approved_at(field) for field in self._of}
        self._public = {field for field in self._of if any(one.class_name == PUBLIC for one in self._sets(field))}

    @property
    def fields(self) -> Iterable[str]:
        """The fields that decisions name."""
        return self._of.keys()

    def approved_at(self, field: str) -> int:
        """Give when a lowering of a field was last approved by someone who had not caused it."""
        return self._approved.get(field, NEVER)

    def cut(self, field: str, *, rest: bool = False) -> int:
        """Give when something was last decided that may lower a field."""
        rejected = [one.at for one in self._rejected if rest or one.field in (field, WHOLE)]
        return max(self.approved_at(WHOLE if rest else field), *rejected, NEVER)

    def held(self, field: str) -> Level:
        """Give the highest class that was set since a lowering was approved, or held then."""
        cut, last, found = self.approved_at(field), OPEN, OPEN
        for one in self._sets(field):
            level = self._classes.level(one.class_name)
            last = level if one.at <= cut else last
            found = max(found, level if one.at > cut else OPEN)
        return max(found, last)

    def wanted(self, field: str) -> Level:
        """Give the class that was set last."""
        return next((self._classes.level(one.class_name) for one in reversed(self._sets(field))), OPEN)

    def is_public(self, field: str) -> bool:
        """Whether a steward said that a field is Public, which holds where nothing classifies it."""
        return is_said(self._public, field)

    def breakers(self, field: str, *, approved_only: bool) -> Iterator[Breaker]:
        """Give the rules for a field that hold; those approved by another steward, or all."""
        for one in self._breakers:
            if one.field == field and (not approved_only or one.statement.at <= self.approved_at(field)):
                yield one

    def rejected(self, source_key: str, since: int) -> set[str]:
        """Give the fields that a suspicion of a source, as it stood since then, was rejected for."""
        found = (one for one in self._rejected if since <= one.at)
        return {one.field for one in found if source_key in one.details.get("sources", ())}

    def authors(self, field: str, until: int | None = None) -> set[str]:
        """Give who may not approve a lowering of a field: who set its class last, and whose rules lower it."""
        own = [one for one in self._sets(field) if until is None or one.at < until]
        found = {one.principal for one in own[-1:]}
        rules = (one.statement for one in self._breakers if one.field == field)
        return found | {one.principal for one in rules if until is None or one.at < until}

    def _sets(self, field: str) -> list[Statement]:
        return [one for one in self._of.get(field, ()) if one.act in (Act.SET, Act.ACCEPT)]

    def _approved_at(self, field: str) -> int:
        approvals = (one for one in self._of[field] if one.act == Act.APPROVE)
        return max((one.at for one in approvals if one.principal not in self.authors(field, one.at)), default=NEVER)

    def _all_breakers(self) -> Iterator[Breaker]:
        ended = {one.details.get("breaker") for of in self._of.values() for one in of if one.act == Act.UNBREAK}
        for field, of in self._of.items():
            for one in of:
                if one.act == Act.BREAKER and one.event_id not in ended and (rule := _breaker(field, one)):
                    yield rule


def _breaker(field: str, one: Statement) -> Breaker | None:
    job, kind, least = one.details.get("job"), one.details.get("breaks"), one.details.get("least", 0)
    if not isinstance(job, list) or len(job) != 2 or kind not in set(Break) or not isinstance(least, int):
        return None
    return Breaker(field, (str(job[0]), str(job[1])), Break(kind), one.class_name or CONFIDENTIAL, least, one)
