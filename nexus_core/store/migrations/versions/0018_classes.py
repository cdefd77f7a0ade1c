"""Classes of fields: what stewards decided, what is enforced, which lowerings wait."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Apply."""
    _facts()
    _enforced()
    _requests()


def _facts() -> None:
    op.create_table(
        "class_statement",
        sa.Column("dataset_key", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("class_name", sa.String(), nullable=False),
        sa.Column("principal", sa.String(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("dataset_key", "field", "event_id", name=op.f("pk_class_statement")),
    )
    op.create_table(
        "class_dirty",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("readers", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_dirty")),
    )
    op.create_table(
        "class_tagged",
        sa.Column("dataset_key", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("class_name", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("valid_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("dataset_key", "field", name=op.f("pk_class_tagged")),
    )


def _enforced() -> None:
    op.create_table(
        "effective_class",
        sa.Column("dataset_key", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("class_name", sa.String(), nullable=False),
        sa.Column("suspected", sa.Boolean(), nullable=False),
        sa.Column("parent_key", sa.String(), nullable=False),
        sa.Column("parent_field", sa.String(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("cut", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.LargeBinary(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("dataset_key", "field", name=op.f("pk_effective_class")),
    )
    op.create_index("ix_effective_class_parent", "effective_class", ["parent_key", "parent_field"])
    op.create_table(
        "class_dataset",
        sa.Column("dataset_key", sa.String(), nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("class_name", sa.String(), nullable=False),
        sa.Column("suspected", sa.Boolean(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("dataset_key", name=op.f("pk_class_dataset")),
    )
    op.create_index("ix_class_dataset_name", "class_dataset", ["namespace", "name"])


def _requests() -> None:
    op.create_table(
        "class_request",
        sa.Column("dataset_key", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("from_class", sa.String(), nullable=False),
        sa.Column("from_suspected", sa.Boolean(), nullable=False),
        sa.Column("to_class", sa.String(), nullable=False),
        sa.Column("to_suspected", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("authors", sa.LargeBinary(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("dataset_key", "field", name=op.f("pk_class_request")),
    )
    generation = op.create_table(
        "class_generation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("complete_at", sa.BigInteger(), nullable=False),
        sa.Column("projection_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_generation")),
    )
    op.bulk_insert(generation, [{"id": 1, "generation": 0, "complete_at": 0, "projection_id": 0}])
