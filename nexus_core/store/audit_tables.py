"""Tables of the audit log. Triggers refuse to change rows of all but `audit_writer` and `audit_personal`.

They refuse to delete them, too, but for what is sealed and released by a row of `audit_prune`.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from nexus_core.store.metadata import UtcDateTime, metadata

audit_writer = Table(
    "audit_writer",
    metadata,
    Column("writer", Text, primary_key=True),
    Column("sequenced", BigInteger, nullable=False),  # records of the chain that are in the tree
    Column("last", LargeBinary, nullable=False),  # the hash of the last one of those
)
"""Every process that ever wrote records has a chain of its own."""

audit_record = Table(
    "audit_record",
    metadata,
    Column("writer", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    Index("ix_audit_record_at", "at", "writer", "seq"),
)
"""Records as model.audit has them; `action`, `at` and `target` (JSON) repeat the body for queries."""

audit_personal = Table(
    "audit_personal",
    metadata,
    Column("writer", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("field", Text, primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("value", Text, nullable=False),
    Column("account_id", Text, index=True),
)
"""What opens the commitments of records, until it is erased; `account_id` is the actor's."""

audit_leaf = Table(
    "audit_leaf",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("writer", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    UniqueConstraint("writer", "seq", name="uq_audit_leaf_place"),
)
"""The leaves of the tree, in its order."""

audit_node = Table(
    "audit_node",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)
"""Complete subtrees from level 1 on, over the leaves from `position * 2**level` on."""

audit_checkpoint = Table(
    "audit_checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("note", Text, nullable=False),
)
"""Signed statements of the tree's size and root (governance.audit_notes)."""

audit_key_change = Table(
    "audit_key_change",
    metadata,
    Column("after", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("note", Text, nullable=False),
)
"""Changes of the signer's key, signed by both keys (governance.audit_keys), for trees of more than `after` leaves."""

audit_stamp = Table(
    "audit_stamp",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("token", LargeBinary, nullable=False),
)
"""Time stamps by others (RFC 3161, DER) of the checkpoints of these sizes."""

audit_segment = Table(
    "audit_segment",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("first", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("file", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("state", Text, nullable=False),
)
"""Parts of the log that a file has, leaves `first` to `size`; `state` is the verifier's behind them (JSON)."""

audit_prune = Table(
    "audit_prune",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
)
"""Sealed leaves below `size` may be deleted."""
