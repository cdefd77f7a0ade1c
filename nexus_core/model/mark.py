"""What our own reading proved of an output, beside the edges of a version: marks, which no graph shows.

A mark is an edge of the kind MARK without a source; its subtype tells what is proven of the target's field.
"""

from __future__ import annotations

from nexus_core.model.edge import Edge, EdgeKind
from nexus_core.model.names import DatasetName

KNOWN = "KNOWN"
"""Every source of the field is among the edges; of the field "": of every field that is written."""

HASH = "HASH"
"""The field is nothing but a hash of its sources."""

AGGREGATE = "AGGREGATE"
"""The field is a count, sum or average over at least as many rows as the mark's expression says."""


def mark(output: DatasetName, field: str, proven: str, detail: str = "") -> Edge:
    """Give a mark."""
    return Edge(EdgeKind.MARK, proven, "", "", "", output.namespace, output.name, field, detail)
