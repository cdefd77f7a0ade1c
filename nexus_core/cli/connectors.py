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
        state = "ready" if each.problem is None else "broken" if each.connector is None else "missing"
        foreign = f"({each.package})" if each.package and not each.package.startswith("lineage-nexus ") else ""
        typer.echo(f"{each.kind:<12} {state:<8} {example} {foreign}".rstrip())
        for line in (each.problem or "").splitlines():
            typer.echo(f"{'':<12} {line}")
