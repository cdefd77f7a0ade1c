"""The `nexus` command: one module a command; each import of a heavy layer happens when its command runs."""

from __future__ import annotations

import sys

import typer

from nexus_core.errors import NexusError

app = typer.Typer(
    name="nexus", no_args_is_help=True, pretty_exceptions_enable=False, help="Data lineage and governance."
)


def main() -> None:
    """Run the command; an explained failure ends with its sentence and status 1, never with a traceback."""
    try:
        app()
    except NexusError as error:
        print(f"nexus: {error}", file=sys.stderr)
        sys.exit(1)
