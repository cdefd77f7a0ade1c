"""Profiles of the masking proxy's sources."""

import sqlalchemy as sa
from alembic import op

from nexus_core.store.metadata import UtcDateTime

revision = "0025"
down_revision = "0022"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "masking_source",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.Column("problems", sa.Text(), nullable=False),
        sa.Column("attributes", sa.Text(), nullable=False),
        sa.Column("absent", sa.Text(), nullable=False),
        sa.Column("class_generation", sa.BigInteger(), nullable=False),
        sa.Column("complete_at", sa.BigInteger(), nullable=False),
        sa.Column("rounds", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_masking_source")),
    )
    op.create_table(
        "masking_profile",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("password", sa.LargeBinary(), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("source", "id", name=op.f("pk_masking_profile")),
    )
    op.create_table(
        "masking_audience",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("profile_id", sa.String(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "audience", name=op.f("pk_masking_audience")),
    )
    op.create_table(
        "masking_release",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("schema", sa.String(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("source", "schema", "relation", name=op.f("pk_masking_release")),
    )
    op.create_table(
        "masking_identity",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("oid", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("schema", sa.String(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint(
            "source", "oid", "number", "schema", "relation", "field", name=op.f("pk_masking_identity")
        ),
    )
