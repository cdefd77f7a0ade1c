"""Records of processing activities."""

import sqlalchemy as sa
from alembic import op

from nexus_core.store.metadata import UtcDateTime

revision = "0021"
down_revision = "0019"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "processing_activity",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_processing_activity")),
    )
