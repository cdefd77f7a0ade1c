"""Statements that we compose, run in a session of a source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psycopg.sql import SQL

from nexus_core.masking.source_catalogue import Connection


async def set_local(connection: Connection, setting: str, value: str) -> None:
    """Set a setting until the end of the transaction."""
    await connection.execute("SELECT set_config(%s, %s, true)", (setting, value))


async def run(connection: Connection, statements: Iterable[str]) -> None:
    """Run statements one after another."""
    for statement in statements:
        await connection.execute(composed(statement))


def composed(statement: str) -> Any:
    """Give SQL that we composed of quoted names, to a driver that only takes such as is written in the program."""
    return SQL(statement)
