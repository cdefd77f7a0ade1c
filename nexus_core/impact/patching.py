"""Statements mended after a rename: the new name in the old one's places, what comes out named as before."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from nexus_core.impact.applying import renamed_to
from nexus_core.model.impact import Change, ChangeKind
from nexus_core.model.trial import Trial

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_QUOTES = {"mysql": "``", "bigquery": "``", "spark": "``", "hive": "``", "databricks": "``", "tsql": "[]"}

Edit = tuple[int, int, str]
"""Characters [start, end) of the text, and what stands there instead."""


def patches(sql: str, dialect: str | None, trial: Trial, changes: Iterable[Change]) -> Iterator[str]:
    """Give texts that may do as before, the plainest first; whether one does is to be tried."""
    made = list(changes)
    if any(change.kind not in (ChangeKind.RENAME_FIELD, ChangeKind.RENAME_DATASET) for change in made):
        return
    for standing in (False, True):
        edits = [edit for change in made for edit in _edits(sql, dialect, trial, change, standing=standing)]
        if edits:
            yield _edited(sql, edits)


def _edits(sql: str, dialect: str | None, trial: Trial, change: Change, *, standing: bool) -> Iterator[Edit]:
    """Give the places to change; with `standing` a renamed table keeps its old name as an alias."""
    if change.kind is ChangeKind.RENAME_DATASET:
        new = _quoted(renamed_to(change).name.rpartition(".")[2], dialect)
        for start, end, table in trial.named:
            if table == change.dataset.name and start >= 0:
                yield start, end, f"{new} AS {sql[start:end]}" if standing else new
        return
    bare = set(trial.bare)
    for use in trial.uses:
        if use.table == change.dataset.name and use.column.lower() == change.field.lower() and use.start >= 0:
            before, last = _last_part(sql, use.start, use.end)
            if last.strip('"`[]').lower() != use.column.lower():
                continue  # a field of a struct stands there
            kept = f" AS {last}" if (use.start, use.end) in bare else ""
            yield use.start, use.end, f"{before}{_quoted(change.to, dialect)}{kept}"


def _last_part(sql: str, start: int, end: int) -> tuple[str, str]:
    before, dot, last = sql[start:end].rpartition(".")
    return before + dot, last


def _quoted(name: str, dialect: str | None) -> str:
    if _PLAIN.fullmatch(name):
        return name
    quotes = _QUOTES.get(dialect or "", '""')
    return f"{quotes[0]}{name}{quotes[1]}"


def _edited(sql: str, edits: Iterable[Edit]) -> str:
    for start, end, text in sorted(set(edits), reverse=True):
        sql = sql[:start] + text + sql[end:]
    return sql
