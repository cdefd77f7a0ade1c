"""Several workers, each with the pending events of its own partitions; search in PostgreSQL."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_PENDING = sa.text("status = 'pending'")


def upgrade() -> None:
    """Apply."""
    op.create_index(
        "ix_events_pending_partition",
        "events",
        ["partition", "position"],
        sqlite_where=_PENDING,
        postgresql_where=_PENDING,
    )
    if op.get_bind().dialect.name == "postgresql":
        _make_search()


def _make_search() -> None:
    # The same order of names as Python's and SQLite's, whatever the database's locale.
    for column in ("sort_name", "namespace"):
        op.execute(f'ALTER TABLE catalogue_search ALTER COLUMN {column} TYPE varchar COLLATE "C"')
    op.execute(
        "CREATE TABLE catalogue_text (id integer PRIMARY KEY, name text NOT NULL, "
        "names tsvector NOT NULL, fields tsvector NOT NULL, anything tsvector NOT NULL)"
    )
    for column in ("names", "fields", "anything"):
        op.execute(f"CREATE INDEX ix_catalogue_text_{column} ON catalogue_text USING gin ({column})")
    # Without the right to create the extension, or without it on the machine, parts of names are sought row by row.
    op.execute(
        "DO $$ BEGIN CREATE EXTENSION IF NOT EXISTS pg_trgm; "
        "CREATE INDEX ix_catalogue_text_name ON catalogue_text USING gin (name gin_trgm_ops); "
        "EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN NULL; END $$"
    )


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TABLE catalogue_text")
    op.drop_index("ix_events_pending_partition", "events")
