"""SQL lineage: a text with its dialect, schema and defaults, to where each output column comes from (docs/sql.md)."""

from __future__ import annotations

from nexus_core.sql.ddl import schema_of
from nexus_core.sql.engine import DERIVATION_VERSION, derive, references
from nexus_core.sql.process import ParsePool

__all__ = ["DERIVATION_VERSION", "ParsePool", "derive", "references", "schema_of"]
