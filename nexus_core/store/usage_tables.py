"""Who read what how often, as harvested query logs and the masking proxy's records tell.

A row says that an account read a field ("" for the dataset as such) on a day, by the statement that is one unit, or
through the proxy within an hour. The rows of a unit follow from its events or records, so that a repetition or a replay
writes the same ones. Keys are 32 hex digits, days count from 1970-01-01.
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

usage_told = Table(
    "usage_told",
    metadata,
    Column("teller", String, primary_key=True),
    Column("until", BigInteger, nullable=False),  # hours since 1970-01-01 00:00 UTC
)
"""Before which hour the reads were counted of who tells them by no events: the masking proxy."""
