"""Policy documents: each proposal with who made and who decided it; one at most is in force."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, String, Table, Text, text

from nexus_core.store.metadata import UtcDateTime, metadata

policy_version = Table(
    "policy_version",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=True),
    Column("based_on", Integer, nullable=False),  # the version that was in force when it was proposed, 0 for none
    Column("document", Text, nullable=False),  # JSON
    Column("digest", String, nullable=False),
    Column("state", String, nullable=False),
    Column("comment", Text, nullable=False),
    Column("author_id", String, nullable=False),
    Column("author", Text, nullable=False),
    Column("proposed_at", UtcDateTime, nullable=False),
    Column("decider_id", String),
    Column("decider", Text),
    Column("decided_at", UtcDateTime),
    CheckConstraint("author_id <> decider_id OR state = 'withdrawn'", name="four_eyes"),
    Index(
        "ix_policy_version_active",
        "state",
        unique=True,
        postgresql_where=text("state = 'active'"),
        sqlite_where=text("state = 'active'"),
    ),
)
