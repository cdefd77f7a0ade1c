"""What happened in the datasets that an account follows, and in what these come from."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from nexus_core.errors import NotFoundError
from nexus_core.graph.connection import Graph
from nexus_core.graph.read import read_lineage
from nexus_core.graph.read_answer import Direction, LineageQuery
from nexus_core.model.access import Scope
from nexus_core.model.aliases import Aliases
from nexus_core.model.edge import node_key
from nexus_core.model.moments import microseconds, moment
from nexus_core.model.names import DatasetName
from nexus_core.store.database import Store, reading
from nexus_core.store.dataset_access import lookup_in, visible_of
from nexus_core.store.subscriptions import Subscription, changed_since, opened_since

CHANGED = "schema or lineage changed"
_DEPTH, _UPSTREAM_MOST = 20, 1_000


@dataclass(frozen=True, slots=True, order=True)
class Happened:
    """Something that happened in `asset`, which is `subscribed` itself or upstream of it; `what` says it in words."""

    at: datetime
    asset: DatasetName
    subscribed: DatasetName
    what: str


@dataclass(frozen=True, slots=True)
class Following:
    """Looks for what happened, as far as a scope sees the datasets; `store` and `graph` are the projection's."""

    main: Store
    store: Store
    graph: Graph
    aliases: Aliases
    scope: Scope
    timeout_s: float

    async def since(self, subscriptions: Collection[Subscription], start: datetime) -> list[Happened]:
        """Give everything since a moment (of the data's time), the newest first."""
        found: set[Happened] = set()
        for each in subscriptions:
            found |= set(await self._of(each, start))
        return sorted(found, reverse=True)

    async def _of(self, subscription: Subscription, start: datetime) -> Sequence[Happened]:
        own = self.aliases.of(DatasetName(subscription.namespace, subscription.name))
        async with reading(self.store) as connection:
            if own not in await visible_of(connection, self.scope, [own]):
                return ()
        watched = {own, *(await self._upstream(own) if subscription.upstream else ())}
        keys = {node_key(member.id): name for name in watched for member in self.aliases.members(name)}
        return [*await self._changes(keys, own, start), *await self._incidents(keys, own, start)]

    async def _upstream(self, name: DatasetName) -> set[DatasetName]:
        query = LineageQuery(
            name.namespace, name.name, direction=Direction.UPSTREAM, depth=_DEPTH, limit=_UPSTREAM_MOST
        )
        try:
            answer = await read_lineage(self.graph, query, self.scope, self.timeout_s, lookup_in(self.store))
        except NotFoundError:  # nothing is known to come from anywhere
            return set()
        return {DatasetName(node.found.namespace, node.found.name) for node in answer.nodes if node.found}

    async def _changes(self, keys: Mapping[str, DatasetName], own: DatasetName, start: datetime) -> Sequence[Happened]:
        async with reading(self.store) as connection:
            changed = await changed_since(connection, keys, microseconds(start))
        return [Happened(moment(at), keys[key], own, CHANGED) for key, at in changed.items()]

    async def _incidents(
        self, keys: Mapping[str, DatasetName], own: DatasetName, start: datetime
    ) -> Sequence[Happened]:
        opened = await opened_since(self.main, keys, start)
        return [
            Happened(
                each.opened_at, self.aliases.of(DatasetName(each.namespace, each.name)), own, f"incident: {each.title}"
            )
            for each in opened
        ]
