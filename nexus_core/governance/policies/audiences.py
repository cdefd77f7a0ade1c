"""People by the roles that they hold where: to whom a policy means the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from nexus_core.governance.roles import Binding
from nexus_core.model.access import ADMIN_ROLE, Grant, Scope
from nexus_core.model.policy import Column

Held = tuple[str, Scope]
"""A role, and where it is held."""


@dataclass(frozen=True, slots=True)
class Holders:
    """Accounts, or members of groups, that hold the same roles in the same places."""

    name: str
    count: int
    held: tuple[Held, ...]

    def roles(self, column: Column) -> frozenset[str]:
        """The roles that count for a column: those whose scope holds its dataset."""
        return frozenset(role for role, scope in self.held if scope.sees(column.dataset, column.attributes))


def audiences(bindings: Iterable[Binding], now: datetime) -> Sequence[Holders]:
    """Give those whose bindings have not expired, by what they hold, and first of all those who hold nothing."""
    by_subject: dict[tuple[str, str], set[Held]] = {}
    for each in bindings:
        if each.role != ADMIN_ROLE and (each.expires_at is None or each.expires_at > now):
            by_subject.setdefault((each.subject_kind, each.subject), set()).add((each.role, each.scope))
    counted = Counter(frozenset(held) for held in by_subject.values())
    found = [Holders(_name(held), count, tuple(held)) for held, count in counted.items()]
    return [Holders("no role", 0, ()), *sorted(found, key=lambda each: each.name)]


def holder(name: str, grants: Iterable[Grant]) -> Holders:
    """Give one person by what was granted; a token's grants are no roles and show nothing in clear."""
    held = tuple((grant.role, grant.scope) for grant in grants if grant.role and grant.role != ADMIN_ROLE)
    return Holders(name, 1, held)


def _name(held: frozenset[Held]) -> str:
    return ", ".join(sorted(role if scope.everything else f"{role} (limited)" for role, scope in held))
