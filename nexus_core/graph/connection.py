"""Opens the driver of Neo4j."""

from __future__ import annotations

import asyncio

from neo4j import AsyncDriver, AsyncGraphDatabase
from neo4j.exceptions import DriverError, Neo4jError

from nexus_core.errors import ConfigurationError, UnavailableError
from nexus_core.settings import GraphSettings

Graph = AsyncDriver
"""A pool of Bolt connections to the projection; other layers hand it on and never call it."""


def open_graph(settings: GraphSettings) -> Graph:
    """Give a driver without connecting yet, so that a process starts while Neo4j is down.

    Raises ConfigurationError without a URI: `nexus up` fills it in for its own Neo4j.
    """
    if settings.uri is None:
        raise ConfigurationError("No Neo4j is named", "Set NEXUS_GRAPH__URI and its password, or run `nexus up`")
    password = settings.password.get_secret_value() if settings.password else ""
    auth = (settings.user, password) if password else None
    return AsyncGraphDatabase.driver(
        settings.uri,
        auth=auth,
        connection_timeout=5.0,
        connection_acquisition_timeout=10.0,
        max_transaction_retry_time=10.0,
        liveness_check_timeout=30.0,  # a connection that was idle for so long may be cut: ask before use
        notifications_min_severity="OFF",
    )


async def check_graph(graph: Graph, seconds: float) -> None:
    """Raise UnavailableError unless Neo4j answers within a time."""
    try:
        async with asyncio.timeout(seconds):
            await graph.verify_connectivity()
    except (DriverError, Neo4jError, OSError, TimeoutError) as error:
        raise UnavailableError("Neo4j", type(error).__name__) from error
