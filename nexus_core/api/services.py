"""What the routes of one application share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, cast

from fastapi import Depends, Request

from nexus_core.api.outbox import sending
from nexus_core.api.readiness import Readiness
from nexus_core.classification.reading import read_classes
from nexus_core.eventlog.log import EventLog
from nexus_core.eventlog.opening import open_log
from nexus_core.governance.assertion import Assertions, trusted_keys
from nexus_core.governance.audit import Audit
from nexus_core.governance.identities import Identities
from nexus_core.governance.intake import Intake
from nexus_core.governance.local_harvests import LocalHarvests
from nexus_core.governance.proxy_passwords import ProxyPasswords
from nexus_core.governance.roles import Roles
from nexus_core.governance.scim import ScimGroups, ScimUsers
from nexus_core.governance.sessions import Sessions
from nexus_core.governance.sso import SingleSignOn
from nexus_core.governance.sso_opening import open_sso, stronger_sign_ins
from nexus_core.governance.tokens import Tokens
from nexus_core.governance.users import Users, open_users
from nexus_core.graph.connection import Graph
from nexus_core.graph.read_warmup import warm_up
from nexus_core.projection.active import ActiveProjection
from nexus_core.projection.opening import OpenProjection
from nexus_core.settings import Settings
from nexus_core.sql import ParsePool
from nexus_core.store.account_sessions import SessionRows
from nexus_core.store.accounts import Accounts
from nexus_core.store.aliases import KnownAliases
from nexus_core.store.database import Store, open_store
from nexus_core.store.ledger import Ledger
from nexus_core.store.retention import KnownHorizon

_PARSE_PROCESSES, _ANSWERS_KEPT = 2, 2_048
"""So many that what is asked again about a thousand statements, and their mended texts, is read once: some 25 MB."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything with a life as long as the application's; opened by its lifespan, closed after the last request.

    `graph` and `store` (ledger and catalogue) are the active projection's, the same for the whole of a request; `main`
    is the store of accounts and audit.
    `graph` connects on first use: while Neo4j is down reads answer 503 and ingestion goes on.
    """

    settings: Settings
    active: ActiveProjection
    main: Store
    store: Store
    log: EventLog
    graph: Graph
    tokens: Tokens
    identities: Identities
    users: Users
    proxy_passwords: ProxyPasswords
    sessions: Sessions
    roles: Roles
    sso: SingleSignOn
    scim_users: ScimUsers
    scim_groups: ScimGroups
    assertions: Assertions
    intake: Intake
    harvests: LocalHarvests
    audit: Audit
    aliases: KnownAliases
    readiness: Readiness
    horizon: KnownHorizon
    parser: ParsePool


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Open the services on a migrated store, and close them."""
    main = open_store(settings.store_url)
    warming: set[asyncio.Task[None]] = set()

    def warm(projection: OpenProjection) -> None:
        task = asyncio.create_task(warm_up(projection.graph, settings.graph.query_timeout_s))
        warming.add(task)
        task.add_done_callback(warming.discard)

    active = ActiveProjection(settings, main, warm)
    readiness = Readiness(main, active)
    try:
        projection = await active.current()
        async with (
            aclosing(await open_log(main, settings)) as log,
            _parse_pool(settings) as parser,
            sending(log, needed=settings.eventlog.kind == "kafka"),
        ):
            yield _services(settings, main, log, active, projection, readiness, parser)
    finally:
        for task in list(warming):
            task.cancel()
        await asyncio.gather(*warming, return_exceptions=True)
        await readiness.close()
        await active.close()
        await main.dispose()


def _services(
    settings: Settings,
    main: Store,
    log: EventLog,
    active: ActiveProjection,
    projection: OpenProjection,
    readiness: Readiness,
    parser: ParsePool,
) -> Services:
    async def ranks() -> Mapping[str, int]:
        async with Ledger((await active.current()).store).reading() as ledger:
            return (await read_classes(ledger)).ranks

    accounts, identities = Accounts(main), Identities(main, ranks)
    life = timedelta(hours=settings.api.session_hours)
    sessions = Sessions(accounts, SessionRows(main), identities, life, stronger_sign_ins(settings))
    audit, sso = Audit(main, "api"), open_sso(settings, main, sessions)
    intake = Intake(log, settings.api.pending_max_events, active.kept_from)
    return Services(
        settings=settings,
        active=active,
        main=main,
        store=projection.store,
        log=log,
        graph=projection.graph,
        roles=Roles(main),
        tokens=Tokens(accounts, identities),
        identities=identities,
        users=open_users(main),
        proxy_passwords=ProxyPasswords(main),
        sessions=sessions,
        sso=sso,
        scim_users=ScimUsers(main, audit),
        scim_groups=ScimGroups(main, audit, sso.groups_prefix),
        assertions=Assertions(accounts, trusted_keys(settings.api.assertion_keys)),
        intake=intake,
        harvests=LocalHarvests(intake, accounts),
        audit=audit,
        aliases=projection.aliases,
        readiness=readiness,
        horizon=projection.horizon,
        parser=parser,
    )


def _parse_pool(settings: Settings) -> ParsePool:
    """Give children for what routes read of SQL; they start with the first question."""
    worker = settings.worker
    return ParsePool(worker.parse_seconds, worker.parse_memory_mb, _PARSE_PROCESSES, _ANSWERS_KEPT)


def services(request: Request) -> Services:
    """Give the application's services, as they were when it started."""
    return cast("Services", request.app.state.services)


async def current_services(request: Request) -> Services:
    """Give the services with the projection that is active now."""
    started = services(request)
    projection = await started.active.current()
    if projection.graph is started.graph:
        return started
    return replace(
        started,
        graph=projection.graph,
        store=projection.store,
        aliases=projection.aliases,
        horizon=projection.horizon,
    )


UsesServices = Annotated[Services, Depends(current_services)]
"""A route's parameter that receives the services."""
