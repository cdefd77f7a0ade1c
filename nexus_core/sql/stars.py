"""`*` and `t.*`: all columns of the scope or of one relation, with EXCEPT, REPLACE and RENAME."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlglot import exp

from nexus_core.sql.expressions import value_of
from nexus_core.sql.scope import Scope
from nexus_core.sql.values import STAR, OpenStar, Output, Place, placed, unknown_value


def star_outputs(scope: Scope) -> list[Output]:
    """Give the columns of `*`: those that USING or NATURAL merged once and first, then each relation's."""
    outputs = [Output(name, value) for name, value in scope.merged.items()]
    for key, relation in scope.relations.items():
        if key not in scope.unstarred:
            outputs.extend(hidden(relation.outputs(), scope.merged))
    return outputs


def expanded(node: exp.Expr, scope: Scope) -> list[Output]:
    """Give the columns of a select item `*` or `t.*` with what it excludes, replaces and renames."""
    star = node.this if isinstance(node, exp.Column) else node
    outputs = _qualified(node, scope) if isinstance(node, exp.Column) else star_outputs(scope)
    traits = scope.resolution.traits
    outputs = hidden(outputs, {traits.fold_text(each.name) for each in star.args.get("except_") or ()})
    for each in star.args.get("rename") or ():
        outputs = [
            _renamed(output, traits.fold_text(each.this.name), traits.fold_text(each.alias)) for output in outputs
        ]
    replaced = {traits.fold_text(each.alias): each for each in star.args.get("replace") or ()}
    place = scope.resolution.places.name(node)
    return [_replaced(_at(output, node, place), replaced, scope) for output in outputs]


def _at(output: Output, item: exp.Expr, place: Place) -> Output:
    """Give a column of a star with the star's place where nothing else names it."""
    star = replace(output.star, place=place) if output.star else None
    return replace(output, value=placed(output.value, place), star=star, item=item)


def _qualified(node: exp.Column, scope: Scope) -> list[Output]:
    parts = [scope.resolution.traits.fold(part) for part in node.parts[:-1] if isinstance(part, exp.Identifier)]
    relation = scope.relation(parts)
    if relation is not None:
        return list(relation.outputs())
    scope.resolution.problem("unknown_relation", f"{'.'.join(parts)} names no table here")
    return [Output(STAR, unknown_value(STAR, ()), star=OpenStar(()))]


def hidden(outputs: Iterable[Output], names: Iterable[str]) -> list[Output]:
    """Give the columns less some, whatever their case."""
    less = {name.lower() for name in names}
    kept = [output for output in outputs if output.star or output.name.lower() not in less]
    if not less:
        return kept
    return [
        replace(output, star=replace(output.star, hidden=output.star.hidden | less)) if output.star else output
        for output in kept
    ]


def _renamed(output: Output, old: str, new: str) -> Output:
    return replace(output, name=new) if output.name == old else output


def _replaced(output: Output, replaced: dict[str, exp.Expr], scope: Scope) -> Output:
    by = replaced.get(output.name)
    if by is None:
        return output
    return replace(output, value=value_of(by.this, scope), expression=by.this, item=by)
