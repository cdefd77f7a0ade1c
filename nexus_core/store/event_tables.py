"""Tables of the event log, and of what guards its seals."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, Table, Text, text

from nexus_core.store.metadata import UtcDateTime, metadata

events = Table(
    "events",
    metadata,
    # The order of acceptance within one process; between processes it is no order of commit.
    Column("position", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("principal", Text, nullable=False),
    Column("authority", Text, nullable=False),
    Column("accepted_at", UtcDateTime, nullable=False),
    Column("valid_at", UtcDateTime, nullable=False),
    Column("kind", Text, nullable=False),
    Column("partition", SmallInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("event", Text, nullable=False),
    Column("sealed", LargeBinary),
    Column("log_offset", BigInteger),
)
"""One row an accepted event; `event` is the redacted text, `sealed` its originals, `reason` why it is dead.

Where the log lies in Kafka, `event` is empty, and `log_offset` is the place of the record in its partition.
"""

for _status in ("pending", "dead", "quarantined", "discarded"):
    # Merged events are nearly all; an index over them would cost each write and serve no query.
    _where = text(f"status = '{_status}'")
    Index(f"ix_events_{_status}", events.c.position, sqlite_where=_where, postgresql_where=_where)

_where = text("status = 'pending'")
Index(
    "ix_events_pending_partition",
    events.c.partition,
    events.c.position,
    sqlite_where=_where,
    postgresql_where=_where,
)

seal_probe = Table(
    "seal_probe",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("probe", LargeBinary, nullable=False),
)
"""One row, sealed with the key of this store: it tells a wrong key before it harms."""

kafka_checkpoint = Table(
    "kafka_checkpoint",
    metadata,
    Column("partition", SmallInteger, primary_key=True, autoincrement=False),
    Column("topic_id", Text, nullable=False),
    Column("next_offset", BigInteger, nullable=False),
)
"""One row a partition of the topic of Kafka: every record before `next_offset` is in `events`. Empty without Kafka."""
