"""When something may have changed for a dataset, so that differences need not look at all datasets.

The tables that it follows from were made anew by 0004 and fill by merging again, so there is nothing to fill in.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "change_moment",
        sa.Column("dataset_key", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("dataset_key", "at", name=op.f("pk_change_moment")),
    )
    op.create_index("ix_change_moment_at", "change_moment", ["at", "dataset_key"])
    op.create_index("ix_dataset_name", "dataset", ["namespace", "name"])
    op.create_index("ix_existence_valid_at", "existence", ["valid_at"])
