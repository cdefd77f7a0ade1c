"""Passwords for the masking proxy."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0025"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "proxy_logins",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("iterations", sa.Integer(), nullable=False),
        sa.Column("stored_key", sa.LargeBinary(), nullable=False),
        sa.Column("server_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_proxy_logins_account_id_accounts")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_proxy_logins")),
        sa.UniqueConstraint("login", name=op.f("uq_proxy_logins_login")),
    )
