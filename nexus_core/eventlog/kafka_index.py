"""The store's index of the topic: which record is which event, and up to where it is complete.

Of several records with the same id the one of the lowest offset counts, and all have the same partition. So the index
is a function of the topic, in whatever order it is made; API and worker make it at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import BigInteger, bindparam, case, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from nexus_core.errors import ConfigurationError
from nexus_core.eventlog.partition import PARTITION_COUNT
from nexus_core.eventlog.rows import PENDING, QUARANTINED, Row
from nexus_core.eventlog.sql import insert_new
from nexus_core.store.database import Store, reading, writing
from nexus_core.store.event_tables import events, kafka_checkpoint

_OF_RECORD = ("log_offset", "accepted_at", "valid_at", "authority")  # what two records of one id may differ in
_IDS_MAX = 500  # parameters of one statement, below SQLite's limit


class KafkaIndex:
    """The index in one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def belong_to(self, topic_id: str) -> None:
        """Take the store for the index of this topic; raises ConfigurationError if it is another one's."""
        rows = [{"partition": each, "topic_id": topic_id, "next_offset": 0} for each in range(PARTITION_COUNT)]
        insert = (postgresql if self._store.dialect.name == "postgresql" else sqlite).insert(kafka_checkpoint)
        async with writing(self._store) as connection:
            await connection.execute(insert.on_conflict_do_nothing(index_elements=["partition"]), rows)
            found = (await connection.execute(select(kafka_checkpoint.c.topic_id).distinct())).scalars().all()
        if found != [topic_id]:
            raise ConfigurationError(
                "The topic of Kafka is not the one that this store is the index of",
                "Name that one in NEXUS_EVENTLOG__TOPIC, or restore the store that belongs to this topic",
            )

    async def offsets(self, event_ids: Collection[str]) -> dict[str, int | None]:
        """Give where known events lie; None for one whose body lies in the store."""
        ids = sorted(event_ids)
        found: dict[str, int | None] = {}
        async with reading(self._store) as connection:
            for start in range(0, len(ids), _IDS_MAX):
                part = events.c.id.in_(ids[start : start + _IDS_MAX])
                rows = await connection.execute(select(events.c.id, events.c.log_offset).where(part))
                found |= {row.id: row.log_offset for row in rows}
        return found

    async def enter(self, rows: list[Row]) -> set[str]:
        """Enter records, one an id; gives the ids that they are the first to enter.

        A record takes the place of one of a higher offset, and is left out for one of a lower offset or in the store.
        """
        if not rows:
            return set()
        entered = await insert_new(self._store, rows)
        left = {row["id"]: row for row in rows if row["id"] not in entered}
        if not left:
            return entered
        known = await self.offsets(left)
        await self._lower([row for row in left.values() if is_lower(row, known)])
        return entered | {event_id for event_id, row in left.items() if known.get(event_id) == row["log_offset"]}

    async def _lower(self, rows: Sequence[Row]) -> None:
        """Move entries to records of lower offset; the status then is the record's unless it was decided since."""
        if not rows:
            return
        undecided = or_(events.c.status == PENDING, events.c.status == QUARANTINED)
        statement = (
            update(events)
            .where(events.c.id == bindparam("of"), events.c.log_offset > bindparam("offset"))
            .values({name: bindparam(f"new_{name}") for name in _OF_RECORD})
            .values(status=case((undecided, bindparam("new_status")), else_=events.c.status))
        )
        values = [{f"new_{name}": row[name] for name in (*_OF_RECORD, "status")} for row in rows]
        keys = [{"of": row["id"], "offset": row["log_offset"]} for row in rows]
        async with writing(self._store) as connection:
            await connection.execute(statement, [key | value for key, value in zip(keys, values, strict=True)])

    async def checkpoints(self, partitions: Collection[int]) -> dict[int, int]:
        """Give, of each partition, the offset before which the index has every record."""
        query = select(kafka_checkpoint.c.partition, kafka_checkpoint.c.next_offset)
        async with reading(self._store) as connection:
            rows = await connection.execute(query.where(kafka_checkpoint.c.partition.in_(sorted(partitions))))
            return {row.partition: row.next_offset for row in rows}

    async def advance(self, next_offsets: Mapping[int, int]) -> None:
        """Note up to where the index is complete; never goes back."""
        mine, given = kafka_checkpoint.c, bindparam("given", type_=BigInteger)
        statement = update(kafka_checkpoint).where(mine.partition == bindparam("of"), mine.next_offset < given)
        parameters: Sequence[dict[str, int]] = [
            {"of": partition, "given": offset} for partition, offset in sorted(next_offsets.items())
        ]
        if parameters:
            async with writing(self._store) as connection:
                await connection.execute(statement.values(next_offset=given), parameters)


def is_lower(row: Row, known: Mapping[str, int | None]) -> bool:
    """Tell whether a record lies before the one that is known of its id."""
    offset = known.get(row["id"])
    return offset is not None and row["log_offset"] < offset
