"""Queries of checks in a read-only session of PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from nexus_core.connectors._postgresql_errors import translated
from nexus_core.connectors._postgresql_objects import sentence
from nexus_core.connectors.asking import Ask, Rows, Words, unanswered

if TYPE_CHECKING:
    import psycopg

WORDS = Words(
    quote='"',
    age="EXTRACT(EPOCH FROM (now() - {}))",
    text="CAST({} AS text)",
    columns=(
        "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_catalog.pg_attribute a "
        "JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped"
    ),
)


def asker(driver: ModuleType, connection: psycopg.Connection[dict[str, Any]], source: str) -> Ask:
    """Give what runs statements; parameters go apart from them, so that the server takes one statement at a time."""

    def ask(sql: str, values: Sequence[Any] = ()) -> Rows:
        text = sql if values else sql.replace("%", "%%")
        try:
            with connection.transaction(), connection.cursor(row_factory=driver.rows.tuple_row) as cursor:
                return cursor.execute(text, values).fetchall()
        except driver.Error as error:
            if connection.closed or isinstance(error, (driver.errors.QueryCanceled, driver.errors.LockNotAvailable)):
                raise translated(driver, error, source, opened=True) from error
            raise unanswered(source, sentence(error)) from error

    return ask
