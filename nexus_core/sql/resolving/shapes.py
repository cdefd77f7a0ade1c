"""Structs and arrays of them: which sources a field has, and how operations pass fields on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from nexus_core.model.statement import Transformation
from nexus_core.sql.resolving.values import (
    IDENTITY,
    STAR,
    TRANSFORMATION,
    Deferred,
    OpenStar,
    Output,
    Shape,
    Value,
    carried,
    extended,
    pooled,
)


def part(whole: Output, name: str) -> Output:
    """Give a field of a struct, or of the elements of an array of structs."""
    shape = whole.shape
    if shape is None:
        plain, computed = _plain(whole.value), _computed(whole.value)
        return Output(name, {**extended(plain, name), **carried(computed, TRANSFORMATION)})
    wanted = name.lower()
    for field in shape.fields:
        if field.name.lower() == wanted:
            return replace(field, value={**field.value, **shape.around}, item=None) if shape.around else field
    if shape.rest:
        value = extended(shape.rest, name)
        return Output(name, {**value, **shape.around}, structure=Shape(rest=value, around=shape.around))
    return Output(name, carried(whole.value, TRANSFORMATION))


def at_position(whole: Output, position: int) -> Output | None:
    """Give a field of a tuple by its place from 1 on, None where the fields are not known."""
    fields = whole.shape.fields if whole.shape else ()
    return fields[position - 1] if 0 < position <= len(fields) else None


def whole_of(whole: Output) -> Shape:
    """Give the shape of a value that has none of its own: that of its plain sources."""
    return whole.shape or Shape(rest=_plain(whole.value))


def passed(shape: Shape, role: Transformation, around: Value | None = None) -> Shape:
    """Give a shape as an operation with a role passes it on; `around` takes part in every field."""
    kept = {**shape.around, **(around or {})}
    if role is IDENTITY:
        return replace(shape, around=kept)
    fields = tuple(_carried(field, role) for field in shape.fields)
    return Shape(fields, carried(shape.rest, role), carried(kept, role))


def _carried(field: Output, role: Transformation) -> Output:
    inner = passed(whole_of(field), role)
    return replace(
        field, value=carried(field.value, role), structure=inner if inner.fields or inner.rest else field.shape
    )


def merged(shapes: Sequence[Shape]) -> Shape | None:
    """Give what several values of one kind, as the branches of a CASE, know of their parts."""
    if len(shapes) < 2:
        return shapes[0] if shapes else None
    names = dict.fromkeys(field.name for shape in shapes for field in shape.fields)
    fields = tuple(_of_all(name, shapes) for name in names)
    return Shape(fields, pooled(s.rest for s in shapes), pooled(s.around for s in shapes))


def aligned(shapes: Sequence[Shape]) -> Sequence[Shape]:
    """Give structs of one type, whose fields match by place, under the first one's names."""
    names = [field.name for field in shapes[0].fields] if shapes else []
    if any(len(shape.fields) != len(names) or shape.rest for shape in shapes):
        return shapes
    return [replace(shape, fields=_named(shape.fields, names)) for shape in shapes]


def _named(fields: Sequence[Output], names: Sequence[str]) -> tuple[Output, ...]:
    return tuple(replace(field, name=name) for field, name in zip(fields, names, strict=True))


def _of_all(name: str, shapes: Iterable[Shape]) -> Output:
    """Give a field of several values: of each that has it or may have it."""
    wholes = [Output("", {}, structure=shape) for shape in shapes]
    found = [part(whole, name) for whole in wholes]
    first = found[0]
    for other in found[1:]:
        first = replace(first, value={**first.value, **other.value}, structure=joined(first, other))
    return replace(first, name=name)


def joined(left: Output, right: Output) -> Deferred | None:
    """Give what is known of the parts of a column that has the rows of two."""
    if left.structure is None and right.structure is None:
        return None
    return Deferred(lambda: merged([whole_of(left), whole_of(right)]))


def row(outputs: Iterable[Output]) -> Shape:
    """Give the shape of a row that is taken as a value."""
    named = tuple(output for output in outputs if not output.star)
    return Shape(named, pooled(output.value for output in outputs if output.star))


def fields(whole: Output, names: Sequence[str] | None) -> list[Output]:
    """Give all fields of a struct: those that it was built of, those that its type names, else one star for them."""
    shape = whole_of(whole)
    if names is not None and not shape.fields:
        return [part(whole, name) for name in names]
    known = [replace(field, value={**field.value, **shape.around}) for field in shape.fields]
    if not shape.rest:
        return known or [Output(STAR, carried(whole.value, TRANSFORMATION))]
    tables = tuple(dict.fromkeys(leaf.table for leaf, _ in shape.rest if leaf.table))
    star = OpenStar(tables, within=shape.rest, around=shape.around)
    return [*known, Output(STAR, {**extended(shape.rest, STAR), **shape.around}, star=star)]


def _plain(value: Value) -> Value:
    return {pair: evidence for pair, evidence in value.items() if pair[1] is IDENTITY}


def _computed(value: Value) -> Value:
    return {pair: evidence for pair, evidence in value.items() if pair[1] is not IDENTITY}
