"""What checks of data found, and figures of datasets, as events tell; and the incidents that people handle.

Checks, results and figures follow from the log, so a projection has its own. Incidents lie in the main store.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, String, Table, Text

from nexus_core.store.metadata import UtcDateTime, metadata

quality_check = Table(
    "quality_check",
    metadata,
    Column("check_key", String, primary_key=True),
    Column("dataset_key", String, nullable=False),
    Column("namespace", String, nullable=False),
    Column("name", String, nullable=False),
    Column("field", String, nullable=False),  # "" is the dataset
    Column("assertion", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("severity", String, nullable=False),  # error or warn
    Column("tool", String, nullable=False),
    Column("job_namespace", String, nullable=False),
    Column("job_name", String, nullable=False),
    Column("run_key", String, nullable=False),  # of the latest run, like the rest
    Column("passed", Boolean, nullable=False),
    Column("measured", Float),
    Column("at", BigInteger, nullable=False),
    Column("event_id", String, nullable=False),
    Index("ix_quality_check_dataset", "dataset_key"),
    Index("ix_quality_check_failing", "passed", "severity"),
)

quality_result = Table(
    "quality_result",
    metadata,
    Column("check_key", String, primary_key=True),
    Column("run_key", String, primary_key=True),
    Column("dataset_key", String, nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("measured", Float),
    Column("at", BigInteger, nullable=False, index=True),
    Column("event_id", String, nullable=False),
    Index("ix_quality_result_dataset", "dataset_key", "at"),
)

quality_figure = Table(
    "quality_figure",
    metadata,
    Column("dataset_key", String, primary_key=True),
    Column("field", String, primary_key=True),
    Column("metric", String, primary_key=True),
    Column("run_key", String, primary_key=True),
    Column("value", Float, nullable=False),
    Column("at", BigInteger, nullable=False, index=True),
    Column("event_id", String, nullable=False),
)

incident = Table(
    "quality_incident",
    metadata,
    Column("id", String, primary_key=True),
    Column("check_key", String, nullable=False, index=True),  # "" for one that a person opened
    Column("dataset_key", String, nullable=False, index=True),
    Column("namespace", String, nullable=False),
    Column("name", String, nullable=False),
    Column("field", String, nullable=False),
    Column("title", Text, nullable=False),
    Column("severity", String, nullable=False),
    Column("state", String, nullable=False, index=True),  # open, assigned or resolved
    Column("failed_at", UtcDateTime, nullable=False),  # of the result that opened it
    Column("opened_at", UtcDateTime, nullable=False),
    Column("opened_by", Text),  # an account's id; null: a failing check
    Column("assignee", Text),
    Column("resolved_at", UtcDateTime),
    Column("resolved_by", Text),  # null: the check passed again
    Column("note", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
)
