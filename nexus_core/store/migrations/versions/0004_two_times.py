"""Valid and recorded time in the ledger.

What the ledger holds follows from the log: its tables are made anew, and every merged event is merged again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_DERIVED = (
    "event_index",
    "dataset",
    "facet_observation",
    "source_timeline",
    "unit",
    "observation",
    "evidence",
    "lookup",
    "routine",
)


def upgrade() -> None:
    """Apply."""
    for table in _DERIVED:
        op.drop_table(table)
    op.create_table(
        "event_index",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("run_key", sa.String(), nullable=False),
        sa.Column("unit_key", sa.String(), nullable=False),
        sa.Column("principal_class", sa.String(), nullable=False),
        sa.Column("job_key", sa.String()),
        sa.Column("run_id", sa.String()),
        sa.Column("parent_run_id", sa.String()),
        sa.Column("event_type", sa.String(), nullable=False),
        sa.Column("streaming", sa.Boolean(), nullable=False),
        sa.Column("valid_at", sa.BigInteger(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_event_index")),
    )
    op.create_index(op.f("ix_event_index_run_key"), "event_index", ["run_key"])
    op.create_index(op.f("ix_event_index_unit_key"), "event_index", ["unit_key"])
    op.create_table(
        "dataset",
        sa.Column("dataset_key", sa.String(), nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("timelines", sa.LargeBinary(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("dataset_key", name=op.f("pk_dataset")),
    )
    _pending_index("dataset", "dataset_key")
    op.create_table(
        "facet_observation",
        sa.Column("dataset_key", sa.String(), nullable=False),
        sa.Column("facet", sa.String(), nullable=False),
        sa.Column("principal_class", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("valid_at", sa.BigInteger(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "dataset_key", "facet", "principal_class", "event_id", "fingerprint", name=op.f("pk_facet_observation")
        ),
    )
    op.create_table(
        "existence",
        sa.Column("subject_key", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("valid_at", sa.BigInteger(), nullable=False),
        sa.Column("exists", sa.Boolean(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "event_id", "valid_at", "exists", name=op.f("pk_existence")),
    )
    op.create_table(
        "source_timeline",
        sa.Column("source_key", sa.String(), nullable=False),
        sa.Column("eras", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("source_key", name=op.f("pk_source_timeline")),
    )
    op.create_table(
        "unit",
        sa.Column("unit_key", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("source_key", sa.String(), nullable=False),
        sa.Column("valid_at", sa.BigInteger(), nullable=False),
        sa.Column("source_fingerprint", sa.String()),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("unit_key", "since", name=op.f("pk_unit")),
    )
    op.create_index(op.f("ix_unit_source_key"), "unit", ["source_key"])
    op.create_table(
        "observation",
        sa.Column("evidence_key", sa.String(), nullable=False),
        sa.Column("unit_key", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("valid_at", sa.BigInteger(), nullable=False),
        sa.Column("content_fingerprint", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("evidence_key", "unit_key", "since", name=op.f("pk_observation")),
    )
    op.create_index(op.f("ix_observation_unit_key"), "observation", ["unit_key"])
    op.create_table(
        "evidence",
        sa.Column("evidence_key", sa.String(), nullable=False),
        sa.Column("source_key", sa.String(), nullable=False),
        sa.Column("principal_class", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("job_key", sa.String()),
        sa.Column("output_key", sa.String()),
        sa.Column("job_namespace", sa.String()),
        sa.Column("job_name", sa.String()),
        sa.Column("output_namespace", sa.String()),
        sa.Column("output_name", sa.String()),
        sa.Column("versions", sa.LargeBinary(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("evidence_key", name=op.f("pk_evidence")),
    )
    for column in ("source_key", "job_key", "output_key"):
        op.create_index(op.f(f"ix_evidence_{column}"), "evidence", [column])
    _pending_index("evidence", "evidence_key")
    op.create_table(
        "reading",
        sa.Column("dataset_key", sa.String(), nullable=False),
        sa.Column("evidence_key", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("dataset_key", "evidence_key", name=op.f("pk_reading")),
    )
    op.create_table(
        "lookup",
        sa.Column("unit_key", sa.String(), nullable=False),
        sa.Column("dataset_key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String()),
        sa.PrimaryKeyConstraint("unit_key", "dataset_key", name=op.f("pk_lookup")),
    )
    op.create_index(op.f("ix_lookup_dataset_key"), "lookup", ["dataset_key"])
    op.create_table(
        "routine",
        sa.Column("routine_key", sa.String(), nullable=False),
        sa.Column("job_key", sa.String(), nullable=False),
        sa.Column("valid_at", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("routine_key", "job_key", "valid_at", "event_id", name=op.f("pk_routine")),
    )
    op.execute("UPDATE events SET status = 'pending' WHERE status = 'merged'")


def _pending_index(table: str, key: str) -> None:
    where = sa.text("pending")
    op.create_index(f"ix_{table}_pending", table, [key], sqlite_where=where, postgresql_where=where)
