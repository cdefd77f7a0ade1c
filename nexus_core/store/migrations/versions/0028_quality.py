"""Results of data checks, figures of datasets, and incidents."""

import sqlalchemy as sa
from alembic import op

from nexus_core.store.metadata import UtcDateTime

revision = "0028"
down_revision = "0024"


def upgrade() -> None:
    """Apply."""
    _checks()
    _results()
    _figures()
    _incidents()


def _checks() -> None:
    op.create_table(
        "quality_check",
        sa.Column("check_key", sa.String(), nullable=False),
        sa.Column("dataset_key", sa.String(), nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("assertion", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("tool", sa.String(), nullable=False),
        sa.Column("job_namespace", sa.String(), nullable=False),
        sa.Column("job_name", sa.String(), nullable=False),
        sa.Column("run_key", sa.String(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("measured", sa.Float(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("check_key", name=op.f("pk_quality_check")),
    )
    op.create_index("ix_quality_check_dataset", "quality_check", ["dataset_key"])
    op.create_index("ix_quality_check_failing", "quality_check", ["passed", "severity"])


def _results() -> None:
    op.create_table(
        "quality_result",
        sa.Column("check_key", sa.String(), nullable=False),
        sa.Column("run_key", sa.String(), nullable=False),
        sa.Column("dataset_key", sa.String(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("measured", sa.Float(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("check_key", "run_key", name=op.f("pk_quality_result")),
    )
    op.create_index(op.f("ix_quality_result_at"), "quality_result", ["at"])
    op.create_index("ix_quality_result_dataset", "quality_result", ["dataset_key", "at"])


def _figures() -> None:
    op.create_table(
        "quality_figure",
        sa.Column("dataset_key", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("run_key", sa.String(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("dataset_key", "field", "metric", "run_key", name=op.f("pk_quality_figure")),
    )
    op.create_index(op.f("ix_quality_figure_at"), "quality_figure", ["at"])


def _incidents() -> None:
    op.create_table(
        "quality_incident",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("check_key", sa.String(), nullable=False),
        sa.Column("dataset_key", sa.String(), nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("failed_at", UtcDateTime(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=True),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("resolved_at", UtcDateTime(), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_incident")),
    )
    for column in ("check_key", "dataset_key", "state"):
        op.create_index(op.f(f"ix_quality_incident_{column}"), "quality_incident", [column])
