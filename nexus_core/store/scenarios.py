"""Reads and writes scenarios of changes. All functions raise UnavailableError if the store fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import delete, select, update

from nexus_core.store.by_id import add_row, find_row
from nexus_core.store.database import Store, reading, writing
from nexus_core.store.impact_tables import impact_scenario

_TABLE = impact_scenario.c


@dataclass(frozen=True, slots=True)
class ScenarioRow:
    """A scenario; the fields are the columns of `impact_tables`, `body` is JSON."""

    id: str
    title: str
    body: str
    account_id: str
    changed_at: datetime

    @property
    def asked(self) -> Any:
        """What it asks, as `POST /impact` takes it."""
        return orjson.loads(self.body)


async def add_scenario(store: Store, row: ScenarioRow) -> None:
    """Add a scenario."""
    await add_row(store, impact_scenario, row)


async def find_scenario(store: Store, scenario_id: str) -> ScenarioRow | None:
    """Give one scenario."""
    return await find_row(store, impact_scenario, ScenarioRow, scenario_id)


async def scenarios(store: Store, limit: int) -> Sequence[ScenarioRow]:
    """Give scenarios, those that changed last first."""
    query = select(impact_scenario).order_by(_TABLE.changed_at.desc(), _TABLE.id).limit(limit)
    async with reading(store) as connection:
        return [ScenarioRow(*row) for row in await connection.execute(query)]


async def change_scenario(store: Store, row: ScenarioRow) -> None:
    """Replace what a scenario asks."""
    values = {"title": row.title, "body": row.body, "changed_at": row.changed_at}
    async with writing(store) as connection:
        await connection.execute(update(impact_scenario).where(_TABLE.id == row.id).values(values))


async def drop_scenario(store: Store, scenario_id: str) -> None:
    """Remove a scenario."""
    async with writing(store) as connection:
        await connection.execute(delete(impact_scenario).where(_TABLE.id == scenario_id))
