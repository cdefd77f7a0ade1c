"""Verdicts on text that is not bound statement by statement, procedures above all: by its lineage before and after."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from nexus_core.impact.judging import SAFE, Judgement, reason_of
from nexus_core.model.impact import Reason, Verdict
from nexus_core.model.statement import Certainty, ColumnLineage, SourceColumn, SqlLineage
from nexus_core.model.trial import World

_DOUBTFUL = frozenset({Certainty.GUESSED, Certainty.AMBIGUOUS})
_WORDS = re.compile(r"\w+")
_STAR = re.compile(r"(?:\b(?:select|all|distinct)|[,.])\s*\*", re.IGNORECASE)
_BY_POSITION = re.compile(r"\binsert\s+(?:into\s+)?([^\s(]+)\s+(?:select|values|exec|with)\b", re.IGNORECASE)


class Told(NamedTuple):
    """A text's lineage in two worlds; `converts` says that its dialect converts every type, so that none is refused."""

    sql: str
    before: SqlLineage
    after: SqlLineage
    old: World
    new: World
    converts: bool = False
    unbound: bool = False
    """Whether its statements were not bound one by one, so that a name may stand where its lineage does not tell it."""


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
    for place, source in sorted(_used(told).items()):
        old, new = _columns(source.table, told.old), _columns(source.table, told.new)
        name = source.column.lower()
        if old and new and name in new and old.get(name) != new[name]:
            said = f"{source.table}.{source.column} was {old.get(name)}, is {new[name]}"
            if told.converts:
                return Judgement(Verdict.CHANGES, reason_of("type_used_changes", said), *place)
            return Judgement(Verdict.UNKNOWN, Reason("types_not_judged", f"A program uses it: {said}."), *place)
    return None


def _used(told: Told) -> Mapping[tuple[int, int], SourceColumn | ColumnLineage]:
    """Give the fields that are read, and of what is not bound those that are written."""
    filled = told.before.columns if told.unbound else ()
    return {(each.start, each.end): each for each in filled if each.start >= 0} | _places(told.before)


def _rest(told: Told) -> Judgement:
    """What is left is safe if the text was understood, or does not so much as name what changes.

    A text that is made when it runs may name anything.
    """
    made = next((each for each in told.after.problems if each.code == "dynamic_sql"), None)
    if made is not None:
        return Judgement(Verdict.UNKNOWN, Reason("dynamic_sql", f"{made.message}."))
    if told.unbound and (name := _untold(told)) is not None:
        return Judgement(Verdict.UNKNOWN, Reason("not_understood", f"What {name} means there is not known."))
    if not told.after.problems or not (_changed_words(told.old, told.new) & set(_words(told.sql))):
        return SAFE
    first = told.after.problems[0]
    return Judgement(Verdict.UNKNOWN, Reason("not_understood", f"{first.message} ({first.code})."))


def _untold(told: Told) -> str | None:
    """Give the first word that is called as a field which changes, and stands where the lineage tells nothing.

    It may be a `*`, or the name of a table whose fields come or go and are filled by position.
    """
    if (unlisted := _unlisted(told)) is not None:
        return unlisted
    changed = _changed_fields(told.old, told.new)
    told_at = {*_places(told.before), *((each.start, each.end) for each in told.before.columns)}
    for word in _WORDS.finditer(told.sql):
        inside = any(start <= word.start() and word.end() <= end for start, end in told_at)
        if word.group().lower() in changed and not inside:
            return word.group()
    return None


def _unlisted(told: Told) -> str | None:
    old, new = told.old.tables, told.new.tables
    differing = [name for name in old.keys() & new.keys() if list(old[name].items()) != list(new[name].items())]
    if {_last(name) for name in differing} & set(_words(told.sql)) and _STAR.search(told.sql):
        return "*"
    longer = {_last(name) for name in differing if len(old[name]) != len(new[name])}
    targets = ((_WORDS.findall(match[1]) or [""])[-1] for match in _BY_POSITION.finditer(told.sql))
    return next((target for target in targets if target.lower() in longer), None)


def _last(name: str) -> str:
    return name.rpartition(".")[2].lower()


def _changed_fields(old: World, new: World) -> set[str]:
    """Give the names of fields that come, go or have another type."""
    found: set[str] = set()
    for table in old.tables.keys() | new.tables.keys():
        before, after = old.tables.get(table, {}), new.tables.get(table, {})
        found |= {column.lower() for column, _ in before.items() ^ after.items()}
    return found


def _changed_words(old: World, new: World) -> set[str]:
    """Give the names that differ between two worlds, with those of the tables that have them: a star names none."""
    differing = {name for name in old.tables.keys() | new.tables.keys() if old.tables.get(name) != new.tables.get(name)}
    return {_last(name) for name in (*new.gone, *differing)} | _changed_fields(old, new)


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
