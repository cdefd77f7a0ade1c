"""WITH queries: resolved when they are first read; recursive ones until nothing new reaches them."""

from __future__ import annotations

from sqlglot import exp

from nexus_core.sql.relations import Derived
from nexus_core.sql.resolution import Cte, Ctes, Resolution
from nexus_core.sql.scope import Scope

_RECURSION_ROUNDS = 8
"""Rounds in which sources spread through a recursive query whose columns change places."""

_ALWAYS_RECURSIVE = {"tsql", "oracle", "redshift"}
"""Dialects in which WITH needs no word RECURSIVE."""


def with_queries(node: exp.Expr, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> Ctes:
    """Give the WITH queries in force inside a node; those that write do so whether or not they are read."""
    clause = node.args.get("with_")
    if clause is None:
        return ctes
    inner = dict(ctes)
    for each in clause.expressions:
        name = resolution.traits.fold(each.args["alias"].this)
        cte = Cte(each, dict(inner), bool(clause.args.get("recursive")) or resolution.traits.name in _ALWAYS_RECURSIVE)
        inner[name] = cte
        if isinstance(each.this, exp.DML):
            read_cte(name, cte, resolution, parent)
    return inner


def read_cte(name: str, cte: Cte, resolution: Resolution, parent: Scope | None) -> Derived:
    """Give a WITH query's result, resolved at its first reading; a recursive one until nothing new reaches it."""
    if cte.relation is None:
        columns = [resolution.traits.fold(column) for column in cte.node.args["alias"].args.get("columns") or ()]
        body = cte.node.this
        if cte.recursive and _reads_itself(name, body, resolution):
            cte.relation = resolution.query(_anchor(body), cte.ctes, parent).renamed(columns)
            own: Ctes = {**cte.ctes, name: cte}
            for _ in range(_RECURSION_ROUNDS):
                before = cte.relation
                cte.relation = resolution.query(body, own, parent).renamed(columns)
                if [output.value for output in before.outputs()] == [o.value for o in cte.relation.outputs()]:
                    break
        else:
            cte.relation = resolution.query(body, cte.ctes, parent).renamed(columns)
    return cte.relation


def _reads_itself(name: str, body: exp.Expr, resolution: Resolution) -> bool:
    if not isinstance(body, exp.SetOperation):
        return False
    return any(not table.db and resolution.traits.fold_text(table.name) == name for table in body.find_all(exp.Table))


def _anchor(body: exp.Expr) -> exp.Expr:
    """Give the first branch of a set operation."""
    while isinstance(body, exp.SetOperation):
        body = body.this
    return body
