"""What one worker holds of the partitions: a fair share, prolonged while it lives, given back in the end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
import time
from dataclasses import dataclass, field

import structlog

from nexus_core.errors import LostLeaseError, NexusError
from nexus_core.graph.connection import Graph
from nexus_core.graph.write import take_leases
from nexus_core.store.database import Store
from nexus_core.store.ledger_lease import LEASE_SECONDS, Held, claim, release, renew, surplus

_BALANCE_SECONDS = LEASE_SECONDS / 5

_log = structlog.get_logger()


@dataclass(slots=True)
class Holding:
    """The leases of one worker, fenced in store and graph."""

    store: Store
    graph: Graph
    merged_count: int = 0
    held: Held = field(default_factory=lambda: Held(_owner(), {}))
    _balanced_at: float = float("-inf")

    async def balance(self) -> bool:
        """Between rounds: take what is free, give away what is more than a fair share; tells whether it took some.

        Looks once a second at most. Raises LostLeaseError if a later holder was at the graph before.
        """
        if time.monotonic() - self._balanced_at < _BALANCE_SECONDS:
            return False
        self._balanced_at = time.monotonic()
        before, self.held = self.held, await claim(self.store, self.held)
        taken = {of: epoch for of, epoch in self.held.epochs.items() if before.epochs.get(of) != epoch}
        if taken:
            _log.info("partitions taken", taken=len(taken), held=len(self.held.epochs))
            await take_leases(self.graph, taken)
        elif more := await surplus(self.store, self.held):
            await self._give(more)
        return bool(taken)

    async def keep(self) -> None:
        """Prolong the leases while a round lasts; once one is lost, the next write says so."""
        while True:
            await asyncio.sleep(LEASE_SECONDS / 3)
            try:
                await renew(self.store, self.held, self.merged_count)
            except LostLeaseError:
                continue
            except NexusError as error:
                _log.warning("leases not renewed", reason=str(error))

    async def give_back(self) -> None:
        """Let the others go on at once; without a store the leases end by themselves."""
        with contextlib.suppress(NexusError):
            await self._give(list(self.held.partitions))
        self.held = self.held.without(self.held.partitions)

    async def _give(self, partitions: list[int]) -> None:
        await release(self.store, self.held, partitions)
        self.held = self.held.without(partitions)
        _log.info("partitions given back", given=len(partitions), held=len(self.held.epochs))


def _owner() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
