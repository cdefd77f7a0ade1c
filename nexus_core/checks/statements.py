"""What each check asks of a source, and whether the answer is good. Pure: statements out, rows in.

Values of rows never come back, only counts and ages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from nexus_core.checks.declaration import (
    AcceptedValues,
    Check,
    CustomSql,
    Freshness,
    Nulls,
    SchemaChange,
    Uniqueness,
    Volume,
)
from nexus_core.connectors.asking import Rows, Words


@dataclass(frozen=True, slots=True)
class Found:
    """Whether a check passed; `measured` is what was counted (rows, or seconds), `expected` says what is allowed."""

    passed: bool
    measured: float
    expected: str


@dataclass(frozen=True, slots=True)
class Question:
    """A statement with its parameters."""

    sql: str
    values: Sequence[Any] = field(default=())


def question(check: Check, schema: str, table: str, words: Words) -> Question:
    """Give the statement of a check."""
    place = f"{words.name(schema)}.{words.name(table)}"
    rows = f"{place} WHERE ({check.where})" if check.where else place
    more = f"{rows} AND" if check.where else f"{place} WHERE"
    match check:
        case Freshness():
            newest = f"MAX({words.name(check.field)})"
            return Question(f"SELECT {words.age.format(newest)} FROM {rows}")
        case Volume():
            return Question(f"SELECT COUNT(*) FROM {rows}")
        case SchemaChange():
            return Question(words.columns, (schema, table))
        case Nulls():
            # COUNT(field) counts nulls, too, in the MySQL 8.0.15 of our tests.
            nulls = f"COALESCE(SUM(CASE WHEN {words.name(check.field)} IS NULL THEN 1 ELSE 0 END), 0)"
            return Question(f"SELECT COUNT(*), {nulls} FROM {rows}")
        case Uniqueness():
            keys = ", ".join(map(words.name, check.fields))
            known = " AND ".join(f"{words.name(each)} IS NOT NULL" for each in check.fields)
            twice = f"SELECT COUNT(*) - 1 AS extra FROM {more} {known} GROUP BY {keys} HAVING COUNT(*) > 1"
            return Question(f"SELECT COALESCE(SUM(extra), 0) FROM ({twice}) AS twice")
        case AcceptedValues():
            column = words.text.format(words.name(check.field))
            unlisted = f"SELECT COUNT(*) FROM {more} {column} NOT IN ".replace("%", "%%")  # but for the parameters
            allowed = ", ".join(["%s"] * len(check.values))
            values = [_as_text(each) for each in check.values]
            return Question(f"{unlisted}({allowed})", values)
        case CustomSql():
            return Question(f"SELECT COUNT(*) FROM ({check.sql.strip().rstrip(';')}\n) AS wrong")


def verdict(check: Check, rows: Rows) -> Found:
    """Judge what the statement of a check gave."""
    first = rows[0] if rows else ()
    match check:
        case Freshness():
            age = None if first[0] is None else max(float(first[0]), 0.0)
            return Found(age is not None and age <= check.seconds, -1 if age is None else age, f"<= {check.seconds:g}")
        case Volume():
            return _within(int(first[0]), check.least, check.most)
        case SchemaChange():
            return _same_schema(check, rows)
        case Nulls():
            every, nulls = int(first[0]), int(first[1])
            return Found(nulls <= check.share * every, nulls, f"<= {check.share:g} of {every}")
        case Uniqueness() | AcceptedValues():
            return Found(int(first[0]) == 0, int(first[0]), "0")
        case CustomSql():
            return Found(int(first[0]) <= check.most, int(first[0]), f"<= {check.most}")


def _within(count: int, least: int | None, most: int | None) -> Found:
    passed = (least is None or count >= least) and (most is None or count <= most)
    return Found(passed, count, f"{0 if least is None else least} to {'any' if most is None else most}")


def _same_schema(check: SchemaChange, rows: Rows) -> Found:
    """Count fields that are missing, of another type, or not expected."""
    there = {str(name).lower(): str(type_).lower() for name, type_ in rows}
    wanted = {name.lower(): type_ and type_.lower() for name, type_ in check.fields.items()}
    wrong = [name for name, type_ in wanted.items() if name not in there or type_ not in (None, there[name])]
    more = [] if check.others else [name for name in there if name not in wanted]
    return Found(not wrong and not more, len(wrong) + len(more), "0")


def _as_text(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
