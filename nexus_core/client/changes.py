"""Rows of a difference or a history, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class ChangedEdge:
    """An edge between node ids before or after a change; `job` is the name of one that makes it."""

    source: str
    target: str
    kind: str
    subtype: str | None
    expression: str | None
    job: str | None


@dataclass(frozen=True, slots=True)
class ChangedField:
    """A field of a dataset before or after a change."""

    namespace: str
    name: str
    field: str
    type: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A change at a moment, in what feeds `dataset` (an id) or in its schema.

    `op` is added, removed or changed; `what` is edge, field, type or transformation. `event`, `run` and `sql` are its
    cause.
    """

    op: str
    what: str
    at: datetime
    dataset: str
    before: ChangedEdge | ChangedField | None
    after: ChangedEdge | ChangedField | None
    event: str | None
    run: str | None
    sql: str | None


def change(found: Mapping[str, Any]) -> Change:
    """Read a row of `GET /lineage/diff` or `/lineage/history`."""
    cause = found["cause"]
    return Change(
        found["op"],
        found["what"],
        datetime.fromisoformat(found["at"]),
        found["dataset"],
        _side(found["before"]),
        _side(found["after"]),
        cause["event"],
        cause["run"],
        cause["sql"],
    )


def _side(found: Mapping[str, Any] | None) -> ChangedEdge | ChangedField | None:
    if found is None:
        return None
    if "field" in found:
        return ChangedField(found["namespace"], found["name"], found["field"], found.get("type"))
    job = found.get("job") or {}
    return ChangedEdge(
        found["source"],
        found["target"],
        found["kind"],
        found.get("subtype"),
        found.get("expression"),
        job.get("name"),
    )
