"""Values of a few rows of a PostgreSQL table, for whoever looks for personal data; read only when asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from nexus_core.connectors._postgresql_objects import sentence
from nexus_core.connectors.report import Report

if TYPE_CHECKING:
    import psycopg

VALUE_CHARS = 200
COLUMNS_MAX = 200
_KINDS = ("r", "p", "m")  # a view or a foreign table may cost anything
_TYPES = ("character", "text", "citext", "inet", "bigint", "integer", "numeric")


def sampler(
    driver: ModuleType,
    connection: psycopg.Connection[dict[str, Any]],
    row: Mapping[str, Any],
    count: int,
    report: Report,
) -> Callable[[], Mapping[str, Sequence[str]]] | None:
    """Give what reads values of up to `count` rows by column; None where nothing is to be read."""
    names = [each["name"] for each in row["fields"] or () if str(each["type"]).startswith(_TYPES)][:COLUMNS_MAX]
    if not count or not names or row["kind"] not in _KINDS:
        return None

    def sample() -> dict[str, list[str]]:
        sql = driver.sql
        columns = sql.SQL(", ").join(
            sql.SQL("left({}::text, {}) AS {}").format(sql.Identifier(name), VALUE_CHARS, sql.Identifier(str(place)))
            for place, name in enumerate(names)
        )
        query = sql.SQL("SELECT {} FROM {} LIMIT {}").format(
            columns, sql.Identifier(row["schema"], row["name"]), sql.Literal(count)
        )
        try:
            with connection.transaction():
                return _by_column(names, connection.execute(query))
        except driver.DatabaseError as error:
            if connection.broken:
                raise
            report.skipped.add(f"{row['schema']}.{row['name']}", f"its values were not looked at: {sentence(error)}")
            return {}

    return sample


def _by_column(names: Sequence[str], rows: psycopg.Cursor[dict[str, Any]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        for place, name in enumerate(names):
            if (value := row[str(place)]) is not None:
                found[name].append(value)
    return found
