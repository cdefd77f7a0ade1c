"""What a text of CREATE statements makes, table by table and view by view, so that two such texts can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from nexus_core.errors import InvalidInputError
from nexus_core.model.statement import SqlRequest
from nexus_core.sql.dialect import Traits, traits_of
from nexus_core.sql.reading.parse import Statement, statements
from nexus_core.sql.resolving.session import Session


@dataclass(frozen=True, slots=True)
class DdlColumn:
    """A column as a CREATE TABLE has it."""

    kind: str
    required: bool


@dataclass(frozen=True, slots=True)
class DdlObjects:
    """Tables with their columns in order, views with the text that makes them, by dotted name."""

    tables: Mapping[str, Mapping[str, DdlColumn]] = field(default_factory=dict)
    views: Mapping[str, str] = field(default_factory=dict)


def objects_of(ddl: str, dialect: str | None, default_schema: str | None = None) -> DdlObjects:
    """Give what a text makes; later statements of a name win, others than CREATE TABLE and VIEW count for nothing.

    Names without a schema are of `default_schema`. Raises InvalidInputError for a dialect that is not known, and for a
    CREATE TABLE that cannot be read, since its columns would seem to be dropped.
    """
    traits = traits_of(dialect)
    if traits is None:
        raise InvalidInputError(f"{dialect!r} is no dialect", "dialect")
    session = Session(SqlRequest(ddl, dialect, None, None, default_schema), traits)
    tables: dict[str, Mapping[str, DdlColumn]] = {}
    views: dict[str, str] = {}
    for statement in statements(ddl, traits, 0):
        made = statement.node
        _require_read(statement)
        table = _table(made)
        if table is None or not isinstance(made, exp.Create):
            continue
        name = ".".join(session.name(table))
        if str(made.args.get("kind")).upper() == "VIEW":
            views[name] = ddl[statement.tokens[0].start : statement.tokens[-1].end + 1]
        elif isinstance(made.this, exp.Schema):
            tables[name] = _columns(made.this, traits)
    return DdlObjects(tables, views)


def _table(made: exp.Expr | None) -> exp.Table | None:
    """Give the table or view that a CREATE makes."""
    target = made.this if isinstance(made, exp.Create) else None
    named = target.this if isinstance(target, exp.Schema) else target
    return named if isinstance(named, exp.Table) else None


def _require_read(statement: Statement) -> None:
    words = [token.text.upper() for token in statement.tokens[:4]]
    said = statement.error or statement.note
    if said is not None and words[:1] == ["CREATE"] and {"TABLE", "VIEW"} & set(words):
        raise InvalidInputError(f"statement {statement.number + 1} cannot be read: {said.message}", "ddl")


def _columns(listed: exp.Schema, traits: Traits) -> dict[str, DdlColumn]:
    keys = {name.lower() for each in listed.expressions for name in _key_columns(each)}
    found: dict[str, DdlColumn] = {}
    for each in listed.expressions:
        if isinstance(each, exp.ColumnDef) and isinstance(each.this, exp.Identifier):
            kind = each.args.get("kind")
            declared = kind.sql(traits.name or None) if isinstance(kind, exp.Expr) else ""
            name = traits.fold(each.this)
            found[name] = DdlColumn(declared, _is_required(each) or name.lower() in keys)
    return found


def _is_required(column: exp.ColumnDef) -> bool:
    kinds = [each.args.get("kind") for each in column.args.get("constraints") or ()]
    return any(
        isinstance(kind, exp.PrimaryKeyColumnConstraint)
        or (isinstance(kind, exp.NotNullColumnConstraint) and not kind.args.get("allow_null"))
        for kind in kinds
    )


def _key_columns(each: exp.Expr) -> list[str]:
    key = each if isinstance(each, exp.PrimaryKey) else each.find(exp.PrimaryKey)
    return [part.name for part in key.expressions if isinstance(part, exp.Expr)] if key is not None else []
