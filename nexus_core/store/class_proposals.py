"""Classes that tags of events propose, in a projection's ledger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Dialect, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.model.classes import Act
from nexus_core.model.names import DatasetName
from nexus_core.store.class_tables import class_statement, class_tagged
from nexus_core.store.many import Many

_DECIDED = (Act.SET.value, Act.ACCEPT.value, Act.REJECT.value)


class TaggedRow(NamedTuple):
    """That a tag says a class of a field, "" for the whole dataset; of several tags the latest."""

    dataset_key: str
    field: str
    namespace: str
    name: str
    class_name: str
    event_id: str
    valid_at: int

    @property
    def dataset(self) -> DatasetName:
        """Its dataset, by the name that the event gives."""
        return DatasetName(self.namespace, self.name)


async def save_tagged(connection: AsyncConnection, rows: Sequence[TaggedRow]) -> None:
    """Write what tags propose over what earlier ones did; part of the ledger's transaction."""
    await _TAGGED.run(connection, [row._asdict() for row in sorted(rows)])


async def tagged(connection: AsyncConnection, limit: int, after: tuple[str, str] = ("", "")) -> list[TaggedRow]:
    """Give what tags propose and no steward has decided, by dataset key and field."""
    row, said = class_tagged.c, class_statement.c
    decided = select(said.event_id).where(
        said.dataset_key == row.dataset_key, said.field == row.field, said.act.in_(_DECIDED)
    )
    query = select(class_tagged).where(tuple_(row.dataset_key, row.field) > after, ~decided.exists())
    rows = await connection.execute(query.order_by(row.dataset_key, row.field).limit(limit))
    return [TaggedRow(*found) for found in rows]


def _upsert(dialect: Dialect) -> object:
    statement = (postgresql if dialect.name == "postgresql" else sqlite).insert(class_tagged)
    new, old = statement.excluded, class_tagged.c
    is_later = tuple_(new.valid_at, new.event_id) >= tuple_(old.valid_at, old.event_id)
    changed = {name: new[name] for name in ("class_name", "event_id", "valid_at")}
    return statement.on_conflict_do_update(index_elements=["dataset_key", "field"], set_=changed, where=is_later)


_TAGGED = Many(_upsert)
