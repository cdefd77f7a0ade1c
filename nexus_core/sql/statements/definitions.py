"""Statements that change what names mean rather than rows: USE, SET, DROP, ALTER … RENAME, SWAP, synonyms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sqlglot import Token, TokenType, exp

from nexus_core.sql.reading.parse import Statement
from nexus_core.sql.resolving.relations import Derived
from nexus_core.sql.resolving.session import Session
from nexus_core.sql.resolving.values import Output
from nexus_core.sql.statements.outcome import Outcome

_SCHEMA_SETTINGS = frozenset({"SEARCH_PATH", "SCHEMA", "CURRENT_SCHEMA", "CURRENT SCHEMA", "DATASET_ID"})
_DATABASE_SETTINGS = frozenset({"CATALOG", "CURRENT_CATALOG", "DATABASE", "DATASET_PROJECT_ID"})
_BEFORE_SETTING = frozenset({"SET", "SESSION", "LOCAL", "GLOBAL", "@", "@@"})
_BEHIND_SETTING = frozenset({"TO", "=", ":="})
_NO_SCHEMAS = ("$user", "pg_catalog", "pg_temp", "default")


def drop(statement: Statement, session: Session, outcome: Outcome) -> None:
    """Forget dropped tables: a later one of that name is another."""
    node = _node(statement)
    for table in [node.this, *(node.args.get("tables") or ()), *node.expressions]:
        if isinstance(table, exp.Table) and isinstance(table.this, exp.Identifier):
            outcome.forget(".".join(session.name(table)))


def alter(statement: Statement, session: Session, outcome: Outcome) -> None:
    """Follow tables that are renamed or swapped, and columns that are added, dropped or renamed."""
    node = _node(statement)
    if not isinstance(node.this, exp.Table):
        setting(statement, session, outcome)
        return
    name = session.name(node.this)
    for action in node.args.get("actions") or ():
        if isinstance(action, exp.AlterRename) and isinstance(action.this, exp.Table):
            outcome.rename({".".join(name): ".".join(_new_name(name, action.this, session))})
        elif isinstance(action, exp.SwapTable):
            first, second = ".".join(name), ".".join(session.name(action.this))
            outcome.rename({first: second, second: first})
        elif (reshape := _RESHAPES.get(type(action))) is not None:
            _reshape(".".join(name), action, reshape, session)


def _new_name(old: tuple[str, ...], new: exp.Table, session: Session) -> tuple[str, ...]:
    """Give a new name with the qualifiers of the old one before it, where it has none of its own."""
    given = [session.traits.fold_table(part) for part in new.parts if isinstance(part, exp.Identifier)]
    return (*old[: max(0, len(old) - len(given))], *given)


Reshape = Callable[[exp.Expr, list[Output], Session], list[Output]]


def _reshape(name: str, action: exp.Expr, reshape: Reshape, session: Session) -> None:
    """Change the columns of a table whose columns are known."""
    table = session.reshaped(name)
    if table.columns is not None:
        outputs = reshape(action, list(table.rows.outputs()), session)
        session.tables[name] = replace(table, rows=Derived(outputs, table.rows.indirect))


def _added(action: exp.Expr, outputs: list[Output], session: Session) -> list[Output]:
    return [*outputs, Output(session.traits.fold(action.this), {})]


def _dropped(action: exp.Expr, outputs: list[Output], session: Session) -> list[Output]:
    if str(action.args.get("kind") or "").upper() != "COLUMN":
        return outputs
    named = [action.this, *(action.args.get("tables") or ()), *action.expressions]
    gone = {session.traits.fold_text(each.name).lower() for each in named if isinstance(each, exp.Expr)}
    return [output for output in outputs if output.name.lower() not in gone]


def _column_renamed(action: exp.Expr, outputs: list[Output], session: Session) -> list[Output]:
    old, new = (session.traits.fold_text(each.name) for each in (action.this, action.args["to"]))
    return [replace(output, name=new) if output.name.lower() == old.lower() else output for output in outputs]


_RESHAPES: Mapping[type[exp.Expr], Reshape] = {
    exp.ColumnDef: _added,
    exp.Drop: _dropped,
    exp.RenameColumn: _column_renamed,
}


def use(statement: Statement, session: Session, _: Outcome) -> None:
    """Change the default database or schema."""
    node = _node(statement)
    if not isinstance(node.this, exp.Table):
        return
    kind = str(node.args.get("kind") or "").upper()
    parts = [session.traits.fold_table(part) for part in node.this.parts if isinstance(part, exp.Identifier)]
    schema = kind == "SCHEMA" or (kind in ("", "DATABASE") and session.traits.use_names_schema)
    if parts and (schema or (not kind and len(parts) == 2)):
        session.search_path = (parts[-1],)
        session.database = parts[0] if len(parts) == 2 else session.database
    elif parts and kind in ("", "DATABASE", "CATALOG"):
        session.database = parts[-1]
        session.search_path = () if session.traits.two_part_names else session.search_path


def setting(statement: Statement, session: Session, _: Outcome) -> None:
    """Follow `SET search_path TO a, b`, `SET SCHEMA a`, `SET CATALOG c`, `ALTER SESSION SET CURRENT_SCHEMA = a`."""
    tokens = list(statement.tokens)
    if [token.text.upper() for token in tokens[:2]] == ["ALTER", "SESSION"]:
        del tokens[:2]
    while tokens and tokens[0].text.upper() in _BEFORE_SETTING:
        tokens.pop(0)
    words = [token.text.upper() for token in tokens[:2]]
    key = " ".join(words) if words == ["CURRENT", "SCHEMA"] else "".join(words[:1])
    values = tokens[2 if " " in key else 1 :]
    if values and values[0].text.upper() in _BEHIND_SETTING:
        values = values[1:]
    names = [name for value in values for name in _names(value, session)]
    if key in _SCHEMA_SETTINGS:
        session.search_path = tuple(name for name in names if name not in _NO_SCHEMAS)
    elif key in _DATABASE_SETTINGS and names:
        session.database = names[-1]


def _names(token: Token, session: Session) -> Sequence[str]:
    """Give the names in a setting's value: one identifier, or a string that holds some."""
    if token.token_type is TokenType.STRING:
        parts = [part.strip() for part in token.text.split(",")]
        return [session.traits.fold_text(part.strip('"'), quoted=len(parts) == 1) for part in parts if part]
    if token.token_type is TokenType.COMMA or token.text in ("$", "."):
        return ()
    return [session.traits.fold_text(token.text, quoted=token.token_type is TokenType.IDENTIFIER)]


def synonym(statement: Statement, session: Session, _: Outcome) -> None:
    """Let a name mean the table that CREATE SYNONYM gives it for."""
    node = _node(statement)
    if str(node.args.get("kind")).upper() == "SYNONYM":
        session.synonyms[session.name(node.this)] = session.name(node.args["clone"].this)


def _node(statement: Statement) -> exp.Expr:
    assert statement.node is not None  # noqa: S101 - a definition is chosen by its node's type
    return statement.node


DEFINITIONS: Mapping[type[exp.Expr], Callable[[Statement, Session, Outcome], None]] = {
    exp.Drop: drop,
    exp.Alter: alter,
    exp.Use: use,
    exp.Set: setting,
    exp.Create: synonym,
}
"""Statements of these types may be read for lineage besides."""
