"""`nexus settings`: every variable, its meaning, and what holds now."""

from __future__ import annotations

import os
from typing import Any

import typer

from nexus_core.cli.app import app


@app.command()
def settings() -> None:
    """List every NEXUS_ variable with its meaning and default; `*` marks those that are set."""
    from nexus_core.settings import known_variables

    for name, (meaning, default) in known_variables().items():
        typer.echo(f"{'*' if name in os.environ else ' '} {name}\n      {meaning} Default: {_shown(default)}")


def _shown(default: Any) -> str:
    return "none" if default is None or default == () else str(default)
