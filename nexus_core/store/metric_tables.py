"""Figures of the catalogue over time, in the main store: they outlive every projection."""

from __future__ import annotations

from sqlalchemy import Column, Float, String, Table

from nexus_core.store.metadata import UtcDateTime, metadata

metric_sample = Table(
    "metric_sample",
    metadata,
    Column("at", UtcDateTime, primary_key=True),  # the beginning of the hour
    Column("metric", String, primary_key=True),
    Column("namespace", String, primary_key=True),
    Column("value", Float, nullable=False),
)
