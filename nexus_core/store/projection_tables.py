"""Tables of the projections: which there are, and, in each one's own ledger, which events it has taken."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

from nexus_core.store.metadata import UtcDateTime, metadata

projection = Table(
    "projection",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("graph", Text, nullable=False),  # "": that of the settings; a folder of the data folder; a Bolt URI
    Column("graph_user", Text, nullable=False),
    Column("graph_password", Text, nullable=False),  # a reference, `env:NAME` or `file:PATH`; "": that of the settings
    Column("ledger", Text, nullable=False),  # "": in the main store; name of a file beside it, or of a schema
    Column("derivation_version", Text, nullable=False),  # "": unknown, or of more than one
    Column("state", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),  # of its last activation; 0: never active
    Column("scanned", BigInteger, nullable=False),  # position of the log up to which a replay has looked
    Column("until_at", UtcDateTime),  # events accepted later are left out; such a projection is never active
    Column("paused_until", UtcDateTime),  # workers of the active one step aside until then
    Column("paused_by", Text),
    Column("created_at", UtcDateTime, nullable=False),
)
"""In the main store only; exactly one row is `active`, and the greatest epoch is its."""

taken = Table(
    "taken",
    metadata,
    Column("event_id", String, primary_key=True),
    Column("accepted_at", BigInteger, nullable=False),
    Column("reason", Text),  # why a replay left it out, else null
)
"""In each projection's ledger: the events that are in it, written in the transaction that enters them."""
