"""Verdicts on text that is not bound statement by statement, procedures above all: by its lineage before and after."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from nexus_core.impact.judging import SAFE, Judgement, reason_of
from nexus_core.model.impact import Reason, Verdict
from nexus_core.model.statement import Certainty, SourceColumn, SqlLineage
from nexus_core.model.trial import World

_DOUBTFUL = frozenset({Certainty.GUESSED, Certainty.AMBIGUOUS})
_WORDS = re.compile(r"\w+")


class Told(NamedTuple):
    """A text's lineage in two worlds; `converts` says that its dialect converts every type, so that none is refused."""

    sql: str
    before: SqlLineage
    after: SqlLineage
    old: World
    new: World
    converts: bool = False


def judged_program(told: Told) -> Judgement:
    """Compare what a text's names mean in two worlds; a type that changes is not judged inside of programs."""
    return _gone(told) or _lost(told) or _unfilled(told) or _retyped(told) or _rest(told)


def _gone(told: Told) -> Judgement | None:
    named = {*told.before.inputs, *told.before.outputs}
    for name in told.new.gone:
        if any(_same_table(name, each) for each in named):
            return Judgement(Verdict.BREAKS, reason_of("unknown_table", name))
    return None


def _lost(told: Told) -> Judgement | None:
    """Find the first column that is known before and not after."""
    known = _places(told.before)
    for place, source in sorted(_places(told.after).items()):
        old = known.get(place)
        if old is None or old.certainty in _DOUBTFUL:
            continue
        if source.certainty in _DOUBTFUL:
            return Judgement(Verdict.BREAKS, reason_of("unknown_column", f"{old.table}.{old.column}"), *place)
        if source.table != old.table:
            meant = f"{old.table}.{old.column} was meant, now {source.table}.{source.column}"
            return Judgement(Verdict.CHANGES, reason_of("means_other_column", meant), *place)
    return None


def _places(lineage: SqlLineage) -> dict[tuple[int, int], SourceColumn]:
    sources = (source for column in lineage.columns for source in column.inputs)
    return {(source.start, source.end): source for source in sources if source.start >= 0}


def _unfilled(told: Told) -> Judgement | None:
    """Find a column that is written and that its table has no more."""
    for column in told.before.columns:
        old, new = _columns(column.table, told.old), _columns(column.table, told.new)
        if old is None or new is None or column.column in ("", "*"):
            continue
        if column.column.lower() in old and column.column.lower() not in new:
            return Judgement(Verdict.BREAKS, reason_of("unknown_column", f"{column.table}.{column.column}"))
    return None


def _retyped(told: Told) -> Judgement | None:
    for place, source in sorted(_places(told.before).items()):
        old, new = _columns(source.table, told.old), _columns(source.table, told.new)
        name = source.column.lower()
        if old and new and name in new and old.get(name) != new[name]:
            said = f"{source.table}.{source.column} was {old.get(name)}, is {new[name]}"
            if told.converts:
                return Judgement(Verdict.CHANGES, reason_of("type_used_changes", said), *place)
            return Judgement(Verdict.UNKNOWN, Reason("types_not_judged", f"A program uses it: {said}."), *place)
    return None


def _rest(told: Told) -> Judgement:
    """What is left is safe if the text was understood, or does not so much as name what changes.

    A text that is made when it runs may name anything.
    """
    made = next((each for each in told.after.problems if each.code == "dynamic_sql"), None)
    if made is not None:
        return Judgement(Verdict.UNKNOWN, Reason("dynamic_sql", f"{made.message}."))
    if not told.after.problems or not (_changed_words(told.old, told.new) & set(_words(told.sql))):
        return SAFE
    first = told.after.problems[0]
    return Judgement(Verdict.UNKNOWN, Reason("not_understood", f"{first.message} ({first.code})."))


def _changed_words(old: World, new: World) -> set[str]:
    """Give the names that differ between two worlds, with those of the tables that have them: a star names none."""
    found = {name.rpartition(".")[2].lower() for name in new.gone}
    for table in old.tables.keys() | new.tables.keys():
        before, after = old.tables.get(table, {}), new.tables.get(table, {})
        if dict(before) != dict(after):
            found |= {column.lower() for column in before.keys() ^ after.keys()}
            found |= {column.lower() for column in before.keys() & after.keys() if before[column] != after[column]}
            found.add(table.rpartition(".")[2].lower())
    return found


def _words(text: str) -> Iterable[str]:
    return (word.lower() for word in _WORDS.findall(text))


def _columns(table: str, world: World) -> Mapping[str, str] | None:
    for name, columns in world.tables.items():
        if table and _same_table(name, table):
            return {column.lower(): kind for column, kind in columns.items()}
    return None


def _same_table(one: str, other: str) -> bool:
    pairs = zip(reversed(one.lower().split(".")), reversed(other.lower().split(".")), strict=False)
    return all(a == b for a, b in pairs)
