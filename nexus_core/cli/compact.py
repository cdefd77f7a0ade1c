"""`nexus compact`: forget history that is older than the policy keeps."""

from __future__ import annotations

from typing import Annotated

import typer

from nexus_core.cli.app import app


@app.command()
def compact(
    apply: Annotated[bool, typer.Option("--apply", help="Do it; else only what would go is shown.")] = False,
    history_days: Annotated[
        int | None, typer.Option(min=1, help="Days of history to keep; absent: NEXUS_RETENTION__HISTORY_DAYS.")
    ] = None,
    belief_days: Annotated[
        int | None, typer.Option(min=1, help="Days of former beliefs to keep; absent: NEXUS_RETENTION__BELIEF_DAYS.")
    ] = None,
) -> None:
    """Forget what held, and what was believed, before a moment; what is asked of later times stays the same.

    The moment is a decision in the log. May be stopped at any time; the next `nexus compact --apply` goes on.
    """
    import asyncio

    from nexus_core import telemetry
    from nexus_core.cli.compacting import policy_of, run_compact
    from nexus_core.settings import Settings

    settings = Settings.load()
    telemetry.configure("WARNING")
    policy = policy_of(settings.retention, history_days, belief_days)
    asyncio.run(run_compact(settings, policy, apply=apply))
