"""`nexus up`: everything on this machine, in one command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nexus_core.cli.app import app


@app.command()
def up(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port of the API and the web UI.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder of everything that is kept.")] = None,
) -> None:
    """Run the API, the worker, the web UI and Neo4j, until Ctrl-C."""
    from nexus_core.cli.installation import Installation
    from nexus_core.settings import Settings

    given = {"data_dir": data} if data else {}
    settings = Settings.load(**given, **({"api": {"port": port}} if port else {}))
    Installation(settings).run()
