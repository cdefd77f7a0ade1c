"""Records of processing activities, each version of them."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text

from nexus_core.store.metadata import UtcDateTime, metadata

processing_activity = Table(
    "processing_activity",
    metadata,
    Column("id", String, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("body", Text),  # JSON; null: it was removed
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", Text, nullable=False),  # an account's id
)
