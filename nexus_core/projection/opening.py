"""Opens a projection: its Neo4j and its ledger."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import SecretStr

from nexus_core.graph.connection import Graph, open_graph
from nexus_core.graph.embedded.server import connection
from nexus_core.settings import GraphSettings, Settings
from nexus_core.spool.token import read_token
from nexus_core.store.aliases import KnownAliases
from nexus_core.store.database import Store, open_store
from nexus_core.store.ledger_place import ledger_url
from nexus_core.store.projections import Projection
from nexus_core.store.retention import KnownHorizon

_SCHEME = "://"


@dataclass(frozen=True, slots=True)
class OpenProjection:
    """A projection's connections; `store` is the main one if the projection has its ledger there."""

    row: Projection
    store: Store
    graph: Graph
    main: Store
    aliases: KnownAliases = field(default_factory=KnownAliases)
    horizon: KnownHorizon = field(default_factory=KnownHorizon)

    async def close(self) -> None:
        """Close what is the projection's own."""
        await self.graph.close()
        if self.store is not self.main:
            await self.store.dispose()


def open_projection(settings: Settings, main: Store, row: Projection) -> OpenProjection:
    """Give a projection without connecting yet; raises ConfigurationError where nothing says where its Neo4j is."""
    graph = open_graph(graph_settings(settings, row))
    store = open_store(ledger_url(settings.store_url, row.ledger)) if row.ledger else main
    return OpenProjection(row, store, graph, main)


def graph_settings(settings: Settings, row: Projection) -> GraphSettings:
    """Give URI, user and password of a projection's Neo4j: given, or kept in its folder by the embedded server."""
    if _SCHEME in row.graph:
        password = SecretStr(read_token(row.graph_password) or "") if row.graph_password else settings.graph.password
        user = row.graph_user or settings.graph.user
        return settings.graph.model_copy(update={"uri": row.graph, "user": user, "password": password})
    if not row.graph and settings.graph.uri is not None:
        return settings.graph
    home = settings.data_dir.expanduser().absolute() / (row.graph or "neo4j")
    if not (home / "password").exists():
        return settings.graph
    return connection(settings.graph, home, int((home / "port").read_text()))
