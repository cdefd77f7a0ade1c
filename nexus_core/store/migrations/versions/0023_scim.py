"""People and groups that identity providers manage by SCIM; until when a session may govern."""

import sqlalchemy as sa
from alembic import op

from nexus_core.store.metadata import UtcDateTime

revision = "0023"
down_revision = "0029"


def upgrade() -> None:
    """Apply."""
    op.add_column("sessions", sa.Column("stepped_up_until", UtcDateTime(), nullable=True))
    op.create_table(
        "scim_users",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("user_name_key", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("deactivated_at", UtcDateTime(), nullable=True),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_scim_users_account_id_accounts")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_scim_users")),
        sa.UniqueConstraint("issuer", "user_name_key", name=op.f("uq_scim_users_issuer_user_name_key")),
    )
    op.create_table(
        "scim_groups",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("granted", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scim_groups")),
        sa.UniqueConstraint("issuer", "name_key", name=op.f("uq_scim_groups_issuer_name_key")),
    )
    op.create_table(
        "scim_members",
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["scim_groups.id"], name=op.f("fk_scim_members_group_id_scim_groups")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["scim_users.account_id"], name=op.f("fk_scim_members_account_id_scim_users")
        ),
        sa.PrimaryKeyConstraint("group_id", "account_id", name=op.f("pk_scim_members")),
    )
    op.create_index(op.f("ix_scim_members_account_id"), "scim_members", ["account_id"])
