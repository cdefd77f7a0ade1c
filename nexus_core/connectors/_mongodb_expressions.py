"""Which fields a MongoDB aggregation expression or query reads.

Follows the manual's "Aggregation Operators" and "Query Predicates"; what is not known here is computed from all that it
names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nexus_core.connectors._mongodb_node import GONE, Node, Path, Ref, computed, overlaid, union

_SAME = frozenset({"$slice", "$reverseArray", "$arrayElemAt", "$first", "$last", "$firstN", "$lastN", "$maxN", "$minN"})
_UNIONS = frozenset({"$concatArrays", "$setUnion"})
_KEEPING = frozenset({"$push", "$addToSet", "$first", "$last", "$mergeObjects", "$firstN", "$lastN", "$min", "$max"})
_OUTPUT_PICKS = frozenset({"$top", "$bottom", "$topN", "$bottomN"})


@dataclass(frozen=True, slots=True)
class Scope:
    """The document that an expression is about, and the variables that it may name."""

    document: Node
    variables: Mapping[str, Node]

    def naming(self, **variables: Node) -> Scope:
        """Give the scope with more variables."""
        return replace(self, variables={**self.variables, **variables})


def split(path: str) -> Path:
    """Give the parts of a dotted path; positions in arrays are no parts."""
    return tuple(part for part in path.split(".") if part and not part.isdigit())


def value(expression: Any, scope: Scope) -> Node:
    """Give where the value of an expression comes from; literals come from nowhere."""
    if isinstance(expression, str) and expression.startswith("$"):
        return _named(expression, scope)
    if isinstance(expression, Mapping):
        operator = next(iter(expression), "")
        return _operated(operator, expression[operator], scope) if operator[:1] == "$" else _object(expression, scope)
    if isinstance(expression, list):
        return _any_of(expression, scope)
    return computed(())


def accumulated(accumulator: Any, scope: Scope) -> Node:
    """Give where the value of an accumulator of `$group` comes from."""
    if not isinstance(accumulator, Mapping) or not accumulator:
        return computed(())
    operator, argument = next(iter(accumulator.items()))
    if operator in _OUTPUT_PICKS and isinstance(argument, Mapping):
        order = [ref.indirectly("SORT") for path in argument.get("sortBy") or {} for ref in refs_at(path, scope)]
        return value(argument.get("output"), scope).used("AGGREGATION").affected(order)
    if operator in _KEEPING:
        inner = argument.get("input", argument) if isinstance(argument, Mapping) else argument
        return value(inner, scope).used("AGGREGATION")
    return _any_of([argument], scope).solid("AGGREGATION")


def refs_at(path: str, scope: Scope) -> frozenset[Ref]:
    """Give the sources of the field at a dotted path."""
    return scope.document.at(split(path)).all_refs()


def queried(query: Any, scope: Scope) -> frozenset[Ref]:
    """Give the fields that a query filters by."""
    return frozenset(ref for found in _queried(query, scope) for ref in found)


def _queried(query: Any, scope: Scope) -> Iterator[frozenset[Ref]]:
    for key, condition in query.items() if isinstance(query, Mapping) else ():
        if key == "$expr":
            yield value(condition, scope).all_refs()
        elif key == "$jsonSchema" and isinstance(condition, Mapping):
            yield from (refs_at(name, scope) for name in condition.get("properties") or {})
        elif key.startswith("$"):
            for each in condition if isinstance(condition, list) else ():
                yield from _queried(each, scope)
        else:
            yield refs_at(key, scope)


def _named(text: str, scope: Scope) -> Node:
    if not text.startswith("$$"):
        return scope.document.at(split(text[1:]))
    name, *path = text[2:].split(".")
    if name in ("ROOT", "CURRENT"):
        return scope.variables.get(name, scope.document).at(path)
    if name == "REMOVE":
        return GONE
    return scope.variables[name].at(path) if name in scope.variables else computed(())


def _object(expression: Mapping[str, Any], scope: Scope) -> Node:
    document = Node()
    for name, each in expression.items():
        document = document.having(split(name), value(each, scope))
    return document


def _any_of(expressions: Sequence[Any], scope: Scope) -> Node:
    found = computed(())
    for at, each in enumerate(expressions):
        found = union(found, value(each, scope)) if at else value(each, scope)
    return found


def _operated(operator: str, argument: Any, scope: Scope) -> Node:
    if operator == "$literal":
        return computed(())
    if operator in _SAME:
        given = argument.get("input") if isinstance(argument, Mapping) and "input" in argument else argument
        return value(given[0] if isinstance(given, list) and given else given, scope)
    if operator in _UNIONS:
        return _any_of(argument, scope) if isinstance(argument, list) else value(argument, scope)
    if operator == "$getField" and isinstance(argument, str):
        return scope.document.at((argument,))
    known = _FORMS.get(operator)
    if known is not None and isinstance(argument, (Mapping, list)):
        return known(argument, scope)
    return _everything(argument, scope).solid("TRANSFORMATION")


def _everything(argument: Any, scope: Scope) -> Node:
    """Give all sources that arguments name, also those of named arguments."""
    if isinstance(argument, Mapping) and not next(iter(argument), "").startswith("$"):
        return _any_of(list(argument.values()), scope)
    return value(argument, scope)


def _choice(argument: Any, scope: Scope) -> Node:
    """`$cond`, as an array or with names."""
    if isinstance(argument, list):
        argument = dict(zip(("if", "then", "else"), argument, strict=False))
    deciding = value(argument.get("if"), scope).all_refs()
    chosen = _any_of([argument.get("then"), argument.get("else")], scope)
    return chosen.used("TRANSFORMATION").affected(ref.indirectly("CONDITIONAL") for ref in deciding)


def _switch(argument: Any, scope: Scope) -> Node:
    branches = [each for each in argument.get("branches", ()) if isinstance(each, Mapping)]
    deciding = _any_of([each.get("case") for each in branches], scope).all_refs()
    chosen = _any_of([*(each.get("then") for each in branches), argument.get("default")], scope)
    return chosen.used("TRANSFORMATION").affected(ref.indirectly("CONDITIONAL") for ref in deciding)


def _mapped(argument: Any, scope: Scope) -> Node:
    """`$map`: an array stands for its elements."""
    return value(argument.get("in"), scope.naming(**{argument.get("as", "this"): value(argument.get("input"), scope)}))


def _filtered(argument: Any, scope: Scope) -> Node:
    given = value(argument.get("input"), scope)
    deciding = value(argument.get("cond"), scope.naming(**{argument.get("as", "this"): given})).all_refs()
    return given.affected(ref.indirectly("FILTER") for ref in deciding)


def _reduced(argument: Any, scope: Scope) -> Node:
    given, start = value(argument.get("input"), scope), value(argument.get("initialValue"), scope)
    found = value(argument.get("in"), scope.naming(this=given, value=start))
    return union(start, found).solid("TRANSFORMATION")


def _let(argument: Any, scope: Scope) -> Node:
    named = {name: value(each, scope) for name, each in (argument.get("vars") or {}).items()}
    return value(argument.get("in"), scope.naming(**named))


def _merged(argument: Any, scope: Scope) -> Node:
    """`$mergeObjects`: later documents win."""
    found = Node()
    for each in argument if isinstance(argument, list) else [argument]:
        found = overlaid(found, value(each, scope))
    return found


def _got(argument: Any, scope: Scope) -> Node:
    given = value(argument.get("input", "$$CURRENT"), scope)
    name = argument.get("field")
    plain = isinstance(name, str) and not name.startswith("$")
    return given.at((name,)) if plain else given.solid("TRANSFORMATION")


def _set(argument: Any, scope: Scope) -> Node:
    given, name = value(argument.get("input"), scope), argument.get("field")
    if not isinstance(name, str) or name.startswith("$"):
        return given.solid("TRANSFORMATION")
    return given.having((name,), value(argument.get("value", "$$REMOVE"), scope))


def _sorted_array(argument: Any, scope: Scope) -> Node:
    return value(argument.get("input"), scope)


_FORMS: Mapping[str, Callable[[Any, Scope], Node]] = {
    "$cond": _choice,
    "$switch": lambda argument, scope: _named_only(_switch, argument, scope),
    "$map": lambda argument, scope: _named_only(_mapped, argument, scope),
    "$filter": lambda argument, scope: _named_only(_filtered, argument, scope),
    "$reduce": lambda argument, scope: _named_only(_reduced, argument, scope),
    "$let": lambda argument, scope: _named_only(_let, argument, scope),
    "$mergeObjects": _merged,
    "$getField": lambda argument, scope: _named_only(_got, argument, scope),
    "$setField": lambda argument, scope: _named_only(_set, argument, scope),
    "$unsetField": lambda argument, scope: _named_only(_set, argument, scope),
    "$sortArray": lambda argument, scope: _named_only(_sorted_array, argument, scope),
}


def _named_only(form: Any, argument: Any, scope: Scope) -> Node:
    """Apply a form that takes named arguments; anything else is computed from all that it names."""
    found: Node = form(argument, scope) if isinstance(argument, Mapping) else value(argument, scope)
    return found if isinstance(argument, Mapping) else found.solid("TRANSFORMATION")
