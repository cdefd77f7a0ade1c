"""What accounts want to be told of, in the main store."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, String, Table, Text, UniqueConstraint

from nexus_core.store.metadata import UtcDateTime, metadata

subscription = Table(
    "subscription",
    metadata,
    Column("id", String, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("namespace", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("upstream", Boolean, nullable=False),  # whether what it comes from counts, too
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("account_id", "namespace", "name"),
)
