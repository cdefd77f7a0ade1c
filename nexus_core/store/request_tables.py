"""Tables of requests that another person decides, and of recertification of role bindings."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from nexus_core.store.metadata import UtcDateTime, metadata

request = Table(
    "request",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # change, access or break-glass
    Column("state", Text, nullable=False),  # pending, approved, rejected or withdrawn
    Column("body", Text, nullable=False),  # JSON: what is asked for
    Column("reason", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", UtcDateTime),
    Column("note", Text),
    Index("ix_request_state", "state", "created_at"),
)

recertification = Table(
    "recertification",
    metadata,
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

recertified_binding = Table(
    "recertified_binding",
    metadata,
    Column("recertification_id", Text, primary_key=True),
    Column("binding_id", Text, primary_key=True),
    Column("binding", Text, nullable=False),  # JSON, as it was when the recertification began
    Column("expires_at", UtcDateTime),  # when it would have ended without the recertification
    Column("state", Text, nullable=False),  # open, confirmed or ended
    Column("decided_by", Text),
    Column("decided_at", UtcDateTime),
)
"""While it is open, the binding itself ends at `due_at`: what nobody confirms ends without anybody's doing."""
