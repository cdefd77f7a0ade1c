"""PIVOT and UNPIVOT, behind a FROM item or as DuckDB's statement: which columns they make, and of what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product

from sqlglot import exp

from nexus_core.model.statement import Transformation
from nexus_core.sql.resolving.expressions import value_of
from nexus_core.sql.resolving.relations import Derived, Relation, hidden
from nexus_core.sql.resolving.scope import Scope
from nexus_core.sql.resolving.stars import has_columns, of_columns
from nexus_core.sql.resolving.values import AGGREGATION, CONDITION, STAR, OpenStar, Output, Value, carried, pooled


def pivoted(pivot: exp.Expr, source: Relation, alias: str, scope: Scope) -> Derived:
    """Give the rows of a source behind PIVOT or UNPIVOT; inside it only the source is known."""
    inner = Scope(scope.resolution, scope.ctes, scope.parent)
    inner.add(alias, source)
    if pivot.args.get("unpivot"):
        made, used = _unpivot(pivot, inner)
        derived = Derived([*_others(source, used), *made], source.indirect)
    else:
        derived = _pivot(pivot, source, inner)
    names = pivot.args["alias"].args.get("columns") if pivot.args.get("alias") else None
    return derived.renamed([scope.resolution.traits.fold(name) for name in names or ()])


def pivot_statement(node: exp.Expr, source: Relation, scope: Scope) -> Derived:
    """Give the rows of DuckDB's `PIVOT t ON …` and `UNPIVOT t ON …`."""
    inner = Scope(scope.resolution, scope.ctes, scope.parent)
    inner.add("", source)
    if node.args.get("unpivot"):
        made, used = _unpivot_on(node, inner)
        return Derived([*_others(source, used), *made], source.indirect)
    return _pivot(node, source, inner)


def _others(source: Relation, used: Iterable[str]) -> list[Output]:
    """Give the columns that a pivot passes on."""
    return hidden(source.outputs(), used)


def _pivot(pivot: exp.Expr, source: Relation, inner: Scope) -> Derived:
    aggregates = pivot.args.get("using") or (pivot.expressions if pivot.args.get("fields") else [])
    keys = pivot.args.get("fields") or pivot.expressions
    on = pooled(value_of(each, inner) for key in keys for each in (_key(key), *_asked(key)))
    made = _columns(pivot, keys, aggregates, on, inner)
    group = pivot.args.get("group")
    if group is not None:
        outputs = [_grouped(each, inner) for each in group.expressions]
    else:
        outputs = _others(source, _names([*aggregates, *map(_key, keys)], inner))
    by = carried(pooled(output.value for output in outputs if not output.star), Transformation.GROUP_BY)
    return Derived([*outputs, *made], {**source.indirect, **by})


def _grouped(key: exp.Expr, inner: Scope) -> Output:
    output = inner.output(key) if isinstance(key, exp.Column) else Output("", value_of(key, inner))
    name = inner.resolution.traits.fold(key.this) if isinstance(key, exp.Column) else key.sql()
    return replace(output, name=name)


def _key(field: exp.Expr) -> exp.Expr:
    """Give what stands before IN."""
    return field.this if isinstance(field, exp.In) else field


def _asked(field: exp.Expr) -> list[exp.Expr]:
    """Give the query that IN asks for its list."""
    asked = [field.args.get("query"), *field.expressions] if isinstance(field, exp.In) else []
    return [each for each in asked if isinstance(each, exp.Query)]


def _names(nodes: Iterable[exp.Expr], inner: Scope) -> set[str]:
    return {inner.resolution.traits.fold(column.this) for column in _columns_in(nodes)}


def _columns_in(nodes: Iterable[exp.Expr]) -> Iterator[exp.Column]:
    for node in nodes:
        yield from (each for each in node.find_all(exp.Column) if isinstance(each.this, exp.Identifier))


def _columns(
    pivot: exp.Expr, keys: Sequence[exp.Expr], aggregates: Sequence[exp.Expr], on: Value, inner: Scope
) -> list[Output]:
    """Give a column of each aggregate and combination of listed values, one star where only the run knows those."""
    decided = carried(on, CONDITION)
    values = [{**value_of(each, inner, AGGREGATION), **decided} for each in aggregates] or [decided]
    lists = [_listed(key) for key in keys]
    if not all(lists):
        inner.resolution.problem("pivot_columns", "which columns a pivot makes depends on the rows")
        open_ = pooled(values)
        return [Output(STAR, open_, star=OpenStar((), within=open_, exact=True))]
    naming = _Naming(pivot, aggregates, inner)
    suffixes = [naming.aggregate(at) for at in range(len(values))]
    outputs: list[Output] = []
    for combination in product(*([naming.value(each) for each in listed] for listed in lists)):
        inner.resolution.budget.spend(len(values))
        for at, value in enumerate(values):
            outputs.append(Output(naming.joined(combination, suffixes[at]), value, _at(aggregates, at)))
    return outputs


def _at(aggregates: Sequence[exp.Expr], at: int) -> exp.Expr | None:
    return aggregates[at] if aggregates else None


def _listed(key: exp.Expr) -> list[exp.Expr]:
    """Give the values that IN lists, none if it does not or says ANY or asks a query."""
    listed = key.expressions if isinstance(key, exp.In) else []
    return [] if any(isinstance(each, (exp.PivotAny, exp.Query)) for each in listed) else listed


class _Naming:
    """How a dialect names the columns of a pivot."""

    def __init__(self, pivot: exp.Expr, aggregates: Sequence[exp.Expr], inner: Scope) -> None:
        self._traits, self._aggregates = inner.resolution.traits, aggregates
        self._prefixed = bool(pivot.args.get("prefixed_pivot_columns"))

    def joined(self, values: Sequence[str], aggregate: str) -> str:
        """Give the name of the column that an aggregate makes of a combination of listed values."""
        if not aggregate:
            return "_".join(values)
        return "_".join((aggregate, *values) if self._prefixed else (*values, aggregate))

    def aggregate(self, at: int) -> str:
        """Give what an aggregate adds to a name, "" if nothing."""
        if not self._aggregates:
            return ""
        node = self._aggregates[at]
        if node.alias:
            return self._traits.fold(node.args["alias"])
        several = len(self._aggregates) > 1 and self._traits.name in _NAMES_SEVERAL
        return node.sql(self._traits.name or None).lower() if several else ""

    def value(self, value: exp.Expr) -> str:
        """Give a listed value as it stands in a name."""
        if isinstance(value, exp.PivotAlias):
            alias = value.args["alias"]
            return self._traits.fold(alias) if isinstance(alias, exp.Identifier) else alias.name
        if isinstance(value, exp.Tuple):
            return "_".join(self.value(each) for each in value.expressions)
        if isinstance(value, exp.Literal) and value.is_string and self._traits.name in _QUOTES_STRINGS:
            return f"'{value.name}'"
        if isinstance(value, exp.Column) and isinstance(value.this, exp.Identifier):
            return self._traits.fold(value.this)
        name = value.name or value.sql(self._traits.name or None)
        return name.lower() if self._traits.name in _LOWERS_VALUES else name


_NAMES_SEVERAL = {"spark", "spark2", "databricks", "duckdb", ""}
"""Dialects that put an aggregate's text into the name of a column where there are several."""

_QUOTES_STRINGS = {"snowflake", "oracle"}
"""Dialects that name a column by a string with its quotes."""

_LOWERS_VALUES = {"redshift"}


def _unpivot(pivot: exp.Expr, inner: Scope) -> tuple[list[Output], set[str]]:
    """Give the columns of `UNPIVOT (v FOR n IN (a, b))`, and those that it uses up."""
    traits = inner.resolution.traits
    values: list[exp.Expr] = []
    for each in pivot.expressions:
        values += each.expressions if isinstance(each, exp.Tuple) else [each]
    names, groups = [], []
    for field in pivot.args.get("fields") or ():
        names += field.this.expressions if isinstance(field.this, exp.Tuple) else [field.this]
        groups += [_group(each) for each in field.expressions]
    made = [Output(_name(each, inner), _spread(groups, at, inner)) for at, each in enumerate(values)]
    labels = [Output(_name(each, inner), {}) for each in names]
    used = {traits.fold(column.this) for column in _columns_in(each for group in groups for each in group)}
    return ([*made, *labels] if pivot.args.get("value_columns_first") else [*labels, *made]), used


def _name(node: exp.Expr, inner: Scope) -> str:
    name = node.this if isinstance(node, exp.Column) else node
    return inner.resolution.traits.fold(name) if isinstance(name, exp.Identifier) else node.name


def _group(listed: exp.Expr) -> list[exp.Expr]:
    plain = listed.this if isinstance(listed, (exp.PivotAlias, exp.Alias)) else listed
    return plain.expressions if isinstance(plain, exp.Tuple) else [plain]


def _spread(groups: Sequence[Sequence[exp.Expr]], at: int, inner: Scope) -> Value:
    return pooled(value_of(group[at], inner) for group in groups if at < len(group))


def _unpivot_on(node: exp.Expr, inner: Scope) -> tuple[list[Output], set[str]]:
    """Give the columns of `UNPIVOT t ON a, b INTO NAME n VALUE v`, and those that it uses up."""
    groups: list[list[Value]] = []
    used: set[str] = set()
    for each in node.expressions:
        if has_columns(each):
            meant = of_columns(each, inner)
            groups += [[output.value] for output in meant]
            used.update(output.name for output in meant)
        else:
            groups.append([value_of(one, inner) for one in _group(each)])
            used |= _names([each], inner)
    into = node.args.get("into")
    name = _name(into.this, inner) if into else "name"
    values = [_name(each, inner) for each in into.expressions] if into else ["value"]
    made = [Output(each, pooled(g[at] for g in groups if at < len(g))) for at, each in enumerate(values)]
    return [Output(name, {}), *made], used
