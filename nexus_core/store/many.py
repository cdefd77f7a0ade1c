"""Writes many rows of one shape by a statement that is compiled once.

SQLAlchemy builds the parameters of every row anew, which was a fifth of all that a worker does; handed to the driver as
they are, rows cost half (11 and 5 µs a row of `event_index`, in SQLite's memory).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, Dialect, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

Make = Callable[[Dialect], Any]
"""Makes a statement for a dialect; its parameters are the columns of the rows."""

_AT_ONCE = (256, 64, 16, *range(8, 0, -1))
"""Numbers of rows that one statement inserts."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement's text, the parameters that it takes by position (None: by name), and what converts some of them."""

    text: str
    names: tuple[str, ...] | None
    converted: Mapping[str, Callable[[Any], Any]]

    def parameters(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        makes = self.converted
        if self.names is None:
            made = [dict(row) for row in rows]
            for row in made:
                row.update((name, make(row[name])) for name, make in makes.items())
            return made
        columns = [(name, makes.get(name)) for name in self.names]
        return [tuple([make(row[name]) if make else row[name] for name, make in columns]) for row in rows]


class Many:
    """One statement for many rows, compiled at its first use with each kind of database."""

    def __init__(self, make: Make) -> None:
        self._make = make
        self._compiled: dict[str, _Compiled] = {}

    async def run(self, connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it for each row; no rows, no round trip."""
        if rows:
            compiled = self._for(connection.dialect)
            await connection.exec_driver_sql(compiled.text, compiled.parameters(rows))

    async def run_tuples(
        self, connection: AsyncConnection, rows: Sequence[tuple[Any, ...]], names: Sequence[str]
    ) -> None:
        """Run it for rows whose values are named by `names`."""
        if not rows:
            return
        compiled = self._for(connection.dialect)
        if compiled.names == tuple(names) and not compiled.converted:
            await connection.exec_driver_sql(compiled.text, list(rows))
        else:
            await self.run(connection, [dict(zip(names, row, strict=True)) for row in rows])

    def _for(self, dialect: Dialect) -> _Compiled:
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _compile(self._make(dialect), dialect)
        return compiled


class AtOnce:
    """An insert that answers, of several rows at once; compiled once for each kind of database and number of rows."""

    def __init__(self, table: Table, finish: Callable[[Any], Any]) -> None:
        self._table, self._finish = table, finish
        self._compiled: dict[tuple[str, tuple[str, ...], int], _Compiled] = {}

    async def run(self, connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Insert rows, which have the same columns; gives what the statement returns."""
        answers: list[Any] = []
        start = 0
        for size in _AT_ONCE:
            while len(rows) - start >= size:
                part, start = rows[start : start + size], start + size
                compiled = self._for(connection.dialect, tuple(part[0]), size)
                values = {f"{name}_{index}": each for index, row in enumerate(part) for name, each in row.items()}
                answers += await connection.exec_driver_sql(compiled.text, compiled.parameters([values])[0])
        return answers

    def _for(self, dialect: Dialect, names: tuple[str, ...], size: int) -> _Compiled:
        key = (dialect.name, names, size)
        compiled = self._compiled.get(key)
        if compiled is None:
            insert = (postgresql if dialect.name == "postgresql" else sqlite).insert(self._table)
            columns = self._table.columns
            values = [
                {name: bindparam(f"{name}_{index}", type_=columns[name].type) for name in names}
                for index in range(size)
            ]
            compiled = self._compiled[key] = _compile(self._finish(insert.values(values)), dialect)
        return compiled


def _compile(statement: Any, dialect: Dialect) -> _Compiled:
    compiled = statement.compile(dialect=dialect)
    converted = {}
    for name, parameter in compiled.binds.items():
        convert = parameter.type.dialect_impl(dialect).bind_processor(dialect)
        if convert is not None and not isinstance(parameter.type, Boolean):  # drivers take bool
            converted[name] = convert
    names = tuple(compiled.positiontup) if compiled.positional else None
    return _Compiled(str(compiled), names, converted)
