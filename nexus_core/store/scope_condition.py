"""Scopes as conditions of SQL, over rows that have `namespace`, `name` and `dataset_key` of datasets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import TextClause, text

from nexus_core.model.access import Reach, Scope
from nexus_core.store.patterns import glob, regex

_GLOB = "GLOB +"
"""With a bare parameter behind it SQLite plans a statement anew at each run, which takes longer than to run it."""


@dataclass(slots=True)
class _Condition:
    """A condition under way: its parameters by name."""

    rows: str
    operator: str
    translated: Callable[[str], str | None]
    parameters: dict[str, str] = field(default_factory=dict)

    def scope(self, scope: Scope) -> str:
        return f"({' OR '.join(map(self._reach, scope.reaches)) or 'false'})"

    def _reach(self, reach: Reach) -> str:
        parts = [self._reach(other) for other in reach.also]
        if reach.namespaces is not None:
            parts.append(self._matches(f"{self.rows}.namespace", reach.namespaces))
        if reach.datasets is not None:
            parts.append(self._matches(f"{self.rows}.namespace || '/' || {self.rows}.name", reach.datasets))
        if reach.domains is not None or reach.classes is not None:
            parts.append(self._told(reach))
        return f"({' AND '.join(parts) or 'true'})"

    def _matches(self, value: str, patterns: tuple[str, ...]) -> str:
        if "*" in patterns:
            return "true"
        said = (self.translated(pattern) for pattern in patterns)
        any_of = [f"({value}) {self.operator}:{self._parameter(each)}" for each in said if each is not None]
        return f"({' OR '.join(any_of) or 'false'})"

    def _told(self, reach: Reach) -> str:
        held = [f"told.dataset_key = {self.rows}.dataset_key"]
        for column, values in (("domain", reach.domains), ("class_name", reach.classes)):
            if values is not None:
                one_of = ", ".join(f":{self._parameter(value)}" for value in values)
                held.append(f"told.{column} IN ({one_of})" if values else "false")
        return f"EXISTS (SELECT 1 FROM dataset_access told WHERE {' AND '.join(held)})"

    def _parameter(self, value: str) -> str:
        name = f"scope_{len(self.parameters)}"
        self.parameters[name] = value
        return name


def condition(scope: Scope, dialect: str, rows: str) -> tuple[str, dict[str, str]]:
    """Give the condition that a scope sees a row, whose table or alias is `rows`, and its parameters, `scope_…`."""
    if scope.everything:
        return "true", {}
    made = _Condition(rows, "~ ", regex) if dialect == "postgresql" else _Condition(rows, _GLOB, glob)
    return made.scope(scope), made.parameters


def seen_rows(scope: Scope, dialect: str, rows: str) -> TextClause:
    """Give the same as a clause with its values."""
    words, parameters = condition(scope, dialect, rows)
    return text(words).bindparams(**parameters)
