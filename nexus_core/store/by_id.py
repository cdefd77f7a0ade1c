"""Adds and finds rows of tables that have an `id` and whose dataclass has their columns, in order."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Table, insert, select

from nexus_core.store.database import Store, reading, writing

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Row = TypeVar("Row", bound="DataclassInstance")


def columns_of(table: Table, row: DataclassInstance) -> dict[str, Any]:
    """Give a row's values by column."""
    return dict(zip(table.columns.keys(), astuple(row), strict=True))


async def add_row(store: Store, table: Table, row: DataclassInstance) -> None:
    """Add a row; raises UnavailableError if the store fails."""
    async with writing(store) as connection:
        await connection.execute(insert(table).values(columns_of(table, row)))


async def find_row(store: Store, table: Table, shape: type[Row], row_id: str) -> Row | None:
    """Give the row of an id, None if there is none; raises UnavailableError if the store fails."""
    async with reading(store) as connection:
        found = (await connection.execute(select(table).where(table.c.id == row_id))).one_or_none()
        return shape(*found) if found else None
