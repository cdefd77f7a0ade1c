"""Who read what how often, as harvested query logs tell; fills by merging."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0010"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "usage",
        sa.Column("unit_key", sa.String(), nullable=False),
        sa.Column("dataset_key", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("read_count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("unit_key", "dataset_key", "field", "account", name=op.f("pk_usage")),
    )
    op.create_index(op.f("ix_usage_day"), "usage", ["day"])
    op.create_index("ix_usage_dataset", "usage", ["dataset_key", "day"])
