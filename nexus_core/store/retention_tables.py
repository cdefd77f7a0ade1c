"""The table of what is decided about how far back history is kept, in each projection's ledger."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table

from nexus_core.store.metadata import metadata

retention_decision = Table(
    "retention_decision",
    metadata,
    Column("event_id", String, primary_key=True),
    Column("valid_from", BigInteger, nullable=False),
    Column("known_from", BigInteger, nullable=False),
    Column("accepted_at", BigInteger, nullable=False),
)
"""One row a decision; the greatest of each column holds. Times are microseconds since 1970."""
