"""Tables of curated metadata: every version of each facet, and events that wait for a log outside the store."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, SmallInteger, String, Table, Text

from nexus_core.store.metadata import UtcDateTime, metadata

curated_version = Table(
    "curated_version",
    metadata,
    Column("subject_key", String, primary_key=True),
    Column("field", String, primary_key=True),  # "" is the subject itself
    Column("facet", String, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("namespace", String, nullable=False),
    Column("name", String, nullable=False),
    Column("body", Text),  # JSON; null: taken back
    Column("source", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Index("ix_curated_version_kind", "kind", "name"),
)
"""One row a version; of each facet the highest one holds. Two edits of one version break the key, so none is lost."""

event_outbox = Table(
    "event_outbox",
    metadata,
    Column("id", Text, primary_key=True),
    Column("principal", Text, nullable=False),
    Column("authority", Text, nullable=False),
    Column("accepted_at", UtcDateTime, nullable=False),
    Column("valid_at", UtcDateTime, nullable=False),
    Column("kind", Text, nullable=False),
    Column("partition", SmallInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("sealed", LargeBinary),
)
"""Events of a transaction that Kafka has not acknowledged yet; empty where the log is in the store."""
