"""What `nexus erase` does, on the store and the log of the settings."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime

import typer

from nexus_core.cli.local_audit import here, local_audit
from nexus_core.errors import NexusError
from nexus_core.eventlog.erasing import check_month, containing, holding, month_record, records
from nexus_core.eventlog.log import EventLog, Originals
from nexus_core.eventlog.opening import open_log
from nexus_core.events.decision import decision_event
from nexus_core.governance.holds import check_holds
from nexus_core.governance.intake import Intake, Sender
from nexus_core.governance.secrets import new_id
from nexus_core.model.audit import Act, Action
from nexus_core.model.decision import Decision
from nexus_core.model.envelope import Authority
from nexus_core.settings import Settings
from nexus_core.store.accounts import Accounts
from nexus_core.store.database import Store, open_store

_SHOWN_MOST = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be erased, and why: events by id, by a text that they hold, or of an account's month."""

    events: frozenset[str]
    text: str | None
    month: str | None
    account: str | None
    reason: str


async def run_erase(settings: Settings, wanted: Wanted, *, apply: bool) -> None:
    """Show what would be erased, or erase it and record that."""
    main = open_store(settings.store_url)
    try:
        if apply:
            await check_holds(main, "erasing originals", wanted.account)
        async with aclosing(await open_log(main, settings)) as log:
            if wanted.month is not None and wanted.account is not None:
                await _erase_month(settings, main, log, wanted.month, wanted.account, wanted.reason, apply=apply)
            else:
                await _erase_events(settings, main, log, wanted, apply=apply)
    finally:
        await main.dispose()


async def _erase_events(settings: Settings, main: Store, log: EventLog, wanted: Wanted, *, apply: bool) -> None:
    found = await _found(log, wanted)
    _show(found)
    if not (apply and found):
        typer.echo("Nothing is erased; with --apply it is." if found else "No event whose originals can be opened.")
        return
    act = here(Act(Action.EVENTS_ERASED, {"events": str(len(found)), "reason": wanted.reason}))
    async with local_audit(settings) as audit, audit.acting(None, act):
        await log.erase(found)
        await _record(main, log, records(found, wanted.reason))
    typer.echo(f"Erased the originals of {len(found)} events.")


async def _erase_month(
    settings: Settings, main: Store, log: EventLog, month: str, account: str, reason: str, *, apply: bool
) -> None:
    check_month(month, datetime.now(UTC))
    if not apply:
        typer.echo(f"Would erase the originals of all events of {account} in {month}; with --apply it does.")
        return
    act = here(Act(Action.EVENTS_ERASED, {"month": month, "account": account, "reason": reason}))
    async with local_audit(settings) as audit, audit.acting(None, act):
        await log.erase_month(month, account)
        await _record(main, log, [month_record(month, account, reason)])
    typer.echo(f"Erased the originals of all events of {account} in {month}.")


async def _found(log: EventLog, wanted: Wanted) -> Sequence[Originals]:
    holds = containing(wanted.text) if wanted.text is not None else None
    return [each async for each in holding(log, holds or (lambda found: found.event_id in wanted.events))]


async def _record(main: Store, log: EventLog, decisions: Sequence[Decision]) -> None:
    """Append the erasure to the log, as the machine's own account."""
    now = datetime.now(UTC)
    account = await Accounts(main).account("local", "erasure", "erasure", new_id("acc"), now)
    sender = Sender(account.id, Authority(admin=True))
    outcomes = await Intake(log, pending_max=2**62).accept(sender, [decision_event(each, now) for each in decisions])
    for outcome in outcomes:
        if isinstance(outcome, NexusError):
            raise outcome


def _show(found: Sequence[Originals]) -> None:
    for each in found[:_SHOWN_MOST]:
        typer.echo(f"{each.event_id}  {len(each.texts)} texts, of {each.principal}")
    if len(found) > _SHOWN_MOST:
        typer.echo(f"and {len(found) - _SHOWN_MOST} more events")
