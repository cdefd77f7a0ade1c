"""Who placed a legal hold, who ended it, and why it ended."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """Apply."""
    for name in ("placed_by", "ended_by", "end_reason"):
        op.add_column("legal_hold", sa.Column(name, sa.Text(), nullable=False, server_default=""))
