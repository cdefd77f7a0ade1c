"""Tables of accounts and of what proves that a request comes from one."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table, Text, UniqueConstraint

from nexus_core.store.metadata import UtcDateTime, metadata

accounts = Table(
    "accounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("issuer", "subject"),
)
"""Who acts: linked by (issuer, subject), never by name; `id` is opaque and the principal of the account's events."""

tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("secret_hash", Text, nullable=False, unique=True),
    Column("grants", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Column("last_used_at", UtcDateTime),
)
"""API tokens; `grants` is a JSON list as `nexus token create --authority` takes it."""

sessions = Table(
    "sessions",
    metadata,
    Column("secret_hash", Text, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("token_id", ForeignKey("tokens.id"), nullable=False),
    Column("csrf", Text, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)
"""Browser sessions; each has the rights of a token and ends with it."""

login_links = Table(
    "login_links",
    metadata,
    Column("secret_hash", Text, primary_key=True),
    Column("token_id", ForeignKey("tokens.id"), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)
"""Links that start a session once; used ones are deleted."""

used_assertions = Table(
    "used_assertions",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("jti", Text, primary_key=True),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)
"""Assertions of Airflow's plugin that were used and have not expired yet."""
