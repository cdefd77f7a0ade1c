"""`nexus audit`: verify the audit log, export it, show its key, erase a person from it."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nexus_core.cli.app import app

if TYPE_CHECKING:
    from nexus_core.governance.audit_notes import Note, VerifierKey
    from nexus_core.governance.audit_verify import Verdict

audit = typer.Typer(no_args_is_help=True, help="The audit log: verify, export, key, erase.")
app.add_typer(audit, name="audit")


@audit.command()
def verify(
    trusted: Annotated[
        Path | None, typer.Option(help="File of a witness: checkpoints, and the keys that may sign them.")
    ] = None,
    export: Annotated[Path | None, typer.Option(help="An export to check offline; absent: the store.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON.")] = False,
) -> None:
    """Check every record; with a trusted checkpoint, any change of what it covers is found. Exit 1 if there is one."""
    keys, notes = _trusted(trusted)
    verdict = _of_export(export, notes, keys) if export else asyncio.run(_of_store(notes, keys))
    typer.echo(_json(verdict) if as_json else _told(verdict))
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
def erase(account_id: Annotated[str, typer.Argument(help="The account whose personal data goes.")]) -> None:
    """Erase the personal fields of all that an account did; what was recorded is still proven."""
    from nexus_core.cli.local_audit import local_audit
    from nexus_core.settings import Settings

    async def run() -> int:
        async with local_audit(Settings.load()) as log:
            return await log.erase(None, account_id)

    typer.echo(f"Erased {asyncio.run(run())} fields.")


def _trusted(file: Path | None) -> tuple[list[VerifierKey], list[Note]]:
    from nexus_core.errors import ConfigurationError
    from nexus_core.governance.audit_notes import read_trusted

    try:
        return read_trusted(file.read_text(encoding="utf-8")) if file else ([], [])
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}", "Give a witness's file") from error


def _of_export(export: Path, notes: list[Note], keys: list[VerifierKey]) -> Verdict:
    from nexus_core.errors import ConfigurationError
    from nexus_core.governance.audit_export import verify_export

    try:
        with export.open("rb") as lines:
            return verify_export(lines, notes, keys)
    except OSError as error:
        raise ConfigurationError(
            f"{export} cannot be read: {error.strerror}", "Make one: nexus audit export"
        ) from error


async def _of_store(notes: list[Note], keys: list[VerifierKey]) -> Verdict:
    from nexus_core.governance.audit_export import verify_store
    from nexus_core.settings import Settings
    from nexus_core.store.database import open_store

    store = open_store(Settings.load().store_url)
    try:
        return await verify_store(store, notes, keys)
    finally:
        await store.dispose()


def _json(verdict: Verdict) -> str:
    return json.dumps({name: getattr(verdict, name) for name in ("ok", *verdict.__slots__)})


def _told(verdict: Verdict) -> str:
    erased, unknown = f"{verdict.erased_count} personal fields erased", f"{verdict.unknown_count} unknown outcomes"
    lines = [f"{verdict.size} records, {erased}, {unknown}.", *verdict.problems]
    if verdict.problem_count > len(verdict.problems):
        lines.append(f"… and {verdict.problem_count - len(verdict.problems)} more.")
    if not verdict.ok:
        lines.append("The log was changed.")
    elif verdict.trusted_count:
        lines.append(
            f"The first {verdict.trusted_size} are proven unchanged by {verdict.trusted_count} trusted checkpoints."
        )
    else:
        lines.append("Internally consistent, completeness unproven: give --trusted a witness's checkpoints.")
    return "\n".join(lines)
