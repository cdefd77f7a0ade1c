"""The event log in Kafka, with the SQL store as its index.

A record in the topic is the event; its row in the store says where it lies and what became of it. An append is
answered once both are durable. What was produced without a row (a crash between the two, an answer that came too late)
is entered by whoever reads on: the workers, each in the partitions of its leases. An event is handed out only after
its partition was read past it, since an earlier record of the same id may come to light until then.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection, Sequence, Set
from typing import Any

from nexus_core.errors import ConfigurationError, TooLargeError, UnavailableError
from nexus_core.eventlog.event_keys import EventKeys
from nexus_core.eventlog.kafka_bodies import Bodies
from nexus_core.eventlog.kafka_client import Properties, client_properties, unavailable
from nexus_core.eventlog.kafka_index import KafkaIndex
from nexus_core.eventlog.kafka_outbox import leave, left, take_away
from nexus_core.eventlog.kafka_producer import RecordProducer
from nexus_core.eventlog.kafka_reader import Fetcher, Reader
from nexus_core.eventlog.kafka_record import Body, StoredEvent, body_of, index_row, row_of, size_of, whole
from nexus_core.eventlog.kafka_tail import Place, Tail
from nexus_core.eventlog.kafka_topic import message_max_bytes, prepare_topic
from nexus_core.eventlog.partition import ALL_PARTITIONS
from nexus_core.eventlog.rows import Row
from nexus_core.eventlog.sql import SqlEventLog
from nexus_core.model.envelope import Envelope
from nexus_core.settings import Settings
from nexus_core.store.catalogue import Connection
from nexus_core.store.database import Store

_BODIES_BYTES = 32 * 2**20


async def open_kafka(store: Store, keys: EventKeys, settings: Settings) -> KafkaEventLog:
    """Give the log of a store; makes the topic if it is absent, and checks what it keeps.

    Raises ConfigurationError with advice, or UnavailableError.
    """
    client = client_properties(settings.eventlog)
    topic_id = await asyncio.to_thread(prepare_topic, settings, client)
    await KafkaIndex(store).belong_to(topic_id)
    return KafkaEventLog(store, keys, settings, client)


class KafkaEventLog(SqlEventLog):
    """An `EventLog` of one process; `client` are the properties of its Kafka clients, made on first use."""

    def __init__(self, store: Store, keys: EventKeys, settings: Settings, client: Properties) -> None:
        super().__init__(store, keys)
        log = settings.eventlog
        self._topic, self._timeout_s, self._client = log.topic, log.timeout_s, client
        self._index = KafkaIndex(store)
        self._message_max_bytes = message_max_bytes(settings)
        self._producer = RecordProducer(client, log.topic, self._message_max_bytes, log.timeout_s)
        self._bodies, self._fetched = Bodies(_BODIES_BYTES), Bodies(_BODIES_BYTES)
        self._is_behind = False
        self._readers: list[Reader] = []
        self._tails: dict[str, Tail] = {}
        self._fetcher: Fetcher | None = None

    async def append(self, envelopes: Sequence[Envelope]) -> list[bool]:
        """Store events durably; raises TooLargeError for one that the topic does not take."""
        return await self._commit.add(await self._sealed(envelopes))

    async def append_within(self, connection: Connection, envelopes: Sequence[Envelope]) -> None:
        """Leave events in the store, in the transaction that the connection is in."""
        await leave(connection, await self._sealed(envelopes))

    async def send_waiting(self) -> int:
        """Produce what transactions left; sending twice what another process sends too changes nothing."""
        count = 0
        while rows := await left(self._store):
            await self._commit.add(rows)
            await take_away(self._store, [row["id"] for row in rows])
            count += len(rows)
        return count

    async def _sealed(self, envelopes: Sequence[Envelope]) -> list[Row]:
        rows = await super()._sealed(envelopes)
        if max(map(size_of, rows), default=0) > self._message_max_bytes:
            raise TooLargeError("the event, with its texts sealed beside it, is larger than a record of Kafka may be")
        return rows

    async def pending(self, partitions: Collection[int], limit: int, without: Set[str] = frozenset()) -> list[Envelope]:
        """Give unmerged events of these partitions, having read on in Kafka for those that have no row yet."""
        if not partitions:
            return []
        tail = self._tail("pending", self._bodies)
        await tail.follow(partitions)
        if not self._is_behind:  # else reading on for the rows below is enough, and keeps pace with merging
            await tail.take_arrived()
        rows = await self._pending_rows(partitions, limit, without)
        self._is_behind = len(rows) == limit
        if await tail.reach(map(_place, rows)):
            rows = await self._pending_rows(partitions, limit, without)
        final = [row for row in rows if tail.has_passed(_place(row))]
        if rows and not final:
            raise unavailable("it does not give the records that the store has rows of")
        return await self._envelopes(final)

    async def scan(self, after: int, limit: int) -> list[tuple[int, Envelope]]:
        """Give events past a position, as far as their partitions were read past them."""
        tail = self._tail("scan", self._fetched)
        await tail.follow(ALL_PARTITIONS)
        rows = await self._scan_rows(after, limit)
        if await tail.reach(map(_place, rows)):
            rows = await self._scan_rows(after, limit)
        final = _before_first(rows, tail)
        if rows and not final:
            raise unavailable("it does not give the records that the store has rows of")
        envelopes = await self._envelopes(final)
        return [(row.position, envelope) for row, envelope in zip(final, envelopes, strict=True)]

    async def mark_merged(self, event_ids: Sequence[str]) -> None:
        """Note that the graph holds them."""
        await super().mark_merged(event_ids)
        self._bodies.drop(event_ids)

    async def aclose(self) -> None:
        """Note how far was read, and leave the brokers."""
        self._producer.close()
        for tail in self._tails.values():
            with contextlib.suppress(UnavailableError):  # the store is away; some records will be read again
                await tail.save()
        for reader in self._readers:
            await reader.close()
        if self._fetcher is not None:
            await self._fetcher.close()
        await super().aclose()

    async def _insert(self, rows: list[Row]) -> set[str]:
        """Produce the events that are new, then enter them into the index; gives their ids."""
        known = await self._index.offsets({row["id"] for row in rows})
        new: dict[str, Row] = {}
        for row in rows:
            if row["id"] not in known:
                new.setdefault(row["id"], row)
        offsets = await self._producer.send(list(new.values()))
        entries = [index_row(row, offset) for row, offset in zip(new.values(), offsets, strict=True)]
        return await self._index.enter(entries)

    async def _stored(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Give the rows with their bodies."""
        bodies = {row.id: self._bodies.get(row.id) or self._fetched.get(row.id) for row in rows if not row.event}
        absent = [row for row in rows if row.id in bodies and bodies[row.id] is None]
        bodies |= await self._fetch(absent)
        return [_joined(row, bodies.get(row.id)) for row in rows]

    async def _fetch(self, rows: Sequence[Any]) -> dict[str, Body | None]:
        if not rows:
            return {}
        wanted = {row.id for row in rows}
        found: dict[str, Body | None] = {}
        for message in await self._fetching().fetch([(row.partition, row.log_offset) for row in rows]):
            row = row_of(message)
            if row is not None and row["id"] in wanted:
                found[row["id"]] = body_of(message)
            elif row is not None:
                self._fetched.put(row["id"], body_of(message))
        return found

    def _fetching(self) -> Fetcher:
        if self._fetcher is None:
            self._fetcher = Fetcher(self._client, self._topic, self._timeout_s)
        return self._fetcher

    def _tail(self, purpose: str, bodies: Bodies) -> Tail:
        if purpose not in self._tails:
            self._readers.append(Reader(self._client, self._topic))
            self._tails[purpose] = Tail(self._readers[-1], self._index, bodies, self._timeout_s)
        return self._tails[purpose]


def _place(row: Any) -> Place:
    return row.partition, row.log_offset


def _before_first(rows: Sequence[Any], tail: Tail) -> Sequence[Any]:
    """Give the rows before the first one that is not final: a position must not be passed over."""
    for index, row in enumerate(rows):
        if not tail.has_passed(_place(row)):
            return rows[:index]
    return rows


def _joined(row: Any, body: Body | None) -> StoredEvent | Any:
    if row.event:
        return row  # it was accepted before the log lay in Kafka
    if body is None:
        raise ConfigurationError(
            f"Kafka has another record where the store's index has the event {row.id}",
            "Restore the topic and the store of the same time, see docs/operations.md, “Kafka”",
        )
    return whole(row, body)
