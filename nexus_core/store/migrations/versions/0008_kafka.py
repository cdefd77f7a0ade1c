"""The index of a log that lies in Kafka."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Apply."""
    op.add_column("events", sa.Column("log_offset", sa.BigInteger(), nullable=True))
    op.create_table(
        "kafka_checkpoint",
        sa.Column("partition", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("topic_id", sa.Text(), nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("partition", name=op.f("pk_kafka_checkpoint")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("kafka_checkpoint")
    op.drop_column("events", "log_offset")
