"""Sends rows of the log to their partitions of the topic, to be held by all replicas in step."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from functools import partial

import structlog
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from nexus_core.errors import UnavailableError
from nexus_core.eventlog.kafka_client import Properties, unavailable
from nexus_core.eventlog.kafka_record import headers_of
from nexus_core.eventlog.rows import Row

_POLL_SECONDS = 0.5
_UNKNOWN = -1  # a repeated request that the broker had taken: the record is there, its offset is not told
_log = structlog.get_logger()


class RecordProducer:
    """A producer of one process; after what librdkafka calls a fatal error the next call makes a new one."""

    def __init__(self, client: Properties, topic: str, message_max_bytes: int, timeout_s: float) -> None:
        self._topic = topic
        self._properties = client | {
            "acks": "all",
            "enable.idempotence": True,
            "compression.type": "lz4",
            "linger.ms": 0.5,
            "message.max.bytes": message_max_bytes,
            "message.timeout.ms": int(timeout_s * 1000),
        }
        self._producer: Producer | None = None
        self._closed = threading.Event()

    async def send(self, rows: Sequence[Row]) -> list[int]:
        """Give the offset of each row in its partition once all are durable.

        Raises UnavailableError if one is not within the time-out; some of them may be in the topic then, or come.
        """
        offsets = await self._send(rows)
        untold = [index for index, offset in enumerate(offsets) if offset <= _UNKNOWN]
        if untold:  # the index drops the first record of such a pair, or keeps it as the lower one
            for index, offset in zip(untold, await self._send([rows[index] for index in untold]), strict=True):
                offsets[index] = offset
        if min(offsets, default=0) <= _UNKNOWN:
            raise unavailable("it does not tell where it put a record")
        return offsets

    def close(self) -> None:
        """End the thread of delivery reports; what was not reported yet counts as not sent."""
        self._closed.set()

    async def _send(self, rows: Sequence[Row]) -> list[int]:
        batch = _Batch(len(rows), asyncio.get_running_loop())
        producer = self._live()
        try:
            for index, row in enumerate(rows):
                producer.produce(
                    self._topic,
                    value=row["event"],
                    key=row["id"],
                    partition=row["partition"],
                    headers=headers_of(row),
                    on_delivery=partial(batch.delivered, index),
                )
        except BufferError as error:
            raise unavailable("too many records wait to be sent") from error
        except KafkaException as error:
            raise self._failed(error.args[0]) from error
        if failure := await batch.done:
            raise self._failed(failure)
        return batch.offsets

    def _live(self) -> Producer:
        if self._producer is None:
            self._producer = Producer(self._properties)
            threading.Thread(target=self._report, args=(self._producer,), name="kafka-reports", daemon=True).start()
        return self._producer

    def _report(self, producer: Producer) -> None:
        """Call back for deliveries, which `produce` itself does not."""
        while not self._closed.is_set() and (self._producer is producer or len(producer)):
            producer.poll(_POLL_SECONDS)

    def _failed(self, error: KafkaError) -> UnavailableError:
        if error.fatal() or error.code() == KafkaError._FATAL:
            _log.warning("Kafka producer starts anew", reason=error.str())
            self._producer = None
        return unavailable(error)


class _Batch:
    """Waits for the delivery reports of one call, which come in another thread."""

    def __init__(self, count: int, loop: asyncio.AbstractEventLoop) -> None:
        self.offsets = [_UNKNOWN] * count
        self.done: asyncio.Future[KafkaError | None] = loop.create_future()
        self._left, self._loop = count, loop
        self._failure: KafkaError | None = None
        if not count:
            self.done.set_result(None)

    def delivered(self, index: int, error: KafkaError | None, message: Message) -> None:
        self._left -= 1
        self._failure = self._failure or error
        self.offsets[index] = _UNKNOWN if error else message.offset() or 0
        if not self._left and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._finish)

    def _finish(self) -> None:
        if not self.done.done():
            self.done.set_result(self._failure)
