"""`nexus erase`: destroy the keys of what redaction hides in events."""

from __future__ import annotations

from typing import Annotated

import typer

from nexus_core.cli.app import app


@app.command()
def erase(
    reason: Annotated[str, typer.Option(help="Why; kept in the audit log and in the event log.")],
    event: Annotated[list[str] | None, typer.Option(help="Id of an event; repeat it.")] = None,
    containing: Annotated[
        bool, typer.Option("--containing", help="Events that hold a text, which is asked for or read from stdin.")
    ] = False,
    month: Annotated[str | None, typer.Option(help="With --account: all events of a past month, 2026-10.")] = None,
    account: Annotated[str | None, typer.Option(help="Id of the account that sent them.")] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Do it; else only what would be erased is shown.")] = False,
) -> None:
    """Erase SQL literals, messages and other originals of events for good, in the log and in every copy of it.

    Their lineage stays, as does the redacted text. Run it where the store is.
    """
    import asyncio

    from nexus_core import telemetry
    from nexus_core.cli.erasing import Wanted, run_erase
    from nexus_core.settings import Settings

    if (month is None) != (account is None):
        raise typer.BadParameter("give --month and --account together")
    if sum((bool(event), containing, month is not None)) != 1:
        raise typer.BadParameter("give one of --event, --containing, and --month with --account")
    text = typer.prompt("The text", hide_input=True) if containing else None
    telemetry.configure("WARNING")
    wanted = Wanted(frozenset(event or ()), text, month, account, reason)
    asyncio.run(run_erase(Settings.load(), wanted, apply=apply))
