"""Who read what how often, as harvested query logs tell.

A row says that an account read a field ("" for the dataset as such) on a day, by the statement that is one unit. The
rows of a unit follow from its events, so that a repetition or a replay writes the same ones. Keys are 32 hex digits,
days count from 1970-01-01.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table

from nexus_core.store.metadata import metadata

usage = Table(
    "usage",
    metadata,
    Column("unit_key", String, primary_key=True),
    Column("dataset_key", String, primary_key=True),
    Column("field", String, primary_key=True),
    Column("account", String, primary_key=True),  # "" where the source does not tell it
    Column("day", Integer, nullable=False, index=True),
    Column("read_count", BigInteger, nullable=False),
    Index("ix_usage_dataset", "dataset_key", "day"),
)
