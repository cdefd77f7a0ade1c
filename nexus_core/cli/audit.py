"""`nexus audit`: verify the audit log, export it, show its key, erase a person from it, seal and prune what is old."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from nexus_core.cli.app import app

audit = typer.Typer(no_args_is_help=True, help="The audit log: verify, export, key, erase, seal, prune.")
app.add_typer(audit, name="audit")


@audit.command()
def verify(
    trusted: Annotated[
        Path | None, typer.Option(help="File of a witness: checkpoints, and the keys that may sign them.")
    ] = None,
    export: Annotated[Path | None, typer.Option(help="An export to check offline; absent: the store.")] = None,
    sealed: Annotated[Path | None, typer.Option(help="Folder of sealed files, to check these, too.")] = None,
    time_stamp_roots: Annotated[
        Path | None, typer.Option(help="Certificates (PEM) of an authority whose time stamps are checked, too.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON.")] = False,
) -> None:
    """Check every record; with a trusted checkpoint, any change of what it covers is found. Exit 1 if there is one."""
    from nexus_core.cli.audit_verdict import Held, told, verdict_json, verdict_of

    verdict = verdict_of(export, Held.read(trusted, sealed, time_stamp_roots))
    typer.echo(verdict_json(verdict) if as_json else told(verdict))
    if not verdict.ok:
        raise typer.Exit(1)


@audit.command("export")
def export_() -> None:
    """Write all that the newest checkpoint covers as JSON Lines, with the checkpoints."""
    from nexus_core.cli.local_audit import here, local_audit
    from nexus_core.governance.audit_export import export
    from nexus_core.model.audit import Act, Action
    from nexus_core.settings import Settings

    async def run() -> None:
        async with local_audit(Settings.load()) as log:
            await log.record(None, here(Act(Action.AUDIT_EXPORTED)))
            async for line in export(log.store):
                sys.stdout.buffer.write(line)

    asyncio.run(run())


@audit.command()
def key() -> None:
    """Print the public key, as a verifier keeps it: a line of the file that `verify --trusted` takes."""
    from nexus_core.governance.audit_opening import signing_key
    from nexus_core.settings import Settings

    typer.echo(f"key {signing_key(Settings.load()).verifier}")


@audit.command()
def erase(
    account_id: Annotated[str, typer.Argument(help="The account whose personal data goes.")],
    sealed: Annotated[Path | None, typer.Option(help="Folder of sealed files, to erase beside these, too.")] = None,
) -> None:
    """Erase the personal fields of all that an account did; what was recorded is still proven."""
    from nexus_core.cli.local_audit import local_audit
    from nexus_core.governance.audit_sealing import erase_everywhere
    from nexus_core.settings import Settings

    async def run() -> int:
        async with local_audit(Settings.load()) as log:
            return await erase_everywhere(log, account_id, sealed)

    typer.echo(f"Erased {asyncio.run(run())} fields.")


@audit.command()
def seal(
    folder: Annotated[Path, typer.Argument(help="Where the sealed files lie.")],
    days: Annotated[int, typer.Option(min=1, help="Records that are older than so many days.")],
) -> None:
    """Write old records to a file whose digest the log names; they stay in the store until `nexus audit prune`."""
    from nexus_core.cli.local_audit import sealing
    from nexus_core.settings import Settings

    async def run() -> str:
        async with sealing(Settings.load(), folder) as made:
            found = await made.seal(datetime.now(UTC) - timedelta(days=days))
        return f"Sealed the records {found.first} to {found.size - 1}: {found.file}" if found else "Nothing to seal."

    typer.echo(asyncio.run(run()))


@audit.command()
def prune(folder: Annotated[Path, typer.Argument(help="Where the sealed files lie.")]) -> None:
    """Take sealed records out of the store, once a checkpoint covers that they are sealed; not during a legal hold."""
    from nexus_core.cli.local_audit import sealing
    from nexus_core.settings import Settings

    async def run() -> int:
        async with sealing(Settings.load(), folder) as made:
            return await made.prune()

    typer.echo(f"Took {asyncio.run(run())} records out of the store.")
