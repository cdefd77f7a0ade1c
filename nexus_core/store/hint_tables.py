"""Which fields may hold personal data, as harvests propose: of each dataset what its last description says."""

from __future__ import annotations

from sqlalchemy import Column, Index, SmallInteger, String, Table, Text

from nexus_core.store.metadata import metadata

hint = Table(
    "hint",
    metadata,
    Column("dataset_key", String, primary_key=True),
    Column("field", String, primary_key=True),
    Column("namespace", String, nullable=False),
    Column("name", String, nullable=False),
    Column("data", String, nullable=False),  # model.personal.PersonalData
    Column("score", SmallInteger, nullable=False),  # 0 to 100
    Column("reason", Text, nullable=False),
    Column("event_id", String, nullable=False),
    Index("ix_hint_score", "score", "dataset_key", "field"),
)
