"""Policy documents, proposed by one person and approved by another."""

import sqlalchemy as sa
from alembic import op

from nexus_core.store.metadata import UtcDateTime

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "policy_version",
        sa.Column("version", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("author_id", sa.String(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("decider_id", sa.String(), nullable=True),
        sa.Column("decider", sa.Text(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("author_id <> decider_id OR state = 'withdrawn'", name=op.f("ck_policy_version_four_eyes")),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_policy_version")),
    )
    active = sa.text("state = 'active'")
    op.create_index(
        "ix_policy_version_active",
        "policy_version",
        ["state"],
        unique=True,
        postgresql_where=active,
        sqlite_where=active,
    )
