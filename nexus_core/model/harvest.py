"""Where a harvest ended: what the next one of the same source and scope starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HarvestState:
    """Fingerprints of the objects last seen, by name, and the connector's own watermark of the query log."""

    watermark: str | None = None
    fingerprints: Mapping[str, str] = field(default_factory=dict)
