"""Tables of roles that a deployment adds to the built-in ones, and of who has which role where."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from nexus_core.store.metadata import UtcDateTime, metadata

roles = Table(
    "roles",
    metadata,
    Column("name", Text, primary_key=True),
    Column("permissions", Text, nullable=False),  # a JSON list
    Column("created_by", Text, nullable=False),  # an account's id, or "" for who has the machine
    Column("created_at", UtcDateTime, nullable=False),
)

role_bindings = Table(
    "role_bindings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("subject_kind", Text, nullable=False),  # account or group
    Column("subject", Text, nullable=False),  # an account's id, a group's name
    Column("scope", Text, nullable=False),  # JSON, as governance.scopes writes it
    Column("purpose", Text, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("created_by", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_role_bindings_subject", "subject_kind", "subject"),
)
