"""Statements that find, or delete, the rows of one person in one table."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from nexus_core.sql.dialect import traits_of

PARAMETER = "identifier"
"""The name of the parameter that stands for who it is; the value itself is never in a statement of ours."""


def find_rows(table: Sequence[str], columns: Sequence[str], identifier: str, dialect: str) -> str | None:
    """Give a query of a person's rows, every name quoted; None for a dialect that is not known."""
    shown: list[exp.Expression] = [exp.column(exp.to_identifier(column, quoted=True)) for column in columns]
    return _text(exp.select(*(shown or [exp.Star()])).from_(_table(table)).where(_is(identifier)), dialect)


def delete_rows(table: Sequence[str], identifier: str, dialect: str) -> str | None:
    """Give a statement that deletes a person's rows; None for a dialect that is not known."""
    return _text(exp.delete(_table(table)).where(_is(identifier)), dialect)


def _table(parts: Sequence[str]) -> exp.Table:
    quoted = [exp.to_identifier(part, quoted=True) for part in parts[-3:]]
    names = dict(zip(("this", "db", "catalog"), reversed(quoted), strict=False))
    return exp.Table(**names)


def _is(column: str) -> exp.Expression:
    return exp.column(exp.to_identifier(column, quoted=True)).eq(exp.Var(this=f":{PARAMETER}"))


def _text(statement: exp.Expression, dialect: str) -> str | None:
    traits = traits_of(dialect)
    return statement.sql(traits.sqlglot) if traits else None
