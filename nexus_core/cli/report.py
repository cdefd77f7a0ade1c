"""`nexus report KIND`: reports for compliance and stewards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from nexus_core.cli.api_token import LOCAL_API, Api, TokenFile, api_token
from nexus_core.cli.app import app


@app.command()
def report(
    kind: Annotated[
        Literal["article-30", "subject", "exposure", "catalogue", "adherence", "quality"],
        typer.Argument(help="Which report."),
    ],
    out: Annotated[Path, typer.Option(help="File to write; its ending is the form: .pdf, .csv or .json.")],
    identifier: Annotated[str | None, typer.Option(help="Of a subject report: the kind, such as email.")] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Of an exposure report: the last days.")] = 90,
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Write a report for compliance or stewards: docs/reports.md tells what each one has."""
    from nexus_core.client import NexusClient

    form = out.suffix.removeprefix(".")
    if form not in ("pdf", "csv", "json"):
        raise typer.BadParameter("a report is a .pdf, .csv or .json file", param_hint="--out")
    with NexusClient(api, api_token(token_file)) as client:
        out.write_bytes(client.report(kind, form, identifier, days))
    typer.echo(str(out))
