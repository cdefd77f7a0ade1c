"""`nexus harvest URL`: read a source and send what it holds, without Airflow."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

import typer

from nexus_core.cli.api_token import Api, TokenFile, api_token
from nexus_core.cli.app import app
from nexus_core.cli.dry_run import dry_run as tell_dry_run
from nexus_core.errors import PasswordNeededError

if TYPE_CHECKING:
    from nexus_core.connectors import Connector
    from nexus_core.connectors.report import Tally
    from nexus_core.harvest import HarvestReport, HarvestState

_API = "http://127.0.0.1:8000"


@app.command()
def harvest(
    url: Annotated[
        str, typer.Argument(help="URL, such as postgresql://user@host/database, or kind (`nexus connectors`).")
    ],
    schema: Annotated[list[str] | None, typer.Option(help="Only this schema; may be given several times.")] = None,
    api: Api = _API,
    token_file: TokenFile = None,
    full: Annotated[bool, typer.Option(help="Send unchanged objects again, too.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Tell what would be read and which rights are missing.")] = False,
    print_events: Annotated[bool, typer.Option("--print", help="Print the events and send nothing.")] = False,
) -> None:
    """Read a source; a password is asked for, or read from the driver's own variables (PGPASSWORD, PGPASSFILE)."""
    connector = _connect(url, tuple(schema or ()))
    if dry_run or print_events:
        tell_dry_run(connector) if dry_run else _print(connector)
        return
    from nexus_core.client import NexusClient

    with NexusClient(api, api_token(token_file)) as client:
        state = None if full else client.harvest_state(connector.namespace, connector.scope)
        report = _run(connector, client.emit, state)
    _tell(report, api)


def _connect(url: str, schemas: tuple[str, ...]) -> Connector:
    """Make the connector; asks for a password on a terminal if the source wants one that nobody gave."""
    from nexus_core.connectors import open_connector

    if sys.stdin.isatty():
        try:
            next(open_connector(url, schemas=schemas).datasets(), None)
        except PasswordNeededError as error:
            password = typer.prompt(f"Password for {error.source}", hide_input=True, err=True)
            return open_connector(url, schemas=schemas, password=password)
    return open_connector(url, schemas=schemas)


def _print(connector: Connector) -> None:
    import orjson

    from nexus_core.harvest import harvest as run

    def write(events: Sequence[dict[str, Any]]) -> None:
        for event in events:
            sys.stdout.write(f"{orjson.dumps(event).decode()}\n")

    run(connector, write, hints=True)


def _run(connector: Connector, emit: Any, state: HarvestState | None) -> HarvestReport:
    """Harvest with one line that counts, where there is a terminal."""
    from rich.console import Console

    from nexus_core.harvest import harvest as run

    with Console(stderr=True).status(f"Harvesting {connector.namespace} …") as status:

        def counting(events: Sequence[dict[str, Any]]) -> None:
            emit(events)
            read = ", ".join(f"{count} {kind.lower()}" for kind, count in sorted(connector.report.read.items()))
            status.update(f"Harvesting {connector.namespace}: {read}")

        return run(connector, counting, state=state, hints=True)


def _tell(report: HarvestReport, api: str) -> None:
    seconds = (report.ended_at - report.started_at).total_seconds()
    read = ", ".join(f"{count} {kind.lower()}" for kind, count in sorted(report.counts.items())) or "nothing"
    typer.echo(f"Read {read} in {seconds:.1f} s; sent {report.sent_count} events, {report.unchanged_count} unchanged.")
    for outcome in ("skipped", "denied", "failed"):
        tally: Tally = getattr(report, outcome)
        if tally.count:
            typer.echo(f"{outcome}: {tally.count}")
        for sample in tally.samples[:5] if outcome != "skipped" else ():
            typer.echo(f"  {sample}")
    query = urlencode({"platform": report.source.partition(":")[0]})
    typer.echo(f"{api.rstrip('/')}/catalogue?{query}")
