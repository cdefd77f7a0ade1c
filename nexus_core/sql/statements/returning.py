"""RETURNING and OUTPUT: the rows that a writing statement hands on, and the table that they may go to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlglot import exp

from nexus_core.sql.resolving.relations import Derived, Relation
from nexus_core.sql.resolving.resolution import Effect
from nexus_core.sql.resolving.scope import Scope
from nexus_core.sql.resolving.select import projections
from nexus_core.sql.resolving.values import Output, Value
from nexus_core.sql.statements.targets import Target, inserted, target_of

_BEFORE, _AFTER = ("deleted", "old"), ("inserted", "new")


def returning(node: exp.Expr, targets: Iterable[Target | None], around: Scope, written: Mapping[str, Value]) -> Derived:
    """Give the rows that a statement hands on: written columns come from their sources, others from the table.

    `around` is the statement's own scope: it may hand on columns of the tables that it reads, too.
    """
    clauses = node.args.get("outputs") or [node.args.get("returning")]
    if clauses == [None]:
        return Derived([])
    states = Scope(around.resolution, around.ctes, around)
    scope = Scope(around.resolution, around.ctes, states)
    for target in targets:
        if target is not None:
            _add(target, scope, states, written)
    scope.aliases, scope.aliases_first = {"$action": Output("$action", {})}, True
    indirect = dict(around.resolution.effects[-1].indirect) if around.resolution.effects else {}
    returned = Derived([])
    for clause in clauses:
        outputs = [output for item in clause.expressions for output in projections(item, scope)]
        if not _kept(clause.args.get("into"), outputs, indirect, scope):
            returned = Derived(outputs, indirect)
    return returned


def _add(target: Target, scope: Scope, states: Scope, written: Mapping[str, Value]) -> None:
    before = scope.resolution.table(target.name, reads=False)
    after = _after(before, written)
    scope.add(target.alias(scope.resolution.traits), after, target.name)
    for names, relation in ((_BEFORE, before), (_AFTER, after)):
        for name in names:
            states.add(name, relation)


def _after(before: Relation, written: Mapping[str, Value]) -> Derived:
    """Give a target's rows after the write: written columns have their sources, others are the table's own."""
    outputs = [replace(output, value=written.get(output.name, output.value)) for output in before.outputs()]
    named = {output.name for output in outputs}
    return Derived([*(Output(name, value) for name, value in written.items() if name not in named), *outputs])


def _kept(into: object, outputs: list[Output], indirect: Value, scope: Scope) -> bool:
    """Record the rows of OUTPUT … INTO a table, and tell whether they go to one."""
    target = target_of(into, scope.resolution) if isinstance(into, (exp.Table, exp.Schema)) else None
    if target is not None:
        columns, guessed = inserted(target, outputs)
        scope.resolution.effects.append(Effect(target.name, columns, indirect, guessed=guessed))
    return target is not None
