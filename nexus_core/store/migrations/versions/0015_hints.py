"""Which fields may hold personal data, as harvests propose; fills by merging."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0013"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "hint",
        sa.Column("dataset_key", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("data", sa.String(), nullable=False),
        sa.Column("score", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("dataset_key", "field", name=op.f("pk_hint")),
    )
    op.create_index("ix_hint_score", "hint", ["score", "dataset_key", "field"])
