"""Tables of classes. In each projection's ledger: what stewards decided, and what is yet to be looked at again.

In the main store: what is enforced, which outlives every projection, so that none of them can loosen it. Keys are 32
hex digits, fields in lower case, moments microseconds since 1970.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table

from nexus_core.store.metadata import metadata

class_statement = Table(
    "class_statement",
    metadata,
    Column("dataset_key", String, primary_key=True),  # "" for a definition
    Column("field", String, primary_key=True),
    Column("event_id", String, primary_key=True),
    Column("namespace", String, nullable=False),
    Column("name", String, nullable=False),
    Column("act", String, nullable=False),  # model.classes.Act
    Column("class_name", String, nullable=False),
    Column("principal", String, nullable=False),
    Column("accepted_at", BigInteger, nullable=False),
    Column("details", LargeBinary, nullable=False),  # JSON, by act
)

class_dirty = Table(
    "class_dirty",
    metadata,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    Column("namespace", String, nullable=False),
    Column("name", String, nullable=False),
    Column("readers", Boolean, nullable=False),  # whether what reads it is to be looked at too
)
"""Datasets whose lineage or statements changed since their classes were computed; only added to by the merge."""

class_tagged = Table(
    "class_tagged",
    metadata,
    Column("dataset_key", String, primary_key=True),
    Column("field", String, primary_key=True),
    Column("namespace", String, nullable=False),
    Column("name", String, nullable=False),
    Column("class_name", String, nullable=False),
    Column("event_id", String, nullable=False),
    Column("valid_at", BigInteger, nullable=False),
)
"""Classes that tags of events propose."""

effective_class = Table(
    "effective_class",
    metadata,
    Column("dataset_key", String, primary_key=True),
    Column("field", String, primary_key=True),  # "?…": all fields but those that a source is known not to reach
    Column("class_name", String, nullable=False),
    Column("suspected", Boolean, nullable=False),
    Column("parent_key", String, nullable=False),  # what it follows from; "" for a decision
    Column("parent_field", String, nullable=False),
    Column("pinned", Boolean, nullable=False),  # enforced although nothing supports it any more
    Column("cut", BigInteger, nullable=False),  # when something last happened that may lower it
    Column("origin", LargeBinary, nullable=False),  # JSON: how it follows
    Column("generation", BigInteger, nullable=False),
    Index("ix_effective_class_parent", "parent_key", "parent_field"),
)
"""What is enforced of fields by themselves; `store.classes.Enforced` tells what that means for each field."""

class_dataset = Table(
    "class_dataset",
    metadata,
    Column("dataset_key", String, primary_key=True),
    Column("namespace", String, nullable=False),
    Column("name", String, nullable=False),
    Column("class_name", String, nullable=False),
    Column("suspected", Boolean, nullable=False),
    Column("generation", BigInteger, nullable=False),
    Index("ix_class_dataset_name", "namespace", "name"),
)
"""Every dataset that was classified, with the highest class in it."""

class_request = Table(
    "class_request",
    metadata,
    Column("dataset_key", String, primary_key=True),
    Column("field", String, primary_key=True),
    Column("namespace", String, nullable=False),
    Column("name", String, nullable=False),
    Column("from_class", String, nullable=False),
    Column("from_suspected", Boolean, nullable=False),
    Column("to_class", String, nullable=False),
    Column("to_suspected", Boolean, nullable=False),
    Column("reason", String, nullable=False),
    Column("authors", LargeBinary, nullable=False),  # JSON list of the accounts that may not approve it
    Column("generation", BigInteger, nullable=False),
)
"""Lowerings that wait for a steward."""

class_generation = Table(
    "class_generation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("generation", BigInteger, nullable=False),
    Column("complete_at", BigInteger, nullable=False),  # all events accepted by then are in it
    Column("projection_id", BigInteger, nullable=False),
)

ENFORCED = (effective_class, class_dataset, class_request, class_generation)
"""The tables of the main store."""
