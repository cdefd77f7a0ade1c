"""`nexus connectors`: which kinds of source can be harvested."""

from __future__ import annotations

import typer

from nexus_core.cli.app import app


@app.command()
def connectors() -> None:
    """List the kinds of source, how their URLs look, and what keeps any of them from working."""
    from nexus_core.connectors import installed

    for each in installed():
        example = each.connector.url_example if each.connector else ""
        typer.echo(f"{each.kind:<12} {'ready' if each.problem is None else each.problem:<8} {example}".rstrip())
