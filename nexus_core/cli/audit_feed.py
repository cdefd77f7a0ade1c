"""`nexus audit feed`: hand the audit log's records on to a system that collects them (SIEM)."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nexus_core.cli.audit import audit

if TYPE_CHECKING:
    from nexus_core.governance.audit import Audit

_AT_ONCE = 1000


@audit.command()
def feed(
    state: Annotated[Path, typer.Option(help="File that remembers how far it came; it is made.")],
    every: Annotated[
        float | None, typer.Option(min=1, help="Go on, and look again after so many seconds; absent: once.")
    ] = None,
) -> None:
    """Write records that a checkpoint covers to the standard output, a JSON object a line, each at least once."""
    from nexus_core.cli.local_audit import local_audit
    from nexus_core.settings import Settings

    async def run() -> None:
        async with local_audit(Settings.load()) as log:
            while True:
                if await _some(log, state):
                    continue
                if every is None:
                    return
                await asyncio.sleep(every)

    asyncio.run(run())


async def _some(log: Audit, state: Path) -> bool:
    """Write what is new, a part of it; False if nothing was."""
    from nexus_core.cli.local_audit import here
    from nexus_core.files import write_whole
    from nexus_core.governance.audit_reading import feed_line, read_from
    from nexus_core.model.audit import Act, Action

    first = int(state.read_text()) if state.exists() else 0  # noqa: ASYNC240 nothing else waits
    seen = await read_from(log.store, first, _AT_ONCE)
    if seen:
        await log.record(None, here(Act(Action.AUDIT_EXPORTED, {"from": str(first)})))
        sys.stdout.buffer.writelines(map(feed_line, seen))
        sys.stdout.buffer.flush()
        write_whole(state, f"{first + len(seen)}\n")
    return bool(seen)
