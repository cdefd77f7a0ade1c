"""Sealed parts of the audit log, changes of its key, time stamps, and legal holds."""

import sqlalchemy as sa
from alembic import op

from nexus_core.store.metadata import UtcDateTime

revision = "0031"
down_revision = "0030"

_NEW = ("audit_key_change", "audit_stamp", "audit_segment", "audit_prune")
_PRUNED = "(SELECT coalesce(max(size), 0) FROM audit_prune)"
# Which rows are sealed and released; the leaves go last.
_RELEASED = {
    "audit_record": "EXISTS (SELECT 1 FROM audit_leaf found WHERE found.writer = OLD.writer AND found.seq = OLD.seq "
    f"AND found.position < {_PRUNED})",
    "audit_leaf": f"OLD.position < {_PRUNED}",
    "audit_node": f"(OLD.position + 1) << OLD.level <= {_PRUNED}",
    "audit_checkpoint": f"OLD.size < {_PRUNED}",
    "audit_stamp": f"OLD.size < {_PRUNED}",
    "audit_segment": f"OLD.size < {_PRUNED}",
    "audit_prune": f"OLD.size < {_PRUNED}",
}
_REFUSED = "the audit log is only added to"


def upgrade() -> None:
    """Apply."""
    _make_tables()
    if op.get_bind().dialect.name == "postgresql":
        _refuse_in_postgresql()
    else:
        _refuse_in_sqlite()


def _make_tables() -> None:
    told = [(name, sa.Text()) for name in ("file", "digest", "state")]
    _make("audit_key_change", "after", ("note", sa.Text()))
    _make("audit_stamp", "size", ("token", sa.LargeBinary()))
    _make("audit_segment", "size", ("first", sa.BigInteger()), *told)
    _make("audit_prune", "size")
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text()),
        sa.Column("placed_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )


def _make(table: str, key: str, *columns: tuple[str, sa.Text | sa.BigInteger | sa.LargeBinary]) -> None:
    op.create_table(
        table,
        sa.Column(key, sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        *(sa.Column(name, kind, nullable=False) for name, kind in columns),
        sa.PrimaryKeyConstraint(key, name=op.f(f"pk_{table}")),
    )


def _refuse_in_postgresql() -> None:
    for table in _RELEASED.keys() - set(_NEW):
        op.execute(f"DROP TRIGGER append_only ON {table}")
    for table in sorted({*_RELEASED, *_NEW}):
        changes = "UPDATE OR TRUNCATE" if table in _RELEASED else "UPDATE OR DELETE OR TRUNCATE"
        op.execute(
            f"CREATE TRIGGER append_only BEFORE {changes} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
        )
    for table, released in _RELEASED.items():
        op.execute(
            f"CREATE FUNCTION {table}_is_released() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {released} THEN RETURN OLD; END IF; "
            f"RAISE EXCEPTION '{_REFUSED} (table {table})' USING ERRCODE = '42501'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER only_released BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_is_released()"
        )


def _refuse_in_sqlite() -> None:
    for table in _RELEASED.keys() - set(_NEW):
        op.execute(f"DROP TRIGGER {table}_no_delete")
    for table in sorted({*_RELEASED, *_NEW}):
        kept = f"WHEN NOT ({_RELEASED[table]})" if table in _RELEASED else ""
        for change, when in (("UPDATE", ""), ("DELETE", kept)):
            if change == "DELETE" or table in _NEW:
                op.execute(
                    f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} {when} "
                    f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
                )
