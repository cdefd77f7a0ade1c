"""Saved scenarios of changes."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0028"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "impact_scenario",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_impact_scenario")),
    )
    op.create_index("ix_impact_scenario_changed_at", "impact_scenario", ["changed_at", "id"])
