"""Our own engine as one of the peers."""

from __future__ import annotations

from benchmarks.sql.peers.loop import Line, serve
from nexus_core.sql import DERIVATION_VERSION, derive
from nexus_core.sql.child import collect_rarely
from nexus_core.sql.codec import answer, request_from


def answered(request: Line) -> Line:
    """Derive without any cache."""
    return answer(request["id"], derive(request_from(request)))


if __name__ == "__main__":
    collect_rarely()  # as `nexus lineage sql --jsonl` and the worker's children do
    serve("LineageNexus", DERIVATION_VERSION.partition("/")[0], answered)
