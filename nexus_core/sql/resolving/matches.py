"""MATCH_RECOGNIZE and CONNECT BY: rows by patterns over their order, or by their hierarchy."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlglot import exp

from nexus_core.model.statement import Transformation
from nexus_core.sql.resolving.expressions import output_of, value_of
from nexus_core.sql.resolving.relations import Derived, FunctionTable, Relation
from nexus_core.sql.resolving.scope import Scope
from nexus_core.sql.resolving.values import Output, Value, carried

_WORD = re.compile(r"\w+")
_NAVIGATION: dict[type[exp.Expr], type[exp.Expr]] = {exp.First: exp.FirstValue, exp.Last: exp.LastValue}
"""Inside MATCH_RECOGNIZE these give the value of one row and aggregate nothing."""


def recognized(match: exp.Expr, alias: str, source: Relation, scope: Scope) -> Derived:
    """Give the rows of MATCH_RECOGNIZE: of each match its measures, by the row or with all rows of the source."""
    variables = Scope(scope.resolution, scope.ctes, scope.parent)
    for variable in _variables(match, scope):
        variables.add(variable, source)
    inner = Scope(scope.resolution, scope.ctes, variables)
    inner.add(alias, source)
    partition = [_plain(each, inner) for each in match.args.get("partition_by") or ()]
    measures = [_measure(each, inner) for each in match.args.get("measures") or ()]
    every_row = "ALL ROWS" in str(match.args.get("rows") or "").upper()
    outputs = [*(source.outputs() if every_row else partition), *measures]
    return Derived(outputs, {**source.indirect, **_decisive(match, partition, inner)})


def _variables(match: exp.Expr, scope: Scope) -> Iterable[str]:
    """Give the pattern's variables: its words, those defined, and the unions that SUBSET makes of them."""
    fold = scope.resolution.traits.fold_text
    words = _WORD.findall(str(match.args.get("pattern") or ""))
    words += [each.alias for each in match.args.get("define") or ()]
    return dict.fromkeys(fold(word) for word in words if not word.isdigit() and word.upper() != "PERMUTE")


def _decisive(match: exp.Expr, partition: list[Output], inner: Scope) -> Value:
    """Give what decides which rows match: partition, order, and the conditions that define the variables."""
    value: Value = {}
    for output in partition:
        value.update(carried(output.value, Transformation.GROUP_BY))
    order = match.args.get("order")
    for key in order.expressions if order else ():
        value.update(value_of(key, inner, Transformation.SORT))
    for each in match.args.get("define") or ():
        value.update(value_of(each.this, inner, Transformation.FILTER))
    return value


def _plain(node: exp.Expr, inner: Scope) -> Output:
    name = inner.resolution.traits.fold(node.this) if isinstance(node, exp.Column) else ""
    return Output(name, output_of(node, inner).value)


def _measure(node: exp.Expr, inner: Scope) -> Output:
    measure = node.this
    value = measure.this if isinstance(measure, exp.Alias) else measure
    for each in list(value.find_all(*_NAVIGATION)):
        row_value = _NAVIGATION[type(each)](this=each.this)
        value = row_value if each is value else value
        each.replace(row_value)
    name = measure.args["alias"] if isinstance(measure, exp.Alias) else None
    fold = inner.resolution.traits.fold
    return Output(fold(name) if isinstance(name, exp.Identifier) else "", value_of(value, inner), value, item=measure)


def hierarchy(scope: Scope) -> FunctionTable:
    """Give the columns that CONNECT BY adds, which come from no column."""
    change_case = scope.resolution.traits.change_case
    names = ("level", "connect_by_isleaf", "connect_by_iscycle")
    return FunctionTable([Output(change_case(name), {}) for name in names], {}, closed=True)
