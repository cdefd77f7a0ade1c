"""Several workers: each looks at the pending events of its own partitions."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"

_PENDING = sa.text("status = 'pending'")


def upgrade() -> None:
    """Apply."""
    op.create_index(
        "ix_events_pending_partition",
        "events",
        ["partition", "position"],
        sqlite_where=_PENDING,
        postgresql_where=_PENDING,
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_events_pending_partition", "events")
