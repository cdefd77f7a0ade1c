"""What one worker does for stewards beside the merging: incidents of failing checks, figures over time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from nexus_core.governance.audit import Audit
from nexus_core.graph.connection import Graph
from nexus_core.quality.incidents import Incidents, follow_checks
from nexus_core.store.aliases import KnownAliases
from nexus_core.store.database import Store
from nexus_core.store.metric_samples import sampled_at
from nexus_core.store.quality import forget_quality
from nexus_core.trends.proxied import ProxiedReads, ServedSource
from nexus_core.trends.sampling import Sampling, take_heats

_HOUR = timedelta(hours=1)


class Steward:
    """Follows the checks of a projection, and samples it once an hour; incidents and samples lie in the main store.

    `served` are the sources of the masking proxies.
    """

    def __init__(self, main: Store, store: Store, graph: Graph, served: Mapping[str, ServedSource]) -> None:
        self._main, self._store = main, store
        self._incidents = Incidents(main, Audit(main, "worker"))
        self._sampling = Sampling(main, store, graph)
        self._proxied = ProxiedReads(main, store, served)
        self._aliases = KnownAliases()
        self._due_at: datetime | None = None

    def __str__(self) -> str:
        return "incidents and figures"

    async def step(self) -> bool:
        """Do what is due; False when nothing was."""
        changed = await follow_checks(self._store, self._incidents)
        return bool(changed) | await self._sample(datetime.now(UTC))

    async def _sample(self, now: datetime) -> bool:
        if self._due_at is None:
            last = await sampled_at(self._main)
            self._due_at = last + _HOUR if last else now
        if now < self._due_at:
            return False
        await self._proxied.count(now)
        await self._sampling.take(now)
        await take_heats(self._store, await self._aliases.read(self._store))
        await forget_quality(self._store)
        self._due_at = now.replace(minute=0, second=0, microsecond=0) + _HOUR
        return True
