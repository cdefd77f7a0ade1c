"""`nexus proxy onboard|offboard|status|release|reconcile`: the sources that the masking proxy serves."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nexus_core.cli.app import proxy

if TYPE_CHECKING:
    from nexus_core.masking.auditing import Problem
    from nexus_core.masking.sources import Source

_Name = Annotated[str, typer.Argument(metavar="SOURCE", help="The source's name in the settings.")]
_Apply = Annotated[bool, typer.Option("--apply", help="Run the statements instead of printing them.")]
_AdminUrl = Annotated[
    str | None,
    typer.Option(help="URL of a superuser of the source; its password by PGPASSWORD or PGPASSFILE."),
]
_Seconds = Annotated[float, typer.Option(help="Seconds to wait for the reconciler.")]


@proxy.command()
def onboard(source: _Name, apply: _Apply = False, admin_url: _AdminUrl = None) -> None:
    """Print or run what lets a source be served, and tell what stands against it; ends with 1 if something does."""
    problems = asyncio.run(_onboard(source, admin_url, apply))
    for line in problem_lines(problems):
        typer.echo(line)
    if problems:
        raise typer.Exit(1)


@proxy.command()
def offboard(source: _Name, apply: _Apply = False, admin_url: _AdminUrl = None) -> None:
    """Print or run what removes every trace from a source; stop its reconciler first."""
    asyncio.run(_offboard(source, admin_url, apply))


@proxy.command()
def status(source: _Name) -> None:
    """Tell whether a source is served, by which profiles, and what is left out and why; ends with 1 if it is not."""
    found = asyncio.run(_status(source))
    for line in status_lines(found):
        typer.echo(line)
    if found["problems"] or not found["is_live"]:
        raise typer.Exit(1)


@proxy.command()
def release(
    source: _Name,
    table: Annotated[list[str] | None, typer.Argument(metavar="[TABLE]…", help="SCHEMA.TABLE; none: all.")] = None,
    minutes: Annotated[float, typer.Option(min=0.1, max=1440, help="Minutes after which they are taken back.")] = 15,
    wait: _Seconds = 60,
) -> None:
    """Let views go of tables, so that a migration can alter them; returns once nothing of ours depends on them."""
    until = asyncio.run(_release(source, table or [], timedelta(minutes=minutes), wait))
    typer.echo(f"Released until {until:%H:%M:%S} UTC; `nexus proxy reconcile {source}` takes back earlier.")


@proxy.command()
def reconcile(source: _Name, wait: _Seconds = 60) -> None:
    """Take back what was released, and return once the source is served as it is now; ends with 1 if it is not."""
    problems = asyncio.run(_reconcile(source, wait))
    for line in problem_lines(problems):
        typer.echo(line)
    if problems:
        raise typer.Exit(1)
    typer.echo(f"{source} is reconciled.")


def problem_lines(problems: Sequence[Problem]) -> Iterator[str]:
    """Write what stands against serving a source, with the statements that end it."""
    for each in problems:
        yield f"-- not served: {each.what}"
        if each.statement:
            yield each.statement


def status_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Write the state of a source."""
    served = "served" if found["is_live"] and not found["problems"] else "not served"
    checked = f"{found['checked_at']:%Y-%m-%d %H:%M:%S} UTC" if found["checked_at"] else "never"
    yield f"{found['source']}: {served}, generation {found['generation']}, last reconciled {checked}"
    for what, statement in found["problems"]:
        yield f"  problem: {what}"
        if statement:
            yield f"    {statement}"
    for profile_id, count, relations in found["profiles"]:
        yield f"  profile {profile_id}: {relations} relations, {count} kinds of people"
    for relation, until in found["released"]:
        yield f"  released until {until:%H:%M:%S} UTC: {relation}"
    for relation, why in found["absent"].items():
        yield f"  absent: {relation}: {why}"


async def _onboard(named: str, admin_url: str | None, apply: bool) -> Sequence[Problem]:
    from nexus_core.cli.local_audit import here, local_audit
    from nexus_core.masking.acts import onboarded
    from nexus_core.masking.auditing import audit
    from nexus_core.masking.onboarding import onboarding
    from nexus_core.masking.sources import connected, source_of
    from nexus_core.settings import Settings

    settings = Settings.load()
    source = source_of(settings, named)
    async with connected(source, _admin(source, admin_url)) as admin:
        statements = await onboarding(admin, source.name, source.role, source.password())
        if apply:
            async with local_audit(settings) as log, log.acting(None, here(onboarded(named))):
                await _run(admin, statements)
        else:
            _print(statements)
        return await audit(admin, [])


async def _offboard(named: str, admin_url: str | None, apply: bool) -> None:
    from nexus_core.cli.local_audit import here, local_audit
    from nexus_core.masking.acts import offboarded
    from nexus_core.masking.onboarding import offboarding
    from nexus_core.masking.sources import connected, source_of
    from nexus_core.settings import Settings
    from nexus_core.store.masking import forget_source

    settings = Settings.load()
    source = source_of(settings, named)
    async with connected(source, _admin(source, admin_url)) as admin:
        statements = await offboarding(admin, source.name, source.role)
        if not apply:
            _print(statements)
            return
        async with local_audit(settings) as log, log.acting(None, here(offboarded(named))):
            await _run(admin, statements)
            await forget_source(log.store, named)


async def _status(named: str) -> dict[str, Any]:
    from nexus_core.cli.local_audit import local_audit
    from nexus_core.masking.sources import source_of
    from nexus_core.masking.telling import status_of
    from nexus_core.settings import Settings

    settings = Settings.load()
    source_of(settings, named)
    async with local_audit(settings) as log:
        return await status_of(log.store, named)


async def _release(named: str, tables: Sequence[str], lasting: timedelta, wait: float) -> datetime:
    from nexus_core.cli.local_audit import here, local_audit
    from nexus_core.masking import acts, releasing
    from nexus_core.settings import Settings

    relations = [releasing.relation_named(each) for each in tables]
    async with local_audit(Settings.load()) as log:
        act = acts.released(named, map(".".join, relations), datetime.now().astimezone() + lasting)
        async with log.acting(None, here(act)):
            until = await releasing.release(log.store, named, relations, lasting)
        await releasing.wait_released(log.store, named, wait)
    return until


async def _reconcile(named: str, wait: float) -> Sequence[Problem]:
    import orjson

    from nexus_core.cli.local_audit import here, local_audit
    from nexus_core.masking import acts, releasing
    from nexus_core.masking.auditing import Problem
    from nexus_core.settings import Settings

    async with local_audit(Settings.load()) as log:
        async with log.acting(None, here(acts.reconciled(named))):
            await releasing.reclaim(log.store, named)
        state = await releasing.wait_reconciled(log.store, named, wait)
    return [Problem(*each) for each in orjson.loads(state.problems)]


def _admin(source: Source, given: str | None) -> str:
    """Give the URL of who prepares the source: `postgres` on its server, unless another is given."""
    from urllib.parse import quote

    shown = f"[{source.host}]" if ":" in source.host else source.host
    return given or f"postgresql://postgres@{shown}:{source.port}/{quote(source.database)}"


async def _run(admin: Any, statements: Sequence[str]) -> None:
    async with admin.transaction():
        for each in statements:
            await admin.execute(each)
    typer.echo(f"{len(statements)} statements were run.")


def _print(statements: Sequence[str]) -> None:
    for each in statements:
        typer.echo(f"{each};")
