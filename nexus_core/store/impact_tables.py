"""Scenarios: sets of changes that somebody keeps, to ask for their impact again."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from nexus_core.store.metadata import UtcDateTime, metadata

impact_scenario = Table(
    "impact_scenario",
    metadata,
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),  # JSON: changes and depth, as POST /impact takes them
    Column("account_id", Text, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Index("ix_impact_scenario_changed_at", "changed_at", "id"),
)
