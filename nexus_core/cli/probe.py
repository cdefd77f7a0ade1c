"""`nexus probe`: whether the process beside it lives, for health checks of containers."""

from __future__ import annotations

from typing import Annotated

import typer

from nexus_core.cli.app import app

_SECONDS = 6.0  # `/health/ready` answers within five


@app.command()
def probe(
    ready: Annotated[bool, typer.Option(help="Ask whether the API can do its work, too.")] = False,
) -> None:
    """Ask the process with these settings on this machine whether it lives; ends with 1 if not."""
    import http.client

    from nexus_core.settings import Settings

    settings = Settings.load()
    port = settings.metrics.port or settings.api.port
    path = "/health/ready" if ready else "/health/live"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        said = answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        typer.echo(f"No answer at port {port}: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(said)
    raise typer.Exit(answer.status != http.client.OK)
