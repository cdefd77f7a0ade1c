"""`nexus signer`: take audit records into the tree and sign checkpoints."""

from __future__ import annotations

from nexus_core.cli.app import app
from nexus_core.cli.serving import until_signal


@app.command()
def signer() -> None:
    """Sign the audit log until stopped; the only process that needs its key."""
    from nexus_core.governance.audit_opening import run_signer

    until_signal(run_signer)
