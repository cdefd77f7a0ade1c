"""The index of Kafka's topic is a function of the topic, in whatever order appenders and workers make it."""

import asyncio
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from nexus_core.eventlog.kafka_index import KafkaIndex
from nexus_core.eventlog.kafka_record import index_row
from nexus_core.eventlog.rows import to_row
from nexus_core.store.database import open_store, reading, writing
from nexus_core.store.event_tables import events
from tests.contract.test_eventlog import NOW, envelope
from tests.stores import sqlite_settings


class NoKeys:
    """Seals nothing."""

    def close(self, clear, _event_id, _name):
        return clear


ROWS = {
    (number, held): to_row(envelope(number, held), NoKeys()) | {"partition": 7}
    for number in range(5)
    for held in (0, 1)
}
TOPIC = st.lists(st.sampled_from(sorted(ROWS)), min_size=1, max_size=12)


@given(topic=TOPIC, data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_of_records_with_one_id_the_first_counts_however_they_are_entered(tmp_path, topic, data):
    records = [
        index_row(ROWS[which] | {"accepted_at": NOW + timedelta(seconds=offset)}, offset)
        for offset, which in enumerate(topic)
    ]
    order = data.draw(st.permutations([*range(len(records)), *range(len(records))]))
    cuts = data.draw(st.sets(st.integers(0, len(order))))
    expected = {}
    for record in records:
        expected.setdefault(record["id"], (record["log_offset"], record["accepted_at"], record["status"]))
    assert asyncio.run(entered(tmp_path, batches([records[index] for index in order], cuts))) == expected


def batches(records, cuts):
    """Cut at the given places, and before an id that the batch has."""
    batch = []
    for place, record in enumerate(records):
        if place in cuts or any(each["id"] == record["id"] for each in batch):
            yield batch
            batch = []
        batch.append(record)
    yield batch


async def entered(folder, parts):
    store = open_store((await sqlite_settings(folder)).store_url)
    try:
        async with writing(store) as connection:
            await connection.execute(delete(events))
        for part in parts:
            await KafkaIndex(store).enter(part)
        async with reading(store) as connection:
            rows = (await connection.execute(select(events))).all()
        return {row.id: (row.log_offset, row.accepted_at, row.status) for row in rows}
    finally:
        await store.dispose()
