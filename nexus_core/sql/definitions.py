"""Statements that change names rather than rows: DROP, ALTER … RENAME, USE, SET search_path."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sqlglot import exp

from nexus_core.sql.session import Session

_SEARCH_PATH = re.compile(
    r"^(?:(?:session|local)\s+)?(?:search_path\s*(?:to|=)|schema)\s*(.+)$", re.IGNORECASE | re.DOTALL
)


def drop(node: exp.Expr, session: Session) -> None:
    """Forget dropped tables: a later one of that name is another."""
    for table in [node.this, *(node.args.get("tables") or ())]:
        if isinstance(table, exp.Table) and isinstance(table.this, exp.Identifier):
            session.tables.pop(".".join(session.name(table)), None)


def alter(node: exp.Expr, session: Session) -> None:
    """Follow a table that is renamed, with what it was filled from; the outcome knows it by its first name."""
    for action in node.args.get("actions") or ():
        if isinstance(action, exp.AlterRename) and isinstance(node.this, exp.Table):
            old = session.tables.pop(".".join(session.name(node.this)), None)
            new = ".".join((*session.name(node.this)[:-1], session.traits.fold_table(action.this.this)))
            if old is not None:
                session.tables[new] = old


def use(node: exp.Expr, session: Session) -> None:
    """Change the default database or schema."""
    if not isinstance(node.this, exp.Table):
        return
    kind = str(node.args.get("kind") or "").upper()
    parts = [session.traits.fold_table(part) for part in node.this.parts if isinstance(part, exp.Identifier)]
    if not parts:
        return
    if kind == "SCHEMA" or len(parts) == 2:
        session.search_path = (parts[-1],)
        session.database = parts[0] if len(parts) == 2 else session.database
    elif kind in ("", "DATABASE", "CATALOG"):
        session.database = parts[-1]
        session.search_path = () if session.traits.two_part_names else session.search_path


def search_path(node: exp.Command, session: Session) -> bool:
    """Follow `SET search_path TO a, b` and `SET SCHEMA 'a'`; tell whether it was one."""
    text = node.expression.name if isinstance(node.expression, exp.Expr) else str(node.expression or "")
    found = _SEARCH_PATH.match(text.strip()) if node.name.upper() == "SET" else None
    if found is None:
        return False
    names = [name.strip() for name in found.group(1).split(",")]
    folded = [session.traits.fold_text(name.strip("\"'"), quoted=name[:1] in "\"'") for name in names if name]
    session.search_path = tuple(name for name in folded if name not in ("$user", "pg_catalog", "pg_temp", "default"))
    return True


DEFINITIONS: Mapping[type[exp.Expr], Callable[[exp.Expr, Session], None]] = {
    exp.Drop: drop,
    exp.Alter: alter,
    exp.Use: use,
}
