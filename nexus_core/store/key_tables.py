"""The table of the key store, which lies apart from the log and from its backups: it has a MetaData of its own."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, MetaData, String, Table

key_metadata = MetaData()

event_key = Table(
    "event_key",
    key_metadata,
    Column("month", String, primary_key=True),  # of acceptance, UTC: 2026-11
    Column("principal", String, primary_key=True),
    Column("nodes", LargeBinary, nullable=False),  # model.puncture's, under the key of the deployment
)
