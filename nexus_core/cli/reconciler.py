"""`nexus reconciler`: keep what people see of sources what policies say."""

from __future__ import annotations

from nexus_core.cli.app import app
from nexus_core.cli.serving import until_signal


@app.command()
def reconciler() -> None:
    """Put profiles into the sources of the masking proxy until stopped; the only process with rights to do so."""
    from nexus_core.masking.reconciler import run_reconciler

    until_signal(run_reconciler)
