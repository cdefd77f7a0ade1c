"""`nexus hold`: keep data from erasure and pruning while a case needs it."""

from __future__ import annotations

import asyncio
import getpass
from typing import Annotated

import typer

from nexus_core.cli.app import app

hold = typer.Typer(no_args_is_help=True, help="Legal holds: place, end, list.")
app.add_typer(hold, name="hold")


@hold.command()
def place(
    reason: Annotated[str, typer.Option(help="Why; kept in the audit log.")],
    account: Annotated[
        str | None, typer.Option(help="Id of the account whose data is held; absent: everything.")
    ] = None,
) -> None:
    """Hold an account's data, or everything: it is neither erased nor pruned until the hold ends."""
    from nexus_core.cli.local_audit import local_audit
    from nexus_core.governance.holds import Holder, place_hold
    from nexus_core.settings import Settings

    async def run() -> str:
        async with local_audit(Settings.load()) as log:
            return (await place_hold(log, reason, account, Holder(user=getpass.getuser()))).id

    typer.echo(asyncio.run(run()))


@hold.command()
def end(
    hold_id: Annotated[str, typer.Argument(help="Id of the hold.")],
    reason: Annotated[str, typer.Option(help="Why; kept in the audit log.")] = "",
) -> None:
    """End a hold."""
    from nexus_core.cli.local_audit import local_audit
    from nexus_core.governance.holds import Holder, end_hold
    from nexus_core.settings import Settings

    async def run() -> None:
        async with local_audit(Settings.load()) as log:
            await end_hold(log, hold_id, reason, Holder(user=getpass.getuser()))

    asyncio.run(run())


@hold.command("list")
def list_() -> None:
    """List all holds that were ever placed."""
    from nexus_core.settings import Settings
    from nexus_core.store.database import open_store
    from nexus_core.store.holds import Hold, holds

    async def run() -> list[Hold]:
        store = open_store(Settings.load().store_url)
        try:
            return await holds(store)
        finally:
            await store.dispose()

    for each in asyncio.run(run()):
        ended = f"ended {each.ended_at:%Y-%m-%d}" if each.ended_at else "open"
        typer.echo(f"{each.id}  {each.placed_at:%Y-%m-%d}  {ended}  {each.account_id or 'everything'}  {each.reason}")
