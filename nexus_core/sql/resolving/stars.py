"""Select items that are many columns: `*`, `t.*`, `struct.*`, COLUMNS(…), APPLY, and what they leave out or change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from sqlglot import exp

from nexus_core.sql.reading.places import Place
from nexus_core.sql.resolving.expressions import output_of, struct_fields, value_of
from nexus_core.sql.resolving.relations import hidden
from nexus_core.sql.resolving.scope import Scope
from nexus_core.sql.resolving.values import (
    AGGREGATION,
    STAR,
    TRANSFORMATION,
    OpenStar,
    Output,
    carried,
    placed,
    unknown_value,
)
from nexus_core.sql.resolving.wildcards import is_like, is_match

_COPY_STEPS = 10
"""What the copy of an expression for one column costs, in steps of the budget."""
_LIKES = (exp.Like, exp.ILike, exp.SimilarTo)


def is_star(item: exp.Expr) -> bool:
    """Whether a select item is a star: of the scope, a relation or a struct, with or without a pattern."""
    if isinstance(item, (exp.Column, *_LIKES)):
        return isinstance(item.this, exp.Star)
    return isinstance(item, exp.Star) or (isinstance(item, exp.Dot) and isinstance(item.expression, exp.Star))


def has_columns(item: exp.Expr) -> bool:
    """Whether a select item holds COLUMNS(…), or APPLY of a star, and so stands for several."""
    return item.find(exp.Columns, exp.Apply) is not None


def expanded(node: exp.Expr, scope: Scope) -> list[Output]:
    """Give the columns of a star with what it excludes, replaces and renames."""
    if isinstance(node, _LIKES):
        return _named_like(node, scope)
    star = node.expression if isinstance(node, exp.Dot) else node.this if isinstance(node, exp.Column) else node
    outputs = _starred(node, scope)
    scope.resolution.budget.spend(len(outputs))
    traits = scope.resolution.traits
    if (pattern := star.args.get("ilike")) is not None:
        outputs = [output for output in outputs if output.star or is_like(output.name.lower(), pattern.name.lower())]
    outputs = hidden(outputs, {traits.fold_text(each.name) for each in star.args.get("except_") or () if not _of(each)})
    for each in star.args.get("rename") or ():
        outputs = _renamed(outputs, traits.fold_text(each.this.name), traits.fold_text(each.alias))
    for each in star.args.get("replace") or ():
        outputs = _replaced(outputs, traits.fold_text(each.alias), each, scope)
    place = scope.resolution.places.name(node)
    return [_at(output, node, place) for output in outputs]


def _of(excluded: exp.Expr) -> str:
    """Give the struct of an excluded field, which leaves the column itself."""
    return excluded.table if isinstance(excluded, exp.Column) else ""


def _starred(node: exp.Expr, scope: Scope) -> list[Output]:
    if isinstance(node, exp.Dot):
        return _fields(node.this, scope)
    return _qualified(node, scope) if isinstance(node, exp.Column) else scope.outputs()


def _at(output: Output, item: exp.Expr, place: Place) -> Output:
    """Give a column of a star with the star's place where nothing else names it."""
    star = replace(output.star, place=place) if output.star else None
    return Output(output.name, placed(output.value, place), output.expression, star, item, output.structure)


def _qualified(node: exp.Column, scope: Scope) -> list[Output]:
    parts = [scope.resolution.traits.fold(part) for part in node.parts[:-1] if isinstance(part, exp.Identifier)]
    relation = scope.relation(parts)
    if relation is not None:
        return list(relation.outputs())
    struct = scope.struct(node)
    if struct is not None:
        return struct_fields(struct, scope)
    scope.resolution.problem("unknown_relation", f"{'.'.join(parts)} names no table here")
    return [Output(STAR, unknown_value(STAR, ()), star=OpenStar(()))]


def _fields(struct: exp.Expr, scope: Scope) -> list[Output]:
    """Give the columns of `(…).*`: a row's or a struct's."""
    inner = struct.unnest()
    if isinstance(inner, exp.Column) and (relation := scope.relation([part.name for part in inner.parts])) is not None:
        return list(relation.outputs())
    return struct_fields(output_of(inner, scope), scope)


def _renamed(outputs: Sequence[Output], old: str, new: str) -> list[Output]:
    """Give columns with one renamed; one that only a star holds is taken out of it."""
    if any(output.name.lower() == old.lower() for output in outputs):
        return [replace(output, name=new) if output.name.lower() == old.lower() else output for output in outputs]
    stars = [output.star for output in outputs if output.star]
    taken = [replace(stars[0].output(old), name=new)] if len(stars) == 1 else []
    return [*hidden(outputs, [old]), *taken]


def _replaced(outputs: Sequence[Output], name: str, by: exp.Expr, scope: Scope) -> list[Output]:
    """Give columns with one computed anew; one that only a star holds is taken out of it."""
    made = replace(output_of(by.this, scope), name=name, expression=by.this, item=by)
    if any(output.name.lower() == name.lower() for output in outputs):
        return [made if output.name.lower() == name.lower() else output for output in outputs]
    return [*hidden(outputs, [name]), made] if any(output.star for output in outputs) else list(outputs)


def _named_like(node: exp.Expr, scope: Scope) -> list[Output]:
    """DuckDB's `* LIKE 'a%'`."""
    return _kept(expanded(node.this, scope), _test(node), scope)


def _kept(outputs: Iterable[Output], test: Callable[[str], bool] | None, scope: Scope) -> list[Output]:
    if test is None:
        scope.resolution.problem("star_pattern", "which columns a pattern means is not understood: all are taken")
        return list(outputs)
    return [output for output in outputs if output.star or test(output.name)]


def _test(condition: exp.Expr) -> Callable[[str], bool] | None:
    """Give the test that a condition over a column's name makes, None where it is not a plain one."""
    pattern = condition.expression
    if not isinstance(condition, _LIKES) or not isinstance(pattern, exp.Literal):
        return None
    wanted = not condition.args.get("negate")
    if isinstance(condition, exp.SimilarTo):
        return _matches(pattern.name)
    if isinstance(condition, exp.ILike):
        return lambda name: is_like(name.lower(), pattern.name.lower()) is wanted
    return lambda name: is_like(name, pattern.name) is wanted


def _matches(pattern: str) -> Callable[[str], bool] | None:
    return None if is_match("", pattern) is None else lambda name: is_match(name, pattern) is True


def of_columns(item: exp.Expr, scope: Scope) -> list[Output]:
    """Give the columns of a select item that holds COLUMNS(…) or APPLY: the item once for each column meant."""
    node = item.find(exp.Columns, exp.Apply)
    assert node is not None  # noqa: S101 - has_columns has found it
    if isinstance(node, exp.Apply):
        meant = _meant(node.this, scope) if isinstance(node.this, exp.Columns) else expanded(node.this, scope)
        aggregates = exp.func(node.expression.name, exp.Null(), dialect=scope.resolution.traits.name or None)
        role = AGGREGATION if isinstance(aggregates, exp.AggFunc) else TRANSFORMATION
        return [replace(each, value=carried(each.value, role), expression=item, structure=None) for each in meant]
    meant = _meant(node, scope)
    if node.args.get("unpack"):
        value = {pair: evidence for each in meant for pair, evidence in carried(each.value, TRANSFORMATION).items()}
        return [Output(item.alias, value, item, item=item)]
    return meant if item is node else [_applied(item, each, scope) for each in meant]


def _applied(item: exp.Expr, column: Output, scope: Scope) -> Output:
    """Give an expression over COLUMNS(…) with one column in its place."""
    if column.star:
        role = AGGREGATION if item.find(exp.AggFunc) else TRANSFORMATION
        return replace(column, value=carried(column.value, role), item=item)
    scope.resolution.budget.spend(_COPY_STEPS)
    inner = item.copy()
    for place in list(inner.find_all(exp.Columns)):
        named = exp.Column(this=exp.to_identifier(column.name, quoted=True))
        inner = named if place is inner else inner
        place.replace(named)
    return Output(item.alias or column.name, value_of(inner, scope), inner, item=item)


def _meant(node: exp.Expr, scope: Scope) -> list[Output]:
    """Give the columns that COLUMNS(…) means: by a star, a regular expression, a lambda, or names."""
    what = node.this
    if isinstance(what, exp.Star) or (isinstance(what, exp.Column) and isinstance(what.this, exp.Star)):
        return expanded(what, scope)
    if isinstance(what, exp.Literal):
        return _kept(scope.outputs(), _matches(what.name), scope)
    if isinstance(what, exp.Lambda):
        return _kept(scope.outputs(), _test(what.this), scope)
    names = what.expressions if isinstance(what, exp.Array) else []
    if names and all(isinstance(each, exp.Literal) for each in names):
        return _listed([each.name for each in names], scope)
    condition = names[0].args.get("condition") if names and isinstance(names[0], exp.Comprehension) else None
    return _kept(scope.outputs(), _test(condition) if condition else None, scope)


def _listed(names: Sequence[str], scope: Scope) -> list[Output]:
    return [replace(scope.output(exp.column(name)), name=name) for name in names]
