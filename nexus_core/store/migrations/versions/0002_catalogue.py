"""Catalogue and search."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def _owner(kind: str) -> None:
    op.create_table(
        f"catalogue_{kind}",
        sa.Column(f"{kind}_key", sa.String(), nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("stamps", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(f"{kind}_key", name=op.f(f"pk_catalogue_{kind}")),
    )


def upgrade() -> None:
    """Apply."""
    _owner("dataset")
    _owner("job")
    op.create_index("ix_catalogue_job_name", "catalogue_job", ["namespace", "name"])
    op.create_table(
        "catalogue_facet",
        sa.Column("owner_key", sa.String(), nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("owner_key", "slot", name=op.f("pk_catalogue_facet")),
    )
    op.create_table(
        "catalogue_search",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dataset_key", sa.String(), nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sort_name", sa.String(), nullable=False),
        sa.Column("leaf", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("field_count", sa.Integer(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_search")),
        sa.UniqueConstraint("dataset_key", name=op.f("uq_catalogue_search_dataset_key")),
    )
    op.create_index("ix_catalogue_search_sort", "catalogue_search", ["sort_name", "namespace", "id"])
    op.create_table(
        "catalogue_label",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", "kind", "value", name=op.f("pk_catalogue_label")),
    )
    op.create_index("ix_catalogue_label_value", "catalogue_label", ["kind", "value"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE catalogue_fts USING fts5(names, fields, labels, description, "
            "tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3')"
        )
        op.execute("CREATE VIRTUAL TABLE catalogue_infix USING fts5(name, tokenize = 'trigram')")


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE catalogue_infix")
        op.execute("DROP TABLE catalogue_fts")
    for table in ("label", "search", "facet", "job", "dataset"):
        op.drop_table(f"catalogue_{table}")
