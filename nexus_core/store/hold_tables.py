"""Legal holds: while one is open, what it covers is neither erased nor pruned."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from nexus_core.store.metadata import UtcDateTime, metadata

legal_hold = Table(
    "legal_hold",
    metadata,
    Column("id", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("account_id", Text),
    Column("placed_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("placed_by", Text, nullable=False, server_default=""),
    Column("ended_by", Text, nullable=False, server_default=""),
    Column("end_reason", Text, nullable=False, server_default=""),
)
"""`account_id` is whose data is held; NULL holds all. By whom is an account's id; "" is who has the machine."""
