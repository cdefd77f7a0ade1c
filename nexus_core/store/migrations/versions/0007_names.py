"""Names: aliases, near-misses, and how well SQL was read."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "named",
        sa.Column("dataset_key", sa.String(), nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("leaf_key", sa.String(), nullable=False),
        sa.Column("whole_key", sa.String(), nullable=False),
        sa.Column("mentioned", sa.Boolean(), nullable=False),
        sa.Column("described", sa.Boolean(), nullable=False),
        sa.Column("harvested", sa.Boolean(), nullable=False),
        sa.Column("compared", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("dataset_key", name=op.f("pk_named")),
    )
    op.create_index("ix_named_name", "named", ["namespace", "name"])
    for column in ("leaf_key", "whole_key"):
        op.create_index(op.f(f"ix_named_{column}"), "named", [column])
    new, unknown = sa.text("NOT compared"), sa.text("NOT described")
    op.create_index("ix_named_new", "named", ["dataset_key"], sqlite_where=new, postgresql_where=new)
    op.create_index("ix_named_unknown", "named", ["dataset_key"], sqlite_where=unknown, postgresql_where=unknown)
    op.create_table(
        "told_of_names",
        sa.Column("pair_key", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("valid_at", sa.BigInteger(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("pair_key", "action", "decision_id", name=op.f("pk_told_of_names")),
    )
    op.create_table(
        "name_pair",
        sa.Column("pair_key", sa.String(), nullable=False),
        sa.Column("left_namespace", sa.String(), nullable=False),
        sa.Column("left_name", sa.String(), nullable=False),
        sa.Column("right_namespace", sa.String(), nullable=False),
        sa.Column("right_name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("event_id", sa.String()),
        sa.Column("decided_at", sa.BigInteger()),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("pair_key", name=op.f("pk_name_pair")),
    )
    op.create_index("ix_name_pair_state", "name_pair", ["state", "score", "pair_key"])
    op.create_table(
        "name_generation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_generation")),
    )
    op.create_table(
        "renamed",
        sa.Column("dataset_key", sa.String(), nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("dataset_key", name=op.f("pk_renamed")),
    )
    op.create_table(
        "sql_reading",
        sa.Column("source_key", sa.String(), nullable=False),
        sa.Column("valid_at", sa.BigInteger(), nullable=False),
        sa.Column("unit_key", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("job_namespace", sa.String(), nullable=False),
        sa.Column("job_name", sa.String(), nullable=False),
        sa.Column("dialect", sa.String(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("problems", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("source_key", name=op.f("pk_sql_reading")),
    )
    op.create_index("ix_sql_reading_dialect", "sql_reading", ["complete", "dialect"])
