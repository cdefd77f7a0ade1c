"""The Typer application that every command module adds itself to."""

from __future__ import annotations

import typer

# Plain help: rich would more than double the time that it takes.
app = typer.Typer(
    name="nexus",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Data lineage and governance.",
)

lineage = typer.Typer(no_args_is_help=True, help="Ask for lineage, of SQL texts or of what is stored.")
app.add_typer(lineage, name="lineage")

proxy = typer.Typer(no_args_is_help=True, help="The masking proxy: serve, and prepare the sources that it serves.")
app.add_typer(proxy, name="proxy")
