"""Statements mended after a change, as texts that may do as before: whether one does is to be tried.

A new name stands in the old one's places, and what comes out is named as before; a field of another type is cast to its
former one, which the present rows take; a `*` is written out as the columns that it meant; a column that is gone is
taken out of an INSERT's list, with its value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from nexus_core.impact.applying import renamed_to, spelled
from nexus_core.impact.listing import stars_written_out, taken_out
from nexus_core.impact.quoting import Edit, edited, quoted
from nexus_core.model.impact import Change, ChangeKind
from nexus_core.model.trial import OutputColumn, Trial

_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Broken:
    """A text with its trial before the changes, and the fields that tables had then."""

    sql: str
    dialect: str | None
    trial: Trial
    tables: Mapping[str, Mapping[str, str]]


def patches(broken: Broken, changes: Iterable[Change]) -> Iterator[str]:
    """Give texts, the plainest first."""
    made, told = list(changes), set()
    for standing in (False, True) if any(each.kind is ChangeKind.RENAME_DATASET for each in made) else (False,):
        edits = [edit for change in made for edit in _edits(broken, change, standing=standing)]
        text = edited(broken.sql, edits)
        if edits and text not in told:
            told.add(text)
            yield text


def alike(before: Trial, after: Trial) -> bool:
    """Whether two texts make the same columns of the same types, however these are spelled."""
    return {name: _shapes(columns) for name, columns in before.makes.items()} == {
        name: _shapes(columns) for name, columns in after.makes.items()
    }


def _shapes(columns: Iterable[OutputColumn]) -> list[tuple[str, str, list[str]]]:
    return [(column.name, column.kind, _DIGITS.findall(column.declared)) for column in columns]


def _edits(broken: Broken, change: Change, *, standing: bool) -> Iterator[Edit]:
    """Give the places to change; with `standing` a renamed table keeps its old name as an alias."""
    sql, dialect, trial, name = broken.sql, broken.dialect, broken.trial, change.dataset.name
    if change.kind is ChangeKind.RENAME_DATASET:
        yield from _renamed_table(broken, change, standing=standing)
    elif change.kind is ChangeKind.RENAME_FIELD:
        yield from _in_place(broken, change, quoted(change.to, dialect))
    elif change.kind is ChangeKind.RETYPE_FIELD:
        yield from _cast(broken, change)
    elif change.kind is ChangeKind.ADD_FIELD and name in broken.tables:
        yield from stars_written_out(sql, dialect, trial, name, broken.tables[name])
    elif change.kind is ChangeKind.DROP_FIELD and _is_filled(broken, change):
        yield from taken_out(sql, dialect, trial, name, change.field)


def _is_filled(broken: Broken, change: Change) -> bool:
    filled = set(broken.trial.filled)
    return any((start, end) in filled for start, end, *_ in _uses(broken, change))


def _renamed_table(broken: Broken, change: Change, *, standing: bool) -> Iterator[Edit]:
    new = quoted(renamed_to(change).name.rpartition(".")[2], broken.dialect)
    for start, end, table in broken.trial.named:
        if table == change.dataset.name and start >= 0:
            yield start, end, f"{new} AS {broken.sql[start:end]}" if standing else new


def _in_place(broken: Broken, change: Change, new: str) -> Iterator[Edit]:
    """Give another name in the places of a field's."""
    bare = set(broken.trial.bare)
    for start, end, before, last in _uses(broken, change):
        kept = f" AS {last}" if (start, end) in bare else ""
        yield start, end, f"{before}{new}{kept}"


def _cast(broken: Broken, change: Change) -> Iterator[Edit]:
    """Give a field cast to the type that it had, but where it is written."""
    fields = broken.tables.get(change.dataset.name, {})
    former = fields.get(spelled(change.field, fields) or "")
    bare, filled = set(broken.trial.bare), set(broken.trial.filled)
    for start, end, before, last in _uses(broken, change) if former else ():
        if (start, end) in filled:
            continue
        kept = f" AS {last}" if (start, end) in bare else ""
        yield start, end, f"CAST({before}{last} AS {former}){kept}"


def _uses(broken: Broken, change: Change) -> Iterator[tuple[int, int, str, str]]:
    """Give the places of a field, each with what stands before its own name, and that name."""
    for use in broken.trial.uses:
        if use.table == change.dataset.name and use.column.lower() == change.field.lower() and use.start >= 0:
            before, dot, last = broken.sql[use.start : use.end].rpartition(".")
            if last.strip('"`[]').lower() == use.column.lower():  # else a field of a struct stands there
                yield use.start, use.end, before + dot, last
