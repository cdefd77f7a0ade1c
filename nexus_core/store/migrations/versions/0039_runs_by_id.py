"""A run is found by its id alone."""

from alembic import op

revision = "0039"
down_revision = "0037"


def upgrade() -> None:
    """Apply."""
    op.create_index(op.f("ix_event_index_run_id"), "event_index", ["run_id"])
