"""MERGE: every WHEN branch adds sources to the target's columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlglot import exp

from nexus_core.model.statement import Transformation
from nexus_core.sql.resolving.ctes import read_cte, with_queries
from nexus_core.sql.resolving.expressions import value_of
from nexus_core.sql.resolving.relations import Derived
from nexus_core.sql.resolving.resolution import Ctes, Effect, Resolution
from nexus_core.sql.resolving.scope import Scope
from nexus_core.sql.resolving.sources import add_source
from nexus_core.sql.resolving.values import Output, Value, carried
from nexus_core.sql.statements.returning import returning
from nexus_core.sql.statements.targets import Target, assigned, given, inserted, target_of


@dataclass(slots=True)
class _Merge:
    """A MERGE under way: its branches see both sides, or one of them alone where the other has no row."""

    target: Target
    both: Scope
    source: Scope
    own: Scope
    indirect: Value
    guessed: bool = False


def merge(node: exp.Expr, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> Derived:
    """Resolve MERGE, to what it returns."""
    ctes = with_queries(node, resolution, ctes, parent)
    target = _target(node.this, resolution, ctes)
    if target is None:
        resolution.problem("unsupported_target", f"{type(node.this).__name__} is no table")
        return Derived([])
    both, source, own = (Scope(resolution, ctes, parent) for _ in range(3))
    under_way = _Merge(target, both, source, own, Value())
    _sides(node, under_way)
    outputs = [output for when in node.args["whens"].expressions for output in _branch(when, under_way)]
    resolution.effects.append(Effect(target.name, tuple(outputs), under_way.indirect, guessed=under_way.guessed))
    return returning(node, [target], under_way.both, {output.name: output.value for output in outputs})


def _target(node: exp.Expr, resolution: Resolution, ctes: Ctes) -> Target | None:
    """Give the target table; of a WITH query (T-SQL) the table that it selects from."""
    name = resolution.traits.fold_text(node.name)
    if not isinstance(node, exp.Table) or node.db or (cte := ctes.get(name)) is None:
        return target_of(node, resolution)
    read_cte(name, cte, resolution, None)
    source = cte.node.this.args.get("from_")
    target = target_of(source.this, resolution) if source is not None else None
    if target is not None:
        resolution.reads.pop(".".join(target.name), None)
        target = replace(target, table=node)
    return target


def _sides(node: exp.Expr, under_way: _Merge) -> None:
    both, source, target = under_way.both, under_way.source, under_way.target
    resolution = both.resolution
    relation = resolution.table(target.name, reads=False)
    for scope in (both, under_way.own):
        scope.add(target.alias(resolution.traits), relation, () if target.table.alias else target.name)
    add_source(node.args["using"], source, under_way.indirect)
    for key, each in source.relations.items():
        both.add(key, each, source.names[key])
    if isinstance(on := node.args.get("on"), exp.Expr):
        under_way.indirect.update(value_of(on, both, Transformation.JOIN))
    for name in node.args.get("using_cond") or ():
        folded = resolution.traits.fold_text(name.name)
        for each in both.relations.values():
            under_way.indirect.update(carried(each.value(folded), Transformation.JOIN))


def _branch(when: exp.Expr, under_way: _Merge) -> list[Output]:
    then = when.args.get("then")
    scope = _seen(when, under_way)
    for condition in (when.args.get("condition"), isinstance(then, exp.Expr) and then.args.get("where")):
        if isinstance(condition, exp.Expr):
            under_way.indirect.update(value_of(condition, scope, Transformation.FILTER))
    if isinstance(then, exp.Update):
        if not then.expressions or any(isinstance(each, exp.Star) for each in then.expressions):
            return list(_all_by_name(under_way))
        return list(assigned(then.expressions, scope, under_way.target))
    return _inserted(then, under_way) if isinstance(then, exp.Insert) else []


def _seen(when: exp.Expr, under_way: _Merge) -> Scope:
    """Give what a branch sees: one side alone in NOT MATCHED, the target's in NOT MATCHED BY SOURCE."""
    if when.args.get("matched"):
        return under_way.both
    return under_way.own if when.args.get("source") else under_way.source


def _inserted(then: exp.Insert, under_way: _Merge) -> list[Output]:
    """Resolve `INSERT (a, b) VALUES (x, y)`, whose values see the source, `INSERT *` and `INSERT ROW`."""
    if isinstance(then.this, exp.Star):
        return list(_all_by_name(under_way))
    if isinstance(then.this, exp.Var) or (then.this is None and not then.args.get("expression")):
        return _placed((), list(_source_columns(under_way)), under_way)
    columns, values = _list_and_values(then)
    traits = under_way.both.resolution.traits
    listed = tuple(
        traits.fold(each.this)
        for each in columns
        if isinstance(each, exp.Column) and isinstance(each.this, exp.Identifier)
    )
    return _placed(listed, [given(each, under_way.source) for each in values], under_way)


def _list_and_values(then: exp.Insert) -> tuple[list[exp.Expr], list[exp.Expr]]:
    """Give the column list and the values; sqlglot takes values without a list for a list."""
    first = then.this.expressions if isinstance(then.this, exp.Tuple) else []
    values = then.args.get("expression") or None
    if values:
        return first, values.expressions if isinstance(values, exp.Tuple) else []
    if len(first) == 1 and isinstance(first[0], exp.Anonymous) and first[0].name.upper() == "VALUES":
        return [], first[0].expressions
    return [], first


def _placed(listed: tuple[str, ...], outputs: list[Output], under_way: _Merge) -> list[Output]:
    placed, guessed = inserted(replace(under_way.target, listed=listed), outputs)
    under_way.guessed |= guessed
    return list(placed)


def _all_by_name(under_way: _Merge) -> Iterator[Output]:
    """Give the source's columns under the target's names: those that the target has, where that is known."""
    target = under_way.target
    known = None if target.known is None else {name.lower() for name in target.known}
    for output in _source_columns(under_way):
        if known is None or output.star or output.name.lower() in known:
            yield replace(output, name=target.spelled(output.name), star=None)


def _source_columns(under_way: _Merge) -> Iterator[Output]:
    for relation in under_way.source.relations.values():
        yield from relation.outputs()
