"""What the routes of one application share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from nexus_core.eventlog.log import EventLog
from nexus_core.graph.connection import Graph
from nexus_core.settings import Settings
from nexus_core.store.database import Store


@dataclass(frozen=True, slots=True)
class Services:
    """Everything with a life as long as the application's; opened by its lifespan, closed after the last request.

    `graph` connects on first use: while Neo4j is down reads answer 503 and ingestion goes on.
    """

    settings: Settings
    store: Store
    log: EventLog
    graph: Graph


def services(request: Request) -> Services:
    """Give the application's services."""
    return cast("Services", request.app.state.services)


UsesServices = Annotated[Services, Depends(services)]
"""A route's parameter that receives the services."""
