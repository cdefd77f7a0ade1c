"""What `nexus compact` does, on the store and the graph of the settings."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import typer

from nexus_core.errors import ConfigurationError, NexusError, UnavailableError
from nexus_core.eventlog.log import EventLog
from nexus_core.eventlog.opening import open_log
from nexus_core.events.decision import decision_event
from nexus_core.governance.holds import check_holds
from nexus_core.governance.intake import Intake, Sender
from nexus_core.governance.secrets import new_id
from nexus_core.model.decision import Decision
from nexus_core.model.envelope import Authority
from nexus_core.model.moments import microseconds, moment
from nexus_core.model.retention import ALL_KEPT, FORGET, RETENTION, Horizon
from nexus_core.projection.opening import OpenProjection, open_projection
from nexus_core.settings import RetentionSettings, Settings
from nexus_core.store.accounts import Accounts
from nexus_core.store.database import Store, open_store, reading
from nexus_core.store.ledger_compaction import count_rows
from nexus_core.store.projections import active_projection
from nexus_core.store.retention import count_pending_before, read_horizon
from nexus_core.worker.compaction import Compaction
from nexus_core.worker.opening import make_merger, open_parser
from nexus_core.worker.pausing import alone

_WAIT_SECONDS = 120.0
_GRACE_SECONDS = 3.0  # an API knows the horizon of a second ago; what it then accepted is merged first
_WINDOW_SECONDS = 10.0
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Policy:
    """How many days of history, and of former beliefs, are kept."""

    history_days: int
    belief_days: int

    def horizon(self, now: datetime) -> Horizon:
        """Give the horizon that it makes now, in whole seconds."""
        now = now.replace(microsecond=0)
        valid_from, known_from = (now - timedelta(days=days) for days in (self.history_days, self.belief_days))
        return Horizon(microseconds(valid_from), microseconds(known_from))


def policy_of(settings: RetentionSettings, history_days: int | None, belief_days: int | None) -> Policy:
    """Give what is asked for, else what is set; raises ConfigurationError where nothing says how much is kept."""
    history = history_days or settings.history_days
    if history is None:
        raise ConfigurationError(
            "Nothing says how much history is kept", "Give --history-days, or set NEXUS_RETENTION__HISTORY_DAYS"
        )
    return Policy(history, min(belief_days or settings.belief_days or history, history))


async def run_compact(settings: Settings, policy: Policy, *, apply: bool) -> None:
    """Show what would go, or decide the horizon, wait until it is merged, and take out what lies behind it."""
    async with _opened(settings) as (main, projection, log):
        wanted = policy.horizon(datetime.now(UTC))
        await _show(projection.store, wanted)
        if not apply:
            typer.echo("Nothing is changed; `nexus compact --apply` forgets it.")
            return
        await check_holds(main, "forgetting history")
        await _decide(main, log, wanted)
        await _merged(main, projection.store, wanted)
        await _compact(settings, projection, log)


async def _show(ledger: Store, wanted: Horizon) -> None:
    now = await read_horizon(ledger)
    kept = f"since {_written(now.valid_from)}" if now != ALL_KEPT else "all of it"
    typer.echo(f"History is kept: {kept}. It would be kept since {_written(wanted.valid_from)},")
    typer.echo(f"former beliefs since {_written(wanted.known_from)}. At most these rows of the ledger would go:")
    async with reading(ledger) as connection:
        counts = await count_rows(connection, wanted)
    for name, count in counts.items():
        typer.echo(f"  {count:>12,} {name}")


async def _decide(main: Store, log: EventLog, wanted: Horizon) -> None:
    """Let the log say so, as the account of our own compaction."""
    account = await Accounts(main).account("nexus", RETENTION, RETENTION, new_id("acc"), datetime.now(UTC))
    details = {"valid_from": _written(wanted.valid_from), "known_from": _written(wanted.known_from)}
    event = decision_event(Decision(RETENTION, FORGET, details=details), datetime.now(UTC))
    sender = Sender(account.id, Authority(curator=True))
    (outcome,) = await Intake(log, sys.maxsize).accept(sender, [event])
    if isinstance(outcome, NexusError):
        raise outcome
    typer.echo(f"Decided by the event {outcome.id}.")


async def _merged(main: Store, ledger: Store, wanted: Horizon) -> None:
    """Wait until the decision, and every event that is older than the history that it keeps, is merged."""
    until = time.monotonic() + _WAIT_SECONDS
    while (await read_horizon(ledger)).valid_from < wanted.valid_from:
        if time.monotonic() > until:
            raise UnavailableError("The worker", "it does not merge the decision", "Start it, and compact again.")
        await asyncio.sleep(_LOOK_SECONDS)
    await asyncio.sleep(_GRACE_SECONDS)
    while left := await count_pending_before(main, moment(wanted.valid_from)):
        if time.monotonic() > until:
            raise UnavailableError("The worker", f"{left} old events wait for it", "Compact again once it has them.")
        await asyncio.sleep(_LOOK_SECONDS)


async def _compact(settings: Settings, projection: OpenProjection, log: EventLog) -> None:
    """Take out what lies behind the horizon, a few seconds at a time, so that merging goes on in between."""
    async with open_parser(settings) as parser:
        merger = make_merger(projection.store, log, projection.graph, parser)
        made = Compaction(merger, await read_horizon(projection.store))
        more = True
        while more:
            merger.contents.stored.clear()
            async with alone(projection.main, projection.row.id, projection.store, projection.graph) as holding:
                ends = time.monotonic() + _WINDOW_SECONDS
                while more and time.monotonic() < ends:
                    more = await made.step(holding.held)
            typer.echo("  " + ", ".join(f"{count:,} {name}" for name, count in made.dropped.items()))
            sys.stdout.flush()
            if more:
                await asyncio.sleep(_WINDOW_SECONDS)
    typer.echo("Compacted. PostgreSQL and SQLite use the room again; `VACUUM` gives it back to the disk.")


def _written(at: int) -> str:
    return moment(at).isoformat(timespec="seconds").replace("+00:00", "Z")


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[tuple[Store, OpenProjection, EventLog]]:
    main = open_store(settings.store_url)
    try:
        projection = open_projection(settings, main, await active_projection(main))
        try:
            async with aclosing(await open_log(main, settings)) as log:
                yield main, projection, log
        finally:
            await projection.close()
    finally:
        await main.dispose()
