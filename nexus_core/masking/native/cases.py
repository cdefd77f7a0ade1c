"""Decisions by role within one expression, for engines that tell the roles of who asks."""

from __future__ import annotations

from collections.abc import Iterable

from nexus_core.masking.native.engines import Engine, engine_role
from nexus_core.masking.native.rules import Branch, Unless, branches
from nexus_core.masking.native.tables import NativeColumn, NativeFilter
from nexus_core.model.policy import CLEAR

_ASKED = {Engine.SNOWFLAKE: "IS_ROLE_IN_SESSION('{0}')", Engine.SQLSERVER: "COALESCE(IS_ROLEMEMBER(N'{0}'), 0) = 1"}


def holds(kind: Engine, roles: Iterable[str]) -> str:
    """Ask whether any of some roles is held; the answer is never NULL."""
    asked = [_ASKED[kind].format(engine_role(kind, role)) for role in sorted(roles)]
    return asked[0] if len(asked) == 1 else f"({' OR '.join(asked)})"


def holds_all(kind: Engine, unless: Unless) -> str:
    """Ask whether a role of each set is held."""
    return " AND ".join(holds(kind, roles) for roles in unless)


def decided(kind: Engine, column: NativeColumn, written: str) -> str:
    """Give a column by what its rules say; `written` is its SQL. Branches that come to the same are one."""
    found = [(branch, column.masked(kind, written, branch.mask)) for branch in branches(column.rules)]
    *before, (_, last) = found
    whens = [f"WHEN {_lacking(kind, branch)} THEN {value}" for branch, value in before]
    return f"CASE {' '.join(whens)} ELSE {last} END" if whens else last


def is_never_shown(column: NativeColumn, kind: Engine) -> bool:
    """Whether a column is NULL to everyone."""
    found = [(branch.mask, column.masked(kind, "x", branch.mask)) for branch in branches(column.rules)]
    return all(mask != CLEAR and value == "NULL" for mask, value in found)


def shown_where(kind: Engine, filters: Iterable[NativeFilter]) -> list[str]:
    """Give the conditions that rows have to meet together."""
    return [_shown(kind, each) for each in filters]


def _shown(kind: Engine, each: NativeFilter) -> str:
    exempt = [holds(kind, each.exempt)] if each.exempt else []
    condition = [f"({each.condition.sql})"] if each.condition else []
    return f"({' OR '.join([*exempt, *condition])})"


def _lacking(kind: Engine, branch: Branch) -> str:
    return " AND ".join(f"NOT ({holds_all(kind, unless)})" for unless in branch.lacks)
