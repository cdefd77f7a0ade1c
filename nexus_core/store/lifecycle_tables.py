"""Tables of ends and returns: what harvests listed, what was decided, and what follows (docs/lineage.md).

`harvest_run`, `harvest_chunk`, `harvest_verdict`, `harvest_guard` and `lifecycle_statement` are facts, one each, in any
order; the others follow from them. Times are microseconds since 1970, keys are 32 hex digits.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, String, Table

from nexus_core.store.metadata import metadata

harvest_run = Table(
    "harvest_run",
    metadata,
    Column("event_id", String, primary_key=True),  # of its COMPLETE
    Column("run_key", String, nullable=False, index=True),
    Column("source", String, nullable=False),  # as written
    Column("scope", String, nullable=False),
    Column("completed_at", BigInteger, nullable=False),
    Column("accepted_at", BigInteger, nullable=False),
    Column("watermark", String),
    Column("chunk_count", Integer, nullable=False),
    Column("digest", String),
    Column("partial", Boolean, nullable=False),
)

harvest_chunk = Table(
    "harvest_chunk",
    metadata,
    Column("event_id", String, primary_key=True),
    Column("run_key", String, nullable=False, index=True),
    Column("chunk", Integer, nullable=False),
    Column("valid_at", BigInteger, nullable=False),
    Column("accepted_at", BigInteger, nullable=False),
    Column("objects", LargeBinary, nullable=False),  # [[namespace, name, fingerprint | null], …]
)

harvest_manifest = Table(
    "harvest_manifest",
    metadata,
    Column("run_key", String, primary_key=True),  # of a harvest that has all its chunks
    Column("event_id", String, nullable=False),
    Column("source", String, nullable=False),  # canonical
    Column("scope", String, nullable=False),
    Column("valid_at", BigInteger, nullable=False),
    Column("known_at", BigInteger, nullable=False),
    Column("names_key", String, nullable=False),  # content: [[namespace, name], …] as written, sorted
    Column("partial", Boolean, nullable=False),
    Index("ix_harvest_manifest_source", "source", "valid_at"),
)

harvest_verdict = Table(
    "harvest_verdict",
    metadata,
    Column("event_id", String, primary_key=True),
    Column("source", String, nullable=False, index=True),
    Column("accepted_at", BigInteger, nullable=False),
    Column("action", String, nullable=False),
    Column("harvest_id", String, nullable=False),
    Column("objects", LargeBinary, nullable=False),  # [[namespace, name], …] canonical
)

harvest_guard = Table(
    "harvest_guard",
    metadata,
    Column("event_id", String, primary_key=True),
    Column("source", String, nullable=False, index=True),
    Column("valid_at", BigInteger, nullable=False),
    Column("accepted_at", BigInteger, nullable=False),
    Column("share", Float, nullable=False),
    Column("least", Integer, nullable=False),
)

harvest_finding = Table(
    "harvest_finding",
    metadata,
    Column("subject_key", String, primary_key=True),
    Column("event_id", String, primary_key=True),
    Column("valid_at", BigInteger, primary_key=True),
    Column("exists", Boolean, primary_key=True),
    Column("since", BigInteger, primary_key=True),
    Column("until", BigInteger, nullable=False),
    Column("source", String, nullable=False, index=True),
)

harvest_retirement = Table(
    "harvest_retirement",
    metadata,
    Column("harvest_id", String, primary_key=True),  # event id of the harvest's COMPLETE
    Column("source", String, nullable=False, index=True),
    Column("scope", String, nullable=False),
    Column("valid_at", BigInteger, nullable=False),
    Column("known_at", BigInteger, nullable=False),
    Column("covered_count", Integer, nullable=False),
    Column("share", Float, nullable=False),
    Column("least", Integer, nullable=False),
    Column("held_count", Integer, nullable=False),
    Column("ended_count", Integer, nullable=False),
    Column("undone_count", Integer, nullable=False),
    Column("objects", LargeBinary, nullable=False),  # [[namespace, name, state], …]
    Index("ix_harvest_retirement_valid", "valid_at"),
)

unharvested = Table(
    "unharvested",
    metadata,
    Column("subject_key", String, primary_key=True),
    Column("source", String, primary_key=True, index=True),
    Column("valid_at", BigInteger, nullable=False),
    Column("event_id", String, nullable=False),
)

lifecycle_statement = Table(
    "lifecycle_statement",
    metadata,
    Column("subject_key", String, primary_key=True),
    Column("event_id", String, primary_key=True),
    Column("action", String, primary_key=True),  # gone, there, undo
    Column("source", String, nullable=False),  # canonical namespace
    Column("name", String, nullable=False),
    Column("kind", String, nullable=False),  # dataset, job, output
    Column("valid_at", BigInteger, nullable=False),
    Column("accepted_at", BigInteger, nullable=False),
    Column("teller", String, nullable=False),  # curator, harvest, producer
    Column("undoes", String, nullable=False),  # event id, or ""
    Column("job_namespace", String),  # of kind output: of whose output
    Column("job_name", String),
    Index("ix_lifecycle_statement_source", "source", "action"),
)

harvest_forgotten = Table(
    "harvest_forgotten",
    metadata,
    Column("source", String, primary_key=True),  # as written
    Column("before", BigInteger, nullable=False),  # accepted until then
)
"""Which harvests the next one of a source does not build upon: that changes what is read, never what is believed."""
