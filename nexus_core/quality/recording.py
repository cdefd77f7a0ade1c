"""Takes what merged events tell of quality into the store, in any order with one result."""

from __future__ import annotations

from collections.abc import Sequence

from nexus_core.events.quality import Quality, read_quality
from nexus_core.model.envelope import Envelope
from nexus_core.model.quality import Finding
from nexus_core.store.catalogue import Connection
from nexus_core.store.quality import save_quality


async def record_quality(connection: Connection, envelopes: Sequence[Envelope]) -> None:
    """Note what events found; part of the transaction that the connection is in."""
    told = Quality()
    for envelope in envelopes:
        found = read_quality(envelope)
        told.findings.extend(found.findings)
        told.figures.extend(found.figures)
    await save_quality(connection, sorted(told.findings, key=_key), sorted(told.figures))  # one order, no deadlock


def _key(finding: Finding) -> tuple[str, str]:
    return finding.check_key, finding.run_key
