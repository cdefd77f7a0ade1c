"""Tables of what people log in to the masking proxy with."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, Table, Text

from nexus_core.store.metadata import UtcDateTime, metadata

proxy_logins = Table(
    "proxy_logins",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    Column("salt", LargeBinary, nullable=False),
    Column("iterations", Integer, nullable=False),
    Column("stored_key", LargeBinary, nullable=False),
    Column("server_key", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("epoch", Integer, nullable=False),
)
"""A person's one password for the proxy, as a verifier of SCRAM-SHA-256; `epoch` grows when sessions are to end."""
