"""Opens the log of a store with the key that its sealed texts need."""

from __future__ import annotations

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from nexus_core.errors import ConfigurationError
from nexus_core.eventlog.event_keys import EventKeys, open_event_keys
from nexus_core.eventlog.seal import Seal, seal_of
from nexus_core.eventlog.sql import SqlEventLog
from nexus_core.settings import Settings
from nexus_core.store.database import Store, reading, writing
from nexus_core.store.event_tables import kafka_checkpoint, seal_probe

_PROBE = "seal-probe"


async def open_log(store: Store, settings: Settings, epoch: int | None = None) -> SqlEventLog:
    """Give the log of a migrated store; the first start makes the key and leaves a probe sealed with it.

    With the epoch of the active projection, `mark_merged` raises LostLeaseError once another one is active.

    Raises ConfigurationError if the key is gone, malformed or another than that of the first start, and if the settings
    name another log than the one that the store belongs to; UnavailableError if Kafka does not answer.
    """
    probe = await read_probe(store)
    seal = seal_of(settings, first_start=probe is None)
    if probe is None:
        await _leave_probe(store, seal)
        probe = await read_probe(store)
    if probe is None or seal.open(probe, _PROBE) is None:
        raise ConfigurationError(
            "The secrets key is not the one that this store was sealed with",
            "Set NEXUS_SECRETS__KEY, or restore `secrets-key` in the data folder, to the key of the first start",
        )
    keys = await open_event_keys(settings, seal)
    try:
        log = await _open(store, keys, settings)
    except BaseException:
        await keys.aclose()
        raise
    log.epoch = epoch
    return log


async def _open(store: Store, keys: EventKeys, settings: Settings) -> SqlEventLog:
    if settings.eventlog.kind == "kafka":
        return await _open_kafka(store, keys, settings)
    async with reading(store) as connection:
        if (await connection.execute(select(kafka_checkpoint.c.partition).limit(1))).first():
            raise ConfigurationError(
                "The log of this store lies in Kafka", "Set NEXUS_EVENTLOG__KIND=kafka, and the brokers and topic"
            )
    return SqlEventLog(store, keys)


async def _open_kafka(store: Store, keys: EventKeys, settings: Settings) -> SqlEventLog:
    """Imported here: only this log needs Kafka's client."""
    try:
        from nexus_core.eventlog.kafka import open_kafka
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "Kafka's client is not installed", "Run `pip install 'lineage-nexus[kafka]'`"
        ) from error
    return await open_kafka(store, keys, settings)


def opens_probe(settings: Settings, probe: bytes) -> bool:
    """Tell whether the key of the settings is the one that a probe was sealed with."""
    return seal_of(settings, first_start=False).open(probe, _PROBE) is not None


async def read_probe(store: Store) -> bytes | None:
    """Give what the first start left, sealed with the key of the store; None before it."""
    async with reading(store) as connection:
        return (await connection.execute(select(seal_probe.c.probe))).scalar_one_or_none()


async def _leave_probe(store: Store, seal: Seal) -> None:
    try:
        async with writing(store) as connection:
            await connection.execute(insert(seal_probe).values(id=1, probe=seal.close(b"", _PROBE)))
    except IntegrityError:  # another process of the first start was faster; its probe decides
        return
