"""Harvests that run in this process, and enter the log by the same way as anybody's events."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from nexus_core.connectors.protocol import Connector
from nexus_core.errors import NexusError, NotFoundError, RefusedEventsError
from nexus_core.governance.intake import Intake, Sender
from nexus_core.governance.secrets import new_id
from nexus_core.harvest.run import HarvestReport, harvest
from nexus_core.model.envelope import Authority
from nexus_core.model.harvest import HarvestState
from nexus_core.store.accounts import Accounts

_KEPT = 200  # harvests whose outcome is remembered
_ACCEPT_SECONDS = 120.0


@dataclass(slots=True)
class LocalHarvest:
    """A harvest under way or ended; `report` is there once it completed, `problem` if it failed."""

    id: str
    connector: Connector
    started_at: datetime
    ended_at: datetime | None = None
    report: HarvestReport | None = None
    problem: str | None = None
    is_cancelled: bool = False

    @property
    def state(self) -> Literal["running", "completed", "failed", "cancelled"]:
        """`running`, `completed`, `failed` or `cancelled`; one that completed all the same was not cancelled."""
        if self.ended_at is None:
            return "running"
        if self.is_cancelled and self.report is None:
            return "cancelled"
        return "completed" if self.report else "failed"


@dataclass(slots=True)
class LocalHarvests:
    """Runs harvests, one at a time for each source and scope, each in a thread of its own."""

    intake: Intake
    accounts: Accounts
    _known: dict[str, LocalHarvest] = field(default_factory=dict)

    async def start(self, connector: Connector, state: HarvestState) -> LocalHarvest:
        """Start a harvest, or give the one of the same source and scope that is under way."""
        for known in self._known.values():
            same = (known.connector.namespace, known.connector.scope) == (connector.namespace, connector.scope)
            if same and known.ended_at is None:
                return known
        started = LocalHarvest(new_id("har"), connector, datetime.now(UTC))
        self._remember(started)
        emit = self._emit_from(await self._sender(connector.namespace))
        # A daemon: what a stopped process leaves unfinished has no COMPLETE, so it retires nothing.
        threading.Thread(target=_run, args=(started, emit, state), name=started.id, daemon=True).start()
        return started

    def one(self, harvest_id: str) -> LocalHarvest:
        """Give a harvest by id; raises NotFoundError."""
        if harvest_id not in self._known:
            raise NotFoundError(f"The harvest {harvest_id}")
        return self._known[harvest_id]

    def cancel(self, harvest_id: str) -> LocalHarvest:
        """Have a harvest end after the object that it reads now; one that ended stays as it is."""
        found = self.one(harvest_id)
        if found.ended_at is None:
            found.is_cancelled = True
        return found

    def all(self) -> list[LocalHarvest]:
        """Give the harvests that are remembered, the newest first."""
        return list(reversed(self._known.values()))

    def last(self, source: str) -> LocalHarvest | None:
        """Give the harvest of a source that was started last, if one was since this process runs."""
        of_source = [each for each in self._known.values() if each.connector.namespace == source]
        return of_source[-1] if of_source else None

    def sources(self) -> set[str]:
        """Give the sources of the harvests that are remembered."""
        return {each.connector.namespace for each in self._known.values()}

    def _remember(self, started: LocalHarvest) -> None:
        self._known[started.id] = started
        ended = [each.id for each in self._known.values() if each.ended_at]
        for old in ended[: max(0, len(self._known) - _KEPT)]:
            del self._known[old]

    async def _sender(self, source: str) -> Sender:
        """Give the account of our own harvests, with authority for this source only."""
        account = await self.accounts.account("nexus", "harvest", "harvest", new_id("acc"), datetime.now(UTC))
        return Sender(account.id, Authority(harvest=(_literal(source),)))

    def _emit_from(self, sender: Sender) -> Callable[[Sequence[dict[str, Any]]], None]:
        loop = asyncio.get_running_loop()

        def emit(events: Sequence[dict[str, Any]]) -> None:
            accepted = asyncio.run_coroutine_threadsafe(self.intake.accept(sender, events), loop)
            outcomes = accepted.result(_ACCEPT_SECONDS)
            reasons = {index: str(each) for index, each in enumerate(outcomes) if isinstance(each, NexusError)}
            if reasons:
                raise RefusedEventsError(reasons)

        return emit


def _literal(text: str) -> str:
    """Give the pattern that matches a text alone."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in text)


def _run(started: LocalHarvest, emit: Callable[[Sequence[dict[str, Any]]], None], state: HarvestState) -> None:
    started.problem = "It ended unexpectedly; the log tells more."  # unless told otherwise below
    try:
        started.report = harvest(started.connector, emit, state=state, hints=True, stopped=lambda: started.is_cancelled)
        started.problem = None
    except NexusError as error:
        started.problem = str(error)
    finally:
        started.ended_at = datetime.now(UTC)
