"""What events decide about how far back history is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nexus_core.model.retention import FORGET, RETENTION, horizon_of
from nexus_core.store.ledger_rows import HorizonRow
from nexus_core.worker.said import Said


def horizons(events: Iterable[Said]) -> Iterator[HorizonRow]:
    """Give the horizons that a round's events decide; a decision that names none, or one too near, has no effect."""
    for said in events:
        if said.decision is None or (said.decision.kind, said.decision.action) != (RETENTION, FORGET):
            continue
        if (found := horizon_of(said.decision.details, said.accepted_at)) is not None:
            yield HorizonRow(said.event_id, *found, said.accepted_at)
