"""Tables of the ledger: what the worker has understood, from which the graph is projected (docs/lineage.md).

Raw rows (`event_index`, `facet_observation`, `existence`, `routine`, `unit`, `observation`) are facts, one each, in any
order. `dataset`, `job` and `evidence` hold what follows from them: change points as JSON, and `pending` where the graph
is yet to be told. A change point is `[at, value, event, since, until]` (`nexus_core.model.timeline`): from `at` on, as
was believed in [since, until). Times are microseconds since 1970, keys and fingerprints 32 hex digits.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, SmallInteger, String, Table

from nexus_core.store.metadata import metadata

event_index = Table(
    "event_index",
    metadata,
    Column("event_id", String, primary_key=True),
    Column("run_key", String, nullable=False, index=True),
    Column("unit_key", String, nullable=False, index=True),
    Column("principal_class", String, nullable=False),
    Column("job_key", String),
    Column("run_id", String, index=True),
    Column("parent_run_id", String),
    Column("event_type", String, nullable=False),
    Column("streaming", Boolean, nullable=False),
    Column("valid_at", BigInteger, nullable=False),
    Column("accepted_at", BigInteger, nullable=False),
)

dataset = Table(
    "dataset",
    metadata,
    Column("dataset_key", String, primary_key=True),
    Column("namespace", String, nullable=False),
    Column("name", String, nullable=False),
    Column("timelines", LargeBinary, nullable=False),  # {facet: {principal class: [change point, …]}}
    Column("pending", Boolean, nullable=False),
)
Index("ix_dataset_name", dataset.c.namespace, dataset.c.name)
Index("ix_dataset_pending", dataset.c.dataset_key, sqlite_where=dataset.c.pending, postgresql_where=dataset.c.pending)

dataset_spelling = Table(
    "dataset_spelling",
    metadata,
    Column("spelling_key", String, primary_key=True),
    Column("namespace", String, nullable=False),
    Column("name", String, nullable=False),
    Column("dataset_key", String, nullable=False, index=True),
)

facet_observation = Table(
    "facet_observation",
    metadata,
    Column("dataset_key", String, primary_key=True),
    Column("facet", String, primary_key=True),
    Column("principal_class", String, primary_key=True),
    Column("event_id", String, primary_key=True),
    Column("fingerprint", String, primary_key=True),
    Column("valid_at", BigInteger, nullable=False),
    Column("accepted_at", BigInteger, nullable=False),
)

existence = Table(
    "existence",
    metadata,
    Column("subject_key", String, primary_key=True),  # of a dataset or a job
    Column("event_id", String, primary_key=True),
    Column("valid_at", BigInteger, primary_key=True),
    Column("exists", Boolean, primary_key=True),
    Column("since", BigInteger, primary_key=True),  # what was taken back may be said again
    Column("until", BigInteger, nullable=False),
    Index("ix_existence_valid_at", "valid_at"),
)

change_moment = Table(
    "change_moment",
    metadata,
    Column("dataset_key", String, primary_key=True),
    Column("at", BigInteger, primary_key=True),
    Index("ix_change_moment_at", "at", "dataset_key"),
)
"""When something may have changed in a dataset's schema, in what feeds it, or in whether it is there (valid time)."""

content = Table(
    "content",
    metadata,
    Column("fingerprint", String, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

job = Table(
    "job",
    metadata,
    Column("job_key", String, primary_key=True),
    Column("namespace", String, nullable=False),
    Column("name", String, nullable=False),
    Column("pending", Boolean, nullable=False),
)
Index("ix_job_pending", job.c.job_key, sqlite_where=job.c.pending, postgresql_where=job.c.pending)

source_timeline = Table(
    "source_timeline",
    metadata,
    Column("source_key", String, primary_key=True),  # principal class and job
    Column("eras", LargeBinary, nullable=False),  # [change point of the source's fingerprint, …]
)

unit = Table(
    "unit",
    metadata,
    Column("unit_key", String, primary_key=True),
    Column("since", BigInteger, primary_key=True),
    Column("until", BigInteger, nullable=False),
    Column("source_key", String, nullable=False, index=True),
    Column("valid_at", BigInteger, nullable=False),
    Column("source_fingerprint", String),
    Column("event_id", String, nullable=False),
)

observation = Table(
    "observation",
    metadata,
    Column("evidence_key", String, primary_key=True),
    Column("unit_key", String, primary_key=True, index=True),
    Column("since", BigInteger, primary_key=True),
    Column("until", BigInteger, nullable=False),
    Column("valid_at", BigInteger, nullable=False),
    Column("content_fingerprint", String, nullable=False),
    Column("event_id", String, nullable=False),
)

evidence = Table(
    "evidence",
    metadata,
    Column("evidence_key", String, primary_key=True),
    Column("source_key", String, nullable=False, index=True),
    Column("principal_class", String, nullable=False),
    Column("origin", String, nullable=False),
    Column("job_key", String, index=True),
    Column("output_key", String, index=True),
    Column("job_namespace", String),
    Column("job_name", String),
    Column("output_namespace", String),
    Column("output_name", String),
    Column("versions", LargeBinary, nullable=False),  # [change point of the contents' fingerprints, …]; none: ended
    Column("pending", Boolean, nullable=False),
)
Index(
    "ix_evidence_pending", evidence.c.evidence_key, sqlite_where=evidence.c.pending, postgresql_where=evidence.c.pending
)
reading = Table(
    "reading",
    metadata,
    Column("dataset_key", String, primary_key=True),
    Column("evidence_key", String, primary_key=True),
)
"""Which evidence ever named a dataset as a source: what its end and its return touch."""

lookup = Table(
    "lookup",
    metadata,
    Column("unit_key", String, primary_key=True),
    Column("dataset_key", String, primary_key=True, index=True),
    Column("fingerprint", String),
)

routine = Table(
    "routine",
    metadata,
    Column("routine_key", String, primary_key=True),  # namespace and name without parameters
    Column("job_key", String, primary_key=True),  # with them: overloads are several jobs
    Column("valid_at", BigInteger, primary_key=True),
    Column("event_id", String, primary_key=True),
    Column("fingerprint", String, nullable=False),  # of the text that the event holds
    Column("accepted_at", BigInteger, nullable=False),
)

derivation = Table(
    "derivation",
    metadata,
    Column("derivation_key", String, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

subject = Table(
    "subject",
    metadata,
    Column("subject_key", String, primary_key=True),
    Column("version", BigInteger, nullable=False),
)
"""A version of each dataset, job or routine that others rest on, for several workers (`ledger_subjects`)."""

task = Table(
    "task",
    metadata,
    Column("task_id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    Column("partition", SmallInteger, nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("key", String, nullable=False),
    Column("since", BigInteger, nullable=False),
)
"""What one partition's work asks of another's (`ledger_rows.TaskKind`)."""

lease = Table(
    "lease",
    metadata,
    Column("partition", SmallInteger, primary_key=True, autoincrement=False),
    Column("owner", String, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

member = Table(
    "member",
    metadata,
    Column("owner", String, primary_key=True),
    Column("seen_at", BigInteger, nullable=False),
    Column("merged_count", BigInteger, nullable=False),
)
"""The workers that are there, for a fair share of the partitions, with the events that each has merged."""
