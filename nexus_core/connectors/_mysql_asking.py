"""Queries of checks in a read-only session of MySQL or MariaDB."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nexus_core.connectors._mysql_session import Session, translated
from nexus_core.connectors.asking import Ask, Rows, Words
from nexus_core.errors import ConfigurationError
from nexus_core.model.naming_tables import quoted_parts

WORDS = Words(
    quote="`",
    age="TIMESTAMPDIFF(SECOND, {}, UTC_TIMESTAMP())",
    text="CAST({} AS CHAR)",
    columns=(
        "SELECT column_name, column_type FROM information_schema.columns WHERE table_schema = %s AND table_name = %s"
    ),
)


def two_parts(name: str) -> tuple[str, str, str]:
    """Give ("", DATABASE, TABLE) of `DATABASE.TABLE`; raises ConfigurationError for another name."""
    parts = tuple(quoted_parts(name))
    if len(parts) != 2:
        raise ConfigurationError(f"{name} is no dataset of MySQL", "Write DATABASE.TABLE")
    return "", parts[0], parts[1]


def asker(driver: Any, session: Session, source: str) -> Ask:
    """Give what runs statements, one at a time as the driver has it."""

    def ask(sql: str, values: Sequence[Any] = ()) -> Rows:
        try:
            return session.ask(sql, values)
        except (driver.MySQLError, UnicodeDecodeError) as error:
            raise translated(error, source, opened=True) from error

    return ask
