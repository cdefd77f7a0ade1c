"""Takes what merged events tell of quality into the store, in any order with one result."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from nexus_core.events.quality import Quality, read_quality
from nexus_core.model.envelope import Envelope
from nexus_core.model.quality import Finding
from nexus_core.store.ledger import Record
from nexus_core.store.quality import save_quality


def record_of(envelopes: Sequence[Envelope]) -> Record:
    """Read what events found, and give what notes it as part of a transaction."""
    told = Quality()
    for envelope in envelopes:
        found = read_quality(envelope)
        told.findings.extend(found.findings)
        told.figures.extend(found.figures)
    findings, figures = sorted(told.findings, key=_key), sorted(told.figures)  # one order, no deadlock
    return partial(save_quality, findings=findings, figures=figures)


def _key(finding: Finding) -> tuple[str, str]:
    return finding.check_key, finding.run_key
