"""Subscriptions to changes of assets."""

import sqlalchemy as sa
from alembic import op

from nexus_core.store.metadata import UtcDateTime

revision = "0030"
down_revision = "0023"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "subscription",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("namespace", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("upstream", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint("account_id", "namespace", "name", name=op.f("uq_subscription_account_id_namespace_name")),
    )
