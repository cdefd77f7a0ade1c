"""Our rights on a Kafka that knows who we are, through TLS: those that docs/operations.md asks for, and not less."""

from contextlib import aclosing

import pytest
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from nexus_core.errors import ConfigurationError, NexusError
from nexus_core.eventlog.opening import open_log
from nexus_core.eventlog.partition import ALL_PARTITIONS
from nexus_core.proxy.certificate import ensure_files
from nexus_core.store.database import open_store
from tests import services
from tests.contract.test_eventlog import envelope, scanned
from tests.eventlogs import kafka_settings
from tests.kafka_broker import SASL, Kafka
from tests.stores import sqlite_settings


def allow(broker: Kafka, topic: str, *operations: str) -> None:
    """Allow `nexus` operations on the topic."""
    admin = AdminClient(broker.signed_in("admin"))
    bindings = [
        AclBinding(
            ResourceType.TOPIC,
            topic,
            ResourcePatternType.LITERAL,
            "User:nexus",
            "*",
            AclOperation[operation],
            AclPermissionType.ALLOW,
        )
        for operation in operations
    ]
    for made in admin.create_acls(bindings, request_timeout=30).values():
        made.result()


@pytest.fixture
async def settings(tmp_path):
    return await sqlite_settings(tmp_path)


@pytest.fixture
async def store(settings):
    store = open_store(settings.store_url)
    yield store
    await store.dispose()


async def test_the_rights_that_the_docs_name_suffice(settings, store, monkeypatch):
    monkeypatch.setenv("PASSWORD_OF_KAFKA", "of-nexus")

    async def opened(broker, **options):
        login = {"sasl.username": "nexus", "sasl.password": "env:PASSWORD_OF_KAFKA"}
        signed_in = SASL | login | {"ssl.ca.location": str(broker.certificate)} | options
        log = kafka_settings(broker, "events", options=signed_in, timeout_s=5)
        return await open_log(store, settings.model_copy(update={"eventlog": log}))

    another = ensure_files(None, settings.data_dir / "another").certificate
    with services.kafka(admin="of-admin", nexus="of-nexus") as broker:
        with pytest.raises(NexusError):
            await opened(broker, **{"ssl.ca.location": str(another)})
        with pytest.raises(ConfigurationError, match="refuses us"):
            await opened(broker, **{"sasl.username": "someone"})
        with pytest.raises(ConfigurationError, match="does not allow"):
            await opened(broker)
        allow(broker, "events", "DESCRIBE", "DESCRIBE_CONFIGS", "READ", "WRITE", "CREATE")
        async with aclosing(await opened(broker)) as log:
            assert await log.append([envelope(1)]) == [True]
            assert await log.pending(ALL_PARTITIONS, 10) == [envelope(1)]
            assert await log.read([envelope(1).id]) == await scanned(log) == [envelope(1)]
