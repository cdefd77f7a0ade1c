"""Table of what scopes ask of datasets beside their names: one row for each of which anything is told."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table

from nexus_core.store.metadata import metadata

dataset_access = Table(
    "dataset_access",
    metadata,
    Column("dataset_key", String, primary_key=True),
    Column("namespace", String, nullable=False),
    Column("name", String, nullable=False),
    Column("domain", String, index=True),  # null: unknown, and hidden from who is limited to domains
    Column("class_name", String, index=True),  # the highest class; null as above
    Column("generation", BigInteger, nullable=False),
)
