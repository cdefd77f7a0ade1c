"""Tables of the catalogue: what is known of datasets and jobs, and the rows that search reads."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text

from nexus_core.store.metadata import UtcDateTime, metadata

catalogue_dataset = Table(
    "catalogue_dataset",
    metadata,
    Column("dataset_key", String, primary_key=True),
    Column("namespace", String, nullable=False),
    Column("name", String, nullable=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("stamps", LargeBinary, nullable=False),  # {"class/facet": [valid time, event id, fingerprint]}
)

catalogue_job = Table(
    "catalogue_job",
    metadata,
    Column("job_key", String, primary_key=True),
    Column("namespace", String, nullable=False),
    Column("name", String, nullable=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("stamps", LargeBinary, nullable=False),
    Index("ix_catalogue_job_name", "namespace", "name"),
)

catalogue_facet = Table(
    "catalogue_facet",
    metadata,
    Column("owner_key", String, primary_key=True),
    Column("slot", String, primary_key=True),  # "class/facet", as in the stamps
    Column("body", LargeBinary, nullable=False),
)

catalogue_search = Table(
    "catalogue_search",
    metadata,
    Column("id", Integer, primary_key=True),  # the row of the full-text tables
    Column("dataset_key", String, nullable=False, unique=True),
    Column("namespace", String, nullable=False),
    Column("name", String, nullable=False),
    Column("sort_name", String, nullable=False),  # in lower case
    Column("leaf", String, nullable=False),  # the last part of the name, in lower case
    Column("platform", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("description", Text),
    Column("field_count", Integer, nullable=False),
    Column("fields", Text, nullable=False),  # JSON list of names
    Column("heat", Integer, nullable=False, server_default="0"),  # how much it is read: doublings of the reads
    Index("ix_catalogue_search_sort", "sort_name", "namespace", "id"),
)

catalogue_label = Table(
    "catalogue_label",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String, primary_key=True),  # one of catalogue_search._LABELS
    Column("value", String, primary_key=True),
    Index("ix_catalogue_label_value", "kind", "value"),
)

# Full-text tables, for which SQLAlchemy has no words: SQLite's `catalogue_fts` of words and `catalogue_infix` of
# trigrams of names (migration 0002), PostgreSQL's `catalogue_text` (migration 0005).
FULL_TEXT_TABLES = ("catalogue_fts", "catalogue_infix", "catalogue_text")
