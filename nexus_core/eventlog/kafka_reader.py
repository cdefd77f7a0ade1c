"""Reads records of the topic: in turn from given offsets, or those at given places.

No consumer group takes part: who reads which partition is decided by our leases, and from where by the store. The
clients block, so each runs in threads, one call at a time.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from nexus_core.errors import ConfigurationError
from nexus_core.eventlog.kafka_client import Properties, unavailable

_CHUNK = 500  # records of one call
_GAP = 200  # records from which seeking is cheaper than reading on
_WAIT_SECONDS = 0.1
_GONE = (KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE)
_FETCHING = {
    "fetch.message.max.bytes": 256 * 1024,
    "fetch.wait.max.ms": 10,  # a request that waits at the end of a partition holds up those for the next places
}
_PROPERTIES = {
    "group.id": "lineage-nexus",  # asked for by the client; nothing is committed, nobody joins
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "auto.offset.reset": "error",
    "queued.max.messages.kbytes": 16 * 1024,
    "fetch.error.backoff.ms": 100,
}


class Reader:
    """Reads partitions in turn."""

    def __init__(self, client: Properties, topic: str) -> None:
        self._topic = topic
        self._consumer = Consumer(client | _PROPERTIES)
        self._turn = asyncio.Lock()

    async def start(self, offsets: Mapping[int, int]) -> None:
        """Read these partitions, and no others, from these offsets on."""
        places = [TopicPartition(self._topic, partition, offset) for partition, offset in offsets.items()]
        async with self._turn:
            await asyncio.to_thread(self._consumer.assign, places)

    async def read(self, most: int, wait_s: float) -> list[Message]:
        """Give the next records, at least one if one comes within `wait_s` seconds.

        Raises ConfigurationError if records that must be there are gone, UnavailableError if Kafka fails.
        """
        async with self._turn:
            return _sound(await asyncio.to_thread(_consume, self._consumer, most, wait_s))

    async def close(self) -> None:
        """Leave the brokers."""
        async with self._turn:
            await asyncio.to_thread(self._consumer.close)


class Fetcher:
    """Reads records at any place."""

    def __init__(self, client: Properties, topic: str, timeout_s: float) -> None:
        self._topic, self._timeout_s = topic, timeout_s
        self._consumer = Consumer(client | _PROPERTIES | _FETCHING)
        self._turn = asyncio.Lock()

    async def fetch(self, places: Collection[tuple[int, int]]) -> list[Message]:
        """Give the records at these places (partition, offset), and others that were read by the way.

        Raises as Reader.read, and UnavailableError if nothing comes within the time-out.
        """
        async with self._turn:
            return await asyncio.to_thread(self._fetch, places)

    async def close(self) -> None:
        """Leave the brokers."""
        async with self._turn:
            await asyncio.to_thread(self._consumer.close)

    def _fetch(self, places: Collection[tuple[int, int]]) -> list[Message]:
        wanted: dict[int, list[int]] = {}
        for partition, offset in sorted(places):
            wanted.setdefault(partition, []).append(offset)
        self._consumer.assign([self._place(partition, offsets[0]) for partition, offsets in wanted.items()])
        try:
            return self._collect(wanted)
        except KafkaException as error:
            raise unavailable(error.args[0]) from error
        finally:
            self._consumer.unassign()

    def _collect(self, wanted: dict[int, list[int]]) -> list[Message]:
        found: list[Message] = []
        deadline = time.monotonic() + self._timeout_s
        while wanted:
            messages = _sound(_consume(self._consumer, _CHUNK, _WAIT_SECONDS))
            if messages:
                deadline = time.monotonic() + self._timeout_s
            elif time.monotonic() > deadline:
                raise unavailable(f"no record came within {self._timeout_s:.0f} s")
            found += messages
            for partition, read in _last_offsets(messages).items():
                self._go_on(wanted, partition, read)
        return found

    def _go_on(self, wanted: dict[int, list[int]], partition: int, read: int) -> None:
        """Note that a partition was read up to an offset: leave it if that was all, or go over a gap."""
        offsets = wanted.get(partition)
        if offsets is None:
            return
        left = offsets[bisect_left(offsets, read + 1) :]
        if not left:
            del wanted[partition]
            self._consumer.incremental_unassign([TopicPartition(self._topic, partition)])
            return
        wanted[partition] = left
        if left[0] - read > _GAP:
            self._consumer.seek(self._place(partition, left[0]))

    def _place(self, partition: int, offset: int) -> TopicPartition:
        return TopicPartition(self._topic, partition, offset)


def _consume(consumer: Consumer, most: int, wait_s: float) -> list[Message]:
    """Wait for the first record only; the client itself would wait for all."""
    first = consumer.consume(1, wait_s)
    return first + consumer.consume(most - 1, 0.0) if first and most > 1 else first


def _last_offsets(messages: Sequence[Message]) -> dict[int, int]:
    return {message.partition() or 0: message.offset() or 0 for message in messages}


def _sound(messages: list[Message]) -> list[Message]:
    """Give the records; raises for an error of a partition among them, of which a later read may be free.

    Errors of the client itself are passed over: it tries again, and most are about the consumer group, which we do not
    need and may have no right to.
    """
    for message in messages:
        error = message.error()
        if error is None or message.topic() is None:
            continue
        if error.code() in _GONE:
            raise ConfigurationError(
                f"Kafka no longer holds records that the store's index names (partition {message.partition()})",
                "Restore the topic; it must keep all records, see docs/operations.md, “Kafka”",
            )
        raise unavailable(error)
    return [message for message in messages if message.error() is None]
