"""WITH queries: resolved when they are first read; recursive ones until nothing new reaches them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from nexus_core.sql.dialect import T_SQL
from nexus_core.sql.resolving.relations import Derived
from nexus_core.sql.resolving.resolution import Cte, Ctes, Resolution
from nexus_core.sql.resolving.scope import Scope
from nexus_core.sql.resolving.values import TRANSFORMATION, Output, carried

_RECURSION_ROUNDS = 8
"""Rounds in which sources spread through a recursive query whose columns change places."""

_ALWAYS_RECURSIVE = T_SQL | {"", "oracle", "redshift", "snowflake", "sqlite"}
"""Dialects in which WITH needs no word RECURSIVE."""


def with_queries(node: exp.Expr, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> Ctes:
    """Give the WITH queries in force inside a node; those that write do so whether or not they are read."""
    clause = node.args.get("with_")
    if clause is None:
        return ctes
    inner = dict(ctes)
    for each in clause.expressions:
        name = resolution.traits.fold(each.args["alias"].this)
        recursive = bool(clause.args.get("recursive")) or resolution.traits.name in _ALWAYS_RECURSIVE
        cte = Cte(each, dict(inner), recursive, _walks(clause) if each is clause.expressions[-1] else ())
        inner[name] = cte
        if isinstance(each.this, exp.DML):
            read_cte(name, cte, resolution, parent)
    return inner


def read_cte(name: str, cte: Cte, resolution: Resolution, parent: Scope | None) -> Derived:
    """Give a WITH query's result, resolved at its first reading; a recursive one until nothing new reaches it."""
    if cte.relation is None:
        columns = [resolution.traits.fold(column) for column in cte.node.args["alias"].args.get("columns") or ()]
        body = cte.node.this.unnest()
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
        if cte.walks:
            cte.relation = _walked(cte.relation, cte.walks, resolution)
    return cte.relation


def _walks(clause: exp.Expr) -> tuple[exp.Expr, ...]:
    """Give the SEARCH and CYCLE clauses, which the parser takes behind the last query only."""
    return tuple(walk for walk in (clause.args.get("search"), clause.args.get("cycle")) if walk is not None)


def _walked(relation: Derived, walks: Sequence[exp.Expr], resolution: Resolution) -> Derived:
    """Give a recursive query with the columns that order its rows or mark its cycles: made of the key they follow."""
    outputs = list(relation.outputs())
    fold = resolution.traits.fold
    for walk in walks:
        value = carried(relation.value(fold(walk.this)), TRANSFORMATION)
        names = [walk.expression, walk.args.get("using")]
        outputs += [Output(fold(name), value) for name in names if isinstance(name, exp.Identifier)]
    return Derived(outputs, relation.indirect)


def _reads_itself(name: str, body: exp.Expr, resolution: Resolution) -> bool:
    if not isinstance(body, exp.SetOperation):
        return False
    return any(not table.db and resolution.traits.fold_text(table.name) == name for table in body.find_all(exp.Table))


def _anchor(body: exp.Expr) -> exp.Expr:
    """Give the first branch of a set operation."""
    while isinstance(body, exp.SetOperation):
        body = body.this
    return body
