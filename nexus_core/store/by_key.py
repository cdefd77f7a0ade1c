"""Reads the rows of a table by the values of one column, with a statement that is compiled once.

SQLAlchemy builds and expands an IN list anew for each call, which costs more than SQLite takes to answer. Here all keys
are one parameter: a JSON array in SQLite, an array in PostgreSQL, so that there is no limit to their number either.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import orjson
from sqlalchemy import ARRAY, Boolean, Column, ColumnElement, Dialect, String, any_, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

Row = TypeVar("Row", bound=NamedTuple)
_KEYS = "keys"
_STATEMENTS: dict[tuple[Column[Any], str], str] = {}


async def rows_by(connection: AsyncConnection, shape: type[Row], column: Column[Any], keys: Iterable[str]) -> list[Row]:
    """Give the rows, each once, whose column has one of the keys; no keys, no round trip.

    `shape` has the table's columns, none of which needs converting but flags.
    """
    wanted = sorted(set(keys))
    if not wanted:
        return []
    sqlite = connection.dialect.name == "sqlite"
    given: Any = (orjson.dumps(wanted).decode(),) if sqlite else {_KEYS: wanted}
    rows = list(
        map(shape._make, (await connection.exec_driver_sql(_statement(column, connection.dialect), given)).all())
    )
    flags = _flags(column) if sqlite else ()
    return [row._replace(**{flag: bool(getattr(row, flag)) for flag in flags}) for row in rows] if flags else rows


def _statement(column: Column[Any], dialect: Dialect) -> str:
    found = _STATEMENTS.get((column, dialect.name))
    if found is None:
        among = (
            _among_json(column) if dialect.name == "sqlite" else column == any_(bindparam(_KEYS, type_=ARRAY(String)))
        )
        found = _STATEMENTS[column, dialect.name] = str(select(column.table).where(among).compile(dialect=dialect))
    return found


def _among_json(column: Column[Any]) -> ColumnElement[bool]:
    return column.in_(select(func.json_each(bindparam(_KEYS)).table_valued("value").c.value))


@lru_cache(maxsize=256)
def _flags(column: Column[Any]) -> tuple[str, ...]:
    """Give the columns that SQLite answers as numbers."""
    return tuple(each.name for each in column.table.columns if isinstance(each.type, Boolean))
