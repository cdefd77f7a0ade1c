"""`nexus doctor`: what this machine has and lacks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from nexus_core.cli.app import app


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array, for programs.")] = False,
    data: Annotated[Path | None, typer.Option(help="Folder of everything that is kept.")] = None,
) -> None:
    """Look at Python, settings, memory, disk, port, Java, Neo4j, store, Kafka, spool and connectors; 1 if one fails."""
    from dataclasses import asdict

    from nexus_core.cli.checks import Level, examine

    findings = []
    for finding in examine(data):
        findings.append(finding)
        if not as_json:
            advice = f". {finding.advice}." if finding.advice else ""
            typer.echo(f"{finding.level:4}  {finding.subject}: {finding.seen}{advice}")
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=1))
    raise typer.Exit(any(finding.level is Level.FAIL for finding in findings))
