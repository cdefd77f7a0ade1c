"""Masks as expressions of each engine over a column; None, which is NULL, where a mask or a type has none.

An expression does not fail, whatever the value: an error would tell something of it. Keyed tokens are NULL everywhere,
since their key would stand in the SQL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from nexus_core.masking.expressions import HIDDEN
from nexus_core.masking.native.engines import Engine, literal
from nexus_core.masking.native.numbers import bucketed, converted, rounded
from nexus_core.masking.native.texts import partial
from nexus_core.masking.native.times import truncated
from nexus_core.masking.native.types import NativeType
from nexus_core.masking.types import Family
from nexus_core.model.policy import Mask, MaskKind

_SHAPES = {"text": "xxxxx", "email": "user@example.com", "phone": "+00 000 0000000", "card": "0000 0000 0000 0000"}
_NUMBERS = frozenset({Family.INTEGER, Family.NUMERIC, Family.FLOAT})
_TIMES = frozenset({Family.DATE, Family.TIMESTAMP, Family.TIMESTAMPTZ})
_NUMBER = re.compile(r"-?(\d{1,18})(?:\.(\d{1,9}))?")


@dataclass(frozen=True, slots=True)
class Masked:
    """What is masked: a column as its engine's SQL, of a type."""

    kind: Engine
    column: str
    type: NativeType


_Parameters = Mapping[str, str]


def expression(mask: Mask, of: Masked) -> str | None:
    """Give what stands for a column; the mask is not `clear`."""
    maker = _MAKERS.get(mask.kind)
    return maker(dict(mask.parameters), of) if maker else None


def _constant(parameters: _Parameters, of: Masked) -> str | None:
    shape = parameters.get("shape")
    value = _SHAPES[shape] if shape is not None else parameters["value"]
    if of.type.family is Family.TEXT:
        return literal(of.kind, value[: of.type.size])
    if shape is not None or not _is_value(value, of.type):
        return None
    if of.type.family is Family.BOOLEAN:
        return {"true": "1", "false": "0"}[value] if of.kind is Engine.SQLSERVER else value.upper()
    return converted(of.kind, f"'{value}'", of.type)


def _is_value(value: str, type_: NativeType) -> bool:
    try:
        if type_.family in _NUMBERS:
            return _is_number(value, type_)
        if type_.family in _TIMES:
            return bool(date.fromisoformat(value) if type_.family is Family.DATE else datetime.fromisoformat(value))
    except (ValueError, InvalidOperation):
        return False
    return type_.family is Family.BOOLEAN and value in ("true", "false")


def _is_number(value: str, type_: NativeType) -> bool:
    found = _NUMBER.fullmatch(value)
    if found is None or (type_.unsigned and value.startswith("-")):
        return False
    if type_.family is Family.INTEGER:
        return found[2] is None and abs(Decimal(value)) < Decimal(128)  # of the narrowest type
    room = 18 if type_.size is None else type_.size - (type_.scale or 0)
    return type_.family is Family.FLOAT or (len(found[1]) <= room and len(found[2] or "") <= (type_.scale or 0))


def _partial(parameters: _Parameters, of: Masked) -> str | None:
    if of.type.family is not Family.TEXT or (of.type.size is not None and of.type.size < len(HIDDEN)):
        return None
    return partial(of.kind, of.column, parameters, of.type.size)


def _round(parameters: _Parameters, of: Masked) -> str | None:
    return rounded(of.kind, of.column, int(parameters["digits"]), of.type) if of.type.family in _NUMBERS else None


def _bucket(parameters: _Parameters, of: Masked) -> str | None:
    size = format(Decimal(parameters["size"]), "f")
    if of.type.family not in _NUMBERS or not re.fullmatch(r"\d{1,12}(\.\d{1,6})?", size) or not Decimal(size):
        return None
    return bucketed(of.kind, of.column, size, of.type)


def _truncate(parameters: _Parameters, of: Masked) -> str | None:
    return truncated(of.kind, of.column, parameters["to"], of.type) if of.type.family in _TIMES else None


_MAKERS: Mapping[MaskKind, Callable[[_Parameters, Masked], str | None]] = {
    MaskKind.CONSTANT: _constant,
    MaskKind.PARTIAL: _partial,
    MaskKind.ROUND: _round,
    MaskKind.BUCKET: _bucket,
    MaskKind.TRUNCATE: _truncate,
}
