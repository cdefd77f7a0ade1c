"""Follows partitions of the topic and enters into the index what it lacks: records whose appender ended too early."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence

import structlog
from confluent_kafka import Message

from nexus_core.errors import NexusError
from nexus_core.eventlog.kafka_bodies import Bodies
from nexus_core.eventlog.kafka_index import KafkaIndex, is_lower
from nexus_core.eventlog.kafka_reader import Reader
from nexus_core.eventlog.kafka_record import body_of, row_of
from nexus_core.eventlog.rows import Row

_CHUNK = 500  # records of one call
_WAIT_SECONDS = 0.1
_SAVE_SECONDS = 5.0  # what is read again after a crash
_log = structlog.get_logger()

Place = tuple[int, int | None]
"""Partition and offset; no offset for an event that lies in the store."""


class Tail:
    """Reads each followed partition once, from its checkpoint on; `bodies` receives what it reads."""

    def __init__(self, reader: Reader, index: KafkaIndex, bodies: Bodies, timeout_s: float) -> None:
        self._reader, self._index, self._bodies, self._timeout_s = reader, index, bodies, timeout_s
        self._next: dict[int, int] = {}
        self._saved: dict[int, int] = {}
        self._saved_at = time.monotonic()
        self._started = False

    async def follow(self, partitions: Collection[int]) -> None:
        """Follow these partitions, and no others."""
        if self._started and self._next.keys() == set(partitions):
            return
        await self.save()
        new = await self._index.checkpoints(set(partitions) - self._next.keys())
        self._saved = {each: self._saved.get(each, new.get(each, 0)) for each in partitions}
        self._next = {each: self._next.get(each, new.get(each, 0)) for each in partitions}
        await self._reader.start(self._next)
        self._started = True

    def has_passed(self, place: Place) -> bool:
        """Tell whether every record up to a place is in the index, so that what it says of the event is final."""
        partition, offset = place
        return offset is None or offset < self._next.get(partition, 0)

    async def take_arrived(self) -> None:
        """Enter what has come, without waiting."""
        await self._take(0.0)
        if time.monotonic() - self._saved_at > _SAVE_SECONDS:
            await self.save()

    async def reach(self, places: Iterable[Place]) -> bool:
        """Read on until these places are passed, or nothing comes in time; tells whether the index changed."""
        left = {place for place in places if not self.has_passed(place)}
        changed = False
        deadline = time.monotonic() + self._timeout_s
        while left and time.monotonic() < deadline:
            count, entered = await self._take(_WAIT_SECONDS)
            changed = changed or entered
            if count:
                deadline = time.monotonic() + self._timeout_s
            left = {place for place in left if not self.has_passed(place)}
        return changed

    async def save(self) -> None:
        """Note in the store how far the index is complete."""
        await self._index.advance({each: at for each, at in self._next.items() if at > self._saved.get(each, 0)})
        self._saved, self._saved_at = dict(self._next), time.monotonic()

    async def _take(self, wait_s: float) -> tuple[int, bool]:
        """Read some records into the index; gives their count, and whether the index changed."""
        try:
            messages = await self._reader.read(_CHUNK, wait_s)
            changed = await self._enter(messages)
        except NexusError:
            self._started = False  # what was read but not entered has to be read again
            raise
        for message in messages:
            self._next[message.partition() or 0] = (message.offset() or 0) + 1
        return len(messages), changed

    async def _enter(self, messages: Sequence[Message]) -> bool:
        rows: dict[str, Row] = {}
        for message in messages:
            row = row_of(message)
            if row is None:
                place = {"partition": message.partition(), "offset": message.offset()}
                _log.warning("a record of the topic is no event of ours", **place)
                continue
            rows.setdefault(row["id"], row)
            self._bodies.put(row["id"], body_of(message))
        if not rows:
            return False
        known = await self._index.offsets(rows)
        news = [row for row in rows.values() if row["id"] not in known or is_lower(row, known)]
        await self._index.enter(news)
        return bool(news)
