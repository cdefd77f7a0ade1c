"""The schema that a text of CREATE statements makes, such as a dump of a database without its rows."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from nexus_core.errors import InvalidInputError
from nexus_core.model.statement import SqlRequest
from nexus_core.sql.dialect import T_SQL, Traits, traits_of
from nexus_core.sql.engine import derive
from nexus_core.sql.programs.tsql.splitting import pieces
from nexus_core.sql.reading.parse import Statement, statements
from nexus_core.sql.resolving.session import Session


def schema_of(ddl: str, dialect: str | None) -> dict[str, dict[str, str]]:
    """Give the tables and views that a text creates, as names → columns → types, "" where a query makes the column.

    Statements of other kinds count for nothing. Raises InvalidInputError for a dialect that is not known.
    """
    traits = traits_of(dialect)
    if traits is None:
        raise InvalidInputError(f"{dialect!r} is no dialect", "dialect")
    session = Session(SqlRequest(ddl, dialect), traits)
    found: dict[str, dict[str, str]] = {}
    for statement in _statements(ddl, traits):
        made = statement.node
        if isinstance(made, exp.Create) and isinstance(made.this, exp.Schema) and isinstance(made.this.this, exp.Table):
            columns = _columns(made.this, session)
            if columns:
                found[".".join(session.name(made.this.this))] = columns
    for column in derive(SqlRequest(ddl, dialect, found)).columns:
        if column.table and column.column not in ("", "*"):
            found.setdefault(column.table, {}).setdefault(column.column, "")
    return found


def _statements(ddl: str, traits: Traits) -> Iterator[Statement]:
    """Give the statements of a text; those of T-SQL need no semicolons between them."""
    for text in pieces(ddl) if traits.name in T_SQL else [ddl]:
        yield from statements(text, traits)


def _columns(listed: exp.Schema, session: Session) -> dict[str, str]:
    defined = [each for each in listed.expressions if isinstance(each, exp.ColumnDef)]
    return {
        session.traits.fold(each.this): kind.sql(session.traits.name or None) if (kind := each.args.get("kind")) else ""
        for each in defined
        if isinstance(each.this, exp.Identifier)
    }
