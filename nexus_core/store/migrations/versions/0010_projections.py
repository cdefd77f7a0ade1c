"""Projections, and the events that each has taken."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Apply; the graph of the settings with the ledger of this store becomes the first projection."""
    projection = op.create_table(
        "projection",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("graph", sa.Text(), nullable=False),
        sa.Column("graph_user", sa.Text(), nullable=False),
        sa.Column("graph_password", sa.Text(), nullable=False),
        sa.Column("ledger", sa.Text(), nullable=False),
        sa.Column("derivation_version", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("scanned", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=True),
        sa.Column("paused_until", sa.BigInteger(), nullable=True),
        sa.Column("paused_by", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projection")),
    )
    op.create_table(
        "taken",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_taken")),
    )
    first = {
        "id": 1,
        "graph": "",
        "graph_user": "",
        "graph_password": "",
        "ledger": "",
        "derivation_version": "",
        "state": "active",
        "epoch": 1,
        "scanned": 0,
        "created_at": int(datetime.now(UTC).timestamp() * 1_000_000),
    }
    op.bulk_insert(projection, [first])
    op.execute("INSERT INTO taken (event_id, accepted_at) SELECT id, accepted_at FROM events WHERE status = 'merged'")
