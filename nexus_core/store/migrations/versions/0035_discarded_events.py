"""Events that a person put aside are found without reading the merged ones."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0031"

_DISCARDED = sa.text("status = 'discarded'")


def upgrade() -> None:
    """Apply."""
    op.create_index(
        "ix_events_discarded",
        "events",
        ["position"],
        unique=False,
        sqlite_where=_DISCARDED,
        postgresql_where=_DISCARDED,
    )
