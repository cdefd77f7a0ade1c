"""Tables about names: every dataset that anything names, what is said of pairs of names, and how well SQL was read.

`told_of_names` holds facts, one row each, in any order; the others follow from them and from the ledger. Times are
microseconds since 1970, keys 32 hex digits.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table

from nexus_core.store.metadata import metadata

named = Table(
    "named",
    metadata,
    Column("dataset_key", String, primary_key=True),
    Column("namespace", String, nullable=False),
    Column("name", String, nullable=False),
    Column("leaf_key", String, nullable=False, index=True),  # namespace and last part, whatever case and quotes
    Column("whole_key", String, nullable=False, index=True),  # platform and name, whatever case and quotes
    Column("mentioned", Boolean, nullable=False),  # an event has it as input or output
    Column("described", Boolean, nullable=False),  # its schema is known
    Column("harvested", Boolean, nullable=False),
    Column("compared", Boolean, nullable=False),  # with what is spelled alike
    Index("ix_named_name", "namespace", "name"),
)
Index("ix_named_new", named.c.dataset_key, sqlite_where=~named.c.compared, postgresql_where=~named.c.compared)
Index("ix_named_unknown", named.c.dataset_key, sqlite_where=~named.c.described, postgresql_where=~named.c.described)

told_of_names = Table(
    "told_of_names",
    metadata,
    Column("pair_key", String, primary_key=True),
    Column("action", String, primary_key=True),
    Column("decision_id", String, primary_key=True),  # "" for symlinks: of those the first is kept
    Column("event_id", String, nullable=False),
    Column("valid_at", BigInteger, nullable=False),
    Column("accepted_at", BigInteger, nullable=False),
)

name_pair = Table(
    "name_pair",
    metadata,
    Column("pair_key", String, primary_key=True),
    Column("left_namespace", String, nullable=False),
    Column("left_name", String, nullable=False),
    Column("right_namespace", String, nullable=False),
    Column("right_name", String, nullable=False),
    Column("state", String, nullable=False),  # accepted, rejected or open
    Column("event_id", String),  # what decided it
    Column("decided_at", BigInteger),
    Column("reason", String, nullable=False),  # why it is proposed, "" if it is not
    Column("score", Integer, nullable=False),  # 0 to 100
    Index("ix_name_pair_state", "state", "score", "pair_key"),
)

name_generation = Table(
    "name_generation",
    metadata,
    Column("id", Integer, primary_key=True),  # the one row's: 1
    Column("generation", BigInteger, nullable=False),  # grows whenever a class of names changes
)

renamed = Table(
    "renamed",
    metadata,
    Column("dataset_key", String, primary_key=True),  # whose node the graph has yet to be told of
    Column("namespace", String, nullable=False),
    Column("name", String, nullable=False),
)

sql_reading = Table(
    "sql_reading",
    metadata,
    Column("source_key", String, primary_key=True),  # principal class and job
    Column("valid_at", BigInteger, nullable=False),
    Column("unit_key", String, nullable=False),
    Column("event_id", String, nullable=False),
    Column("job_namespace", String, nullable=False),
    Column("job_name", String, nullable=False),
    Column("dialect", String, nullable=False),  # "" where nobody told it
    Column("complete", Boolean, nullable=False),  # every output was resolved
    Column("problems", LargeBinary, nullable=False),  # [[code, message, statement], …]
    Index("ix_sql_reading_dialect", "complete", "dialect"),
)
