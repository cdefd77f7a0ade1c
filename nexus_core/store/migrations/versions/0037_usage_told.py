"""How far reads that no event tells were counted: those through the masking proxy."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "usage_told",
        sa.Column("teller", sa.String(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("teller", name=op.f("pk_usage_told")),
    )
