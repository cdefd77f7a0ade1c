"""Figures of the catalogue over time, and how much datasets are read, for the order of search."""

import sqlalchemy as sa
from alembic import op

from nexus_core.store.metadata import UtcDateTime

revision = "0029"
down_revision = "0027"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "metric_sample",
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("at", "metric", "namespace", name=op.f("pk_metric_sample")),
    )
    op.add_column("catalogue_search", sa.Column("heat", sa.Integer(), nullable=False, server_default="0"))
