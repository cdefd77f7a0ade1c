"""sqlglot's own `sqlglot.lineage`, over the query of each statement, with the statement's target as the output.

It answers for queries only, so UPDATE, DELETE and MERGE have tables and no columns. What a statement creates is
known to the ones after it.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.lineage import Node, lineage
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers
from sqlglot.optimizer.scope import traverse_scope

from benchmarks.sql.peers.loop import Line, column, serve

Columns = dict[str, dict[str, str]]


def answered(request: Line) -> Line:
    """Give the lineage of each statement of a text; a statement that fails costs only itself."""
    known: Columns = dict(request["schema"] or {})
    trees = sqlglot.parse(request["sql"], dialect=request["dialect"])
    parts = [_statement(tree, request["dialect"], known) for tree in trees if tree is not None]
    keys = ("inputs", "outputs", "columns", "errors")
    return {key: [each for part in parts for each in part[key]] for key in keys}


def _statement(tree: exp.Expr, dialect: str | None, known: Columns) -> Line:
    tree = normalize_identifiers(tree, dialect=dialect)
    target, query = _target(tree), _query(tree)
    answer: Line = {"inputs": _read(tree, target), "outputs": [_name(target)] if target else [], "columns": []}
    try:
        if query is not None:
            names = _written(tree, known)
            answer["columns"] = _columns(query, _name(target) if target else "", names, dialect, known)
            if target is not None and not isinstance(tree, exp.Insert):
                known[_name(target)] = {each["output"]["column"]: "text" for each in answer["columns"]}
    except Exception as error:  # noqa: BLE001 - the engine's failure is what we measure
        return {**answer, "errors": [{"code": type(error).__name__, "message": str(error)[:500], "statement": 0}]}
    return {**answer, "errors": []}


def _target(tree: exp.Expr) -> exp.Table | None:
    """What a statement writes; `SELECT … INTO` writes too."""
    into = tree.args.get("into") if isinstance(tree, exp.Select) else None
    if into is not None:
        return into.this if isinstance(into.this, exp.Table) else None
    writes = (exp.Insert, exp.Update, exp.Delete, exp.Merge)
    if isinstance(tree, writes) or (isinstance(tree, exp.Create) and tree.kind in ("TABLE", "VIEW")):
        return tree.this.find(exp.Table) if tree.this else None
    return None


def _query(tree: exp.Expr) -> exp.Query | None:
    query = tree if isinstance(tree, exp.Query) else tree.args.get("expression")
    if not isinstance(query, exp.Query) or not isinstance(tree, (exp.Query, exp.Insert, exp.Create)):
        return None
    query = query.copy()
    query.set("into", None)
    if not isinstance(tree, exp.Query) and tree.args.get("with_") and not query.args.get("with_"):
        query.set("with_", tree.args["with_"].copy())
    return query


def _read(tree: exp.Expr, target: exp.Table | None) -> list[str]:
    """Tables of all scopes; in a statement that is no query, all tables but its own CTEs and its target."""
    if isinstance(tree, (exp.Query, exp.Insert, exp.Create)):
        query = _query(tree)
        scopes = traverse_scope(query) if query is not None else []
        sources = (source for scope in scopes for source in scope.sources.values())
        return sorted({_name(source) for source in sources if isinstance(source, exp.Table)})
    if not isinstance(tree, (exp.Update, exp.Delete, exp.Merge)):
        return []
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    names = {_name(table) for table in tree.find_all(exp.Table) if table is not target}
    return sorted(names - own)


def _written(tree: exp.Expr, known: Columns) -> list[str]:
    """The target's columns by position: the list's, else the schema's."""
    if isinstance(tree.this, exp.Schema):
        return [each.name for each in tree.this.expressions]
    return list(known.get(_name(tree.this), {})) if isinstance(tree, exp.Insert) else []


def _columns(query: exp.Query, target: str, names: list[str], dialect: str | None, known: Columns) -> list[Line]:
    nodes = lineage(None, query, schema=_nested(known), dialect=dialect, trim_selects=False)
    outputs = names if len(names) == len(nodes) else list(nodes)
    return [column(target, output, _leaves(node)) for output, node in zip(outputs, nodes.values(), strict=True)]


def _leaves(node: Node) -> list[tuple[str, str]]:
    ends = [each for each in node.walk() if not each.downstream and isinstance(each.expression, exp.Table)]
    return [(_name(end.expression), end.name.rpartition(".")[2]) for end in ends]


def _nested(known: Columns) -> dict[str, Any]:
    """The schema as sqlglot wants it: a dict in a dict for each part, all names of the depth of the deepest."""
    depth = max((table.count(".") for table in known), default=0)
    nested: dict[str, Any] = {}
    for table, columns in known.items():
        parts = table.split(".")
        if len(parts) == depth + 1:
            folder = nested
            for part in parts[:-1]:
                folder = folder.setdefault(part, {})
            folder[parts[-1]] = columns
    return nested


def _name(table: exp.Expr) -> str:
    return ".".join(part.name for part in table.parts) if isinstance(table, exp.Table) else ""


if __name__ == "__main__":
    serve("sqlglot.lineage", version("sqlglot"), answered)
