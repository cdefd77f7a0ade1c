"""What the routes of one application share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, cast

from fastapi import Depends, Request

from nexus_core.api.readiness import Readiness
from nexus_core.eventlog.log import EventLog
from nexus_core.eventlog.opening import open_log
from nexus_core.governance.assertion import Assertions, trusted_keys
from nexus_core.governance.intake import Intake
from nexus_core.governance.local_harvests import LocalHarvests
from nexus_core.governance.sessions import Sessions
from nexus_core.governance.tokens import Tokens
from nexus_core.graph.connection import Graph, open_graph
from nexus_core.graph.read_warmup import warm_up
from nexus_core.settings import Settings
from nexus_core.store.accounts import Accounts
from nexus_core.store.aliases import KnownAliases
from nexus_core.store.database import Store, open_store


@dataclass(frozen=True, slots=True)
class Services:
    """Everything with a life as long as the application's; opened by its lifespan, closed after the last request.

    `graph` connects on first use: while Neo4j is down reads answer 503 and ingestion goes on.
    """

    settings: Settings
    store: Store
    log: EventLog
    graph: Graph
    tokens: Tokens
    sessions: Sessions
    assertions: Assertions
    intake: Intake
    harvests: LocalHarvests
    aliases: KnownAliases
    readiness: Readiness


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Open the services on a migrated store, and close them."""
    store = open_store(settings.store_url)
    graph = open_graph(settings.graph)
    readiness = Readiness(store, graph)
    warming = asyncio.create_task(warm_up(graph, settings.graph.query_timeout_s))
    try:
        async with aclosing(await open_log(store, settings)) as log:
            yield _services(settings, store, log, graph, readiness)
    finally:
        warming.cancel()
        await asyncio.wait([warming])
        await readiness.close()
        await graph.close()
        await store.dispose()


def _services(settings: Settings, store: Store, log: EventLog, graph: Graph, readiness: Readiness) -> Services:
    accounts = Accounts(store)
    intake = Intake(log, settings.api.pending_max_events)
    return Services(
        settings=settings,
        store=store,
        log=log,
        graph=graph,
        tokens=Tokens(accounts),
        sessions=Sessions(accounts, timedelta(hours=settings.api.session_hours)),
        assertions=Assertions(accounts, trusted_keys(settings.api.assertion_keys)),
        intake=intake,
        harvests=LocalHarvests(intake, accounts),
        aliases=KnownAliases(),
        readiness=readiness,
    )


async def services(request: Request) -> Services:
    """Give the application's services; FastAPI would run a plain function on a thread of its own."""
    return cast("Services", request.app.state.services)


UsesServices = Annotated[Services, Depends(services)]
"""A route's parameter that receives the services."""
