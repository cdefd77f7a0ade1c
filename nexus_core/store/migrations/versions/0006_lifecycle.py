"""Ends and returns of datasets and jobs.

Harvests are told apart by their events now; every merged event is merged again, which fills the tables.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Apply."""
    for table in ("harvest_run", "harvest_chunk", "existence"):
        op.drop_table(table)
    _existence()
    _facts()
    _conclusions()
    op.create_table(
        "harvest_forgotten",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_harvest_forgotten")),
    )
    op.execute("UPDATE events SET status = 'pending' WHERE status = 'merged'")


def _existence() -> None:
    op.create_table(
        "existence",
        sa.Column("subject_key", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("valid_at", sa.BigInteger(), nullable=False),
        sa.Column("exists", sa.Boolean(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "event_id", "valid_at", "exists", "since", name=op.f("pk_existence")),
    )


def _facts() -> None:
    op.create_table(
        "harvest_run",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("run_key", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("completed_at", sa.BigInteger(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.Column("watermark", sa.String()),
        sa.Column("chunk_count", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String()),
        sa.Column("partial", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_harvest_run")),
    )
    op.create_index(op.f("ix_harvest_run_run_key"), "harvest_run", ["run_key"])
    op.create_table(
        "harvest_chunk",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("run_key", sa.String(), nullable=False),
        sa.Column("chunk", sa.Integer(), nullable=False),
        sa.Column("valid_at", sa.BigInteger(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.Column("objects", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_harvest_chunk")),
    )
    op.create_index(op.f("ix_harvest_chunk_run_key"), "harvest_chunk", ["run_key"])
    op.create_table(
        "harvest_verdict",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("harvest_id", sa.String(), nullable=False),
        sa.Column("objects", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_harvest_verdict")),
    )
    op.create_index(op.f("ix_harvest_verdict_source"), "harvest_verdict", ["source"])
    op.create_table(
        "harvest_guard",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("valid_at", sa.BigInteger(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_harvest_guard")),
    )
    op.create_index(op.f("ix_harvest_guard_source"), "harvest_guard", ["source"])
    op.create_table(
        "lifecycle_statement",
        sa.Column("subject_key", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("valid_at", sa.BigInteger(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.Column("teller", sa.String(), nullable=False),
        sa.Column("undoes", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "event_id", "action", name=op.f("pk_lifecycle_statement")),
    )
    op.create_index("ix_lifecycle_statement_source", "lifecycle_statement", ["source", "action"])


def _conclusions() -> None:
    op.create_table(
        "harvest_manifest",
        sa.Column("run_key", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("valid_at", sa.BigInteger(), nullable=False),
        sa.Column("known_at", sa.BigInteger(), nullable=False),
        sa.Column("names_key", sa.String(), nullable=False),
        sa.Column("partial", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("run_key", name=op.f("pk_harvest_manifest")),
    )
    op.create_index("ix_harvest_manifest_source", "harvest_manifest", ["source", "valid_at"])
    op.create_table(
        "harvest_finding",
        sa.Column("subject_key", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("valid_at", sa.BigInteger(), nullable=False),
        sa.Column("exists", sa.Boolean(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint(
            "subject_key", "event_id", "valid_at", "exists", "since", name=op.f("pk_harvest_finding")
        ),
    )
    op.create_index(op.f("ix_harvest_finding_source"), "harvest_finding", ["source"])
    op.create_table(
        "harvest_retirement",
        sa.Column("harvest_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("valid_at", sa.BigInteger(), nullable=False),
        sa.Column("known_at", sa.BigInteger(), nullable=False),
        sa.Column("covered_count", sa.Integer(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("held_count", sa.Integer(), nullable=False),
        sa.Column("ended_count", sa.Integer(), nullable=False),
        sa.Column("undone_count", sa.Integer(), nullable=False),
        sa.Column("objects", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("harvest_id", name=op.f("pk_harvest_retirement")),
    )
    op.create_index(op.f("ix_harvest_retirement_source"), "harvest_retirement", ["source"])
    op.create_index("ix_harvest_retirement_valid", "harvest_retirement", ["valid_at"])
    op.create_table(
        "unharvested",
        sa.Column("subject_key", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("valid_at", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "source", name=op.f("pk_unharvested")),
    )
    op.create_index(op.f("ix_unharvested_source"), "unharvested", ["source"])
