"""What one worker does for stewards beside the merging: incidents of failing checks, figures over time."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from nexus_core.governance.audit import Audit
from nexus_core.graph.connection import Graph
from nexus_core.quality.incidents import Incidents, follow_checks
from nexus_core.store.aliases import KnownAliases
from nexus_core.store.database import Store
from nexus_core.store.metric_samples import sampled_at
from nexus_core.store.policies import active_policy_version
from nexus_core.store.quality import forget_quality
from nexus_core.trends.proxied import ProxiedReads, ServedSource
from nexus_core.trends.sampling import Sampling, take_heats

_HOUR = timedelta(hours=1)
_LEAST_PAUSE = timedelta(seconds=30)
_PAUSES = 200


class Steward:
    """Follows the checks of a projection, and samples it; incidents and samples lie in the main store.

    A sample is of an hour. While it is cheap it is taken again within the hour, so that the home page's figures are
    those of now; what takes long is counted once an hour, and when other policies are put into force. `served` are the
    sources of the masking proxies.
    """

    def __init__(self, main: Store, store: Store, graph: Graph, served: Mapping[str, ServedSource]) -> None:
        self._main, self._store = main, store
        self._incidents = Incidents(main, Audit(main, "worker"))
        self._sampling = Sampling(main, store, graph)
        self._proxied = ProxiedReads(main, store, served)
        self._aliases = KnownAliases()
        self._due_at: datetime | None = None
        self._hour: datetime | None = None
        self._policies: int | None = None

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
        other_policies = await self._other_policies()
        if now < self._due_at and not other_policies:
            return False
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour != self._hour:
            await self._proxied.count(now)
        began = time.monotonic()
        await self._sampling.take(now)
        self._due_at = _next_sample(now, time.monotonic() - began)
        if hour != self._hour:
            await take_heats(self._store, await self._aliases.read(self._store))
            await forget_quality(self._store)
            self._hour = hour
        return True

    async def _other_policies(self) -> bool:
        """Whether other policies are in force than when this was asked last."""
        before, self._policies = self._policies, await active_policy_version(self._main)
        return before not in (None, self._policies)


def _next_sample(now: datetime, took_s: float) -> datetime:
    """Give when the next sample is due: with the next hour, or before, if samples then take no more than a 200th."""
    next_hour = now.replace(minute=0, second=0, microsecond=0) + _HOUR
    return min(next_hour, now + max(_LEAST_PAUSE, timedelta(seconds=_PAUSES * took_s)))
