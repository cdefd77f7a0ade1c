"""INSERT in all its forms: by position and by name, upserts, several targets at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlglot import exp

from nexus_core.model.statement import Transformation
from nexus_core.sql.resolving.ctes import with_queries
from nexus_core.sql.resolving.expressions import value_of
from nexus_core.sql.resolving.files import file_target
from nexus_core.sql.resolving.relations import BaseTable, Derived
from nexus_core.sql.resolving.resolution import Ctes, Effect, Resolution
from nexus_core.sql.resolving.scope import Scope
from nexus_core.sql.resolving.select import add_from, projection
from nexus_core.sql.resolving.values import Output, Value
from nexus_core.sql.statements.returning import returning
from nexus_core.sql.statements.targets import Target, assigned, inserted, numbered, target_of

_SOURCES = (exp.Query, exp.Values, exp.Table)


def insert(node: exp.Expr, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> Derived:
    """Resolve INSERT, to what it returns; what an upsert updates adds sources to its columns."""
    ctes = with_queries(node, resolution, ctes, parent)
    source = node.args.get("expression") or node.args.get("source")
    derived = resolution.query(source, ctes, parent) if isinstance(source, _SOURCES) else Derived([])
    file = file_target(node.this, resolution)
    if file is not None:
        resolution.effects.append(Effect((file,), numbered(derived.outputs()), derived.indirect))
        return Derived([])
    target = target_of(node.this, resolution)
    if target is None:
        resolution.problem("unsupported_target", f"{type(node.this).__name__} is no table")
        resolution.effects.append(Effect(()))
        return Derived([])
    outputs, guessed = _named(node, target, derived)
    indirect = dict(derived.indirect)
    updates = _on_conflict(node, target, outputs, Scope(resolution, ctes, parent), indirect)
    resolution.effects.append(Effect(target.name, (*outputs, *updates), indirect, guessed=guessed))
    written = {output.name: output.value for output in outputs}
    return returning(node, [target], Scope(resolution, ctes, parent), written)


def _named(node: exp.Expr, target: Target, derived: Derived) -> tuple[tuple[Output, ...], bool]:
    if not node.args.get("by_name"):
        outputs = derived.outputs()
        if isinstance(node.args.get("expression"), exp.Values):
            outputs = [replace(output, name="") for output in outputs]
        return inserted(target, outputs)
    return tuple(replace(each, name=target.spelled(each.name)) for each in derived.outputs()), False


def _on_conflict(
    node: exp.Expr, target: Target, outputs: Iterable[Output], around: Scope, indirect: Value
) -> list[Output]:
    """Give what ON CONFLICT or ON DUPLICATE KEY updates: it sees the table's row, the new one, and MySQL's query."""
    conflict = node.args.get("conflict")
    if conflict is None:
        return []
    source = node.args.get("expression")
    if conflict.args.get("duplicate") and isinstance(source, exp.Select):
        add_from(source, around, Value())
    scope = Scope(around.resolution, around.ctes, around)
    fold = scope.resolution.traits.fold_text
    scope.add(target.alias(scope.resolution.traits), BaseTable(".".join(target.name), target.known), target.name)
    around.add("excluded", NewRow(list(outputs)))
    if source is not None and isinstance(alias := source.args.get("alias"), exp.TableAlias):
        names = [fold(each.name) for each in alias.columns]
        (scope if names else around).add(fold(alias.name), Derived(list(outputs)).renamed(names))
    if (where := conflict.args.get("where")) is not None:
        indirect.update(value_of(where, scope, Transformation.FILTER))
    return list(assigned([each.transform(_new_value) for each in conflict.expressions], scope, target))


class NewRow(Derived):
    """The row that an upsert would have inserted: columns to which it gives no value have their default."""

    def has(self, column: str) -> bool:  # noqa: ARG002 - it has all columns of the table
        """Give yes."""
        return True

    def value(self, column: str) -> Value:
        """Give the sources of what is inserted into a column."""
        return self.output(column).value

    def output(self, column: str) -> Output:
        """Give what is inserted into a column."""
        return Output(column, {}) if super().has(column) is False else super().output(column)


def _new_value(node: exp.Expr) -> exp.Expr:
    """Give `VALUES(a)`, MySQL's name for a column of the new row, as `excluded.a`."""
    if isinstance(node, exp.Anonymous) and node.name.upper() == "VALUES" and len(node.expressions) == 1:
        return exp.column(node.expressions[0].name, table="excluded")
    return node


def insert_many(node: exp.Expr, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> Derived:
    """Resolve `FROM x INSERT … INSERT …` (Hive) and INSERT ALL or FIRST (Oracle, Snowflake)."""
    ctes = with_queries(node, resolution, ctes, parent)
    source = node.args["source"]
    if not node.args.get("kind"):
        for each in node.expressions:
            each.expression.set("from_", exp.From(this=source.copy()))
            insert(each, resolution, ctes, parent)
        return Derived([])
    derived = resolution.query(source, ctes, parent)
    scope = Scope(resolution, ctes, parent)
    scope.add("", derived)
    decided: Value = {}
    for each in node.expressions:
        condition = each.args.get("expression")
        own = value_of(condition, scope, Transformation.FILTER) if condition is not None else Value()
        cumulative = each.args.get("else_") or str(node.args["kind"]).upper() == "FIRST"
        _into(each.this, derived, scope, {**derived.indirect, **(decided if cumulative else {}), **own})
        decided.update(own)
    return Derived([])


def _into(node: exp.Insert, derived: Derived, scope: Scope, indirect: Value) -> None:
    """Record one INTO: its VALUES see the query's columns; without them it takes all by position."""
    target = target_of(node.this, scope.resolution)
    if target is None:
        return
    values = node.args.get("expression")
    row = values.expressions[0].expressions if isinstance(values, exp.Values) and values.expressions else None
    columns = derived.outputs() if row is None else [projection(each, scope) for each in row]
    outputs, guessed = inserted(target, columns)
    scope.resolution.effects.append(Effect(target.name, outputs, indirect, guessed=guessed))
