"""Masks as expressions of PostgreSQL over a column, of the column's own type.

An expression never fails, whatever the value: an error would tell something of it. A mask that a type cannot have, such
as rounding a text, is NULL, which is stronger. Names are of pg_catalog, which has to be the search_path where a view is
made of an expression.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID

from nexus_core.masking.quoting import text
from nexus_core.masking.types import ColumnType, Family
from nexus_core.model.policy import Mask, MaskKind

HIDDEN = "***"
"""Stands for the characters that are left out, however many they are."""

TOKEN_LENGTH = 32
"""Hex digits of a token."""

_SHAPES = {"text": "xxxxx", "email": "user@example.com", "phone": "+00 000 0000000", "card": "0000 0000 0000 0000"}
_NOT_COARSER = {"day", "hour"}  # units that a date is not cut by
_DATES = "'4700-01-01 BC'", "'294276-01-01'"  # what a cut of a time stays within the range of
_PHONE_LEAST, _PHONE_KEPT, _CARD_LEAST, _CARD_KEPT = 7, 3, 12, 4
_Parameters = Mapping[str, str]


def expression(mask: Mask, column: str, type_: ColumnType, token: str | None = None) -> str:
    """Give what stands for a column, given as quoted SQL; `token` is the quoted function that makes its tokens.

    The mask is neither `clear` nor `refuse`, which have no expression: such columns are read, or are not there.
    """
    parameters = dict(mask.parameters)
    if mask.kind is MaskKind.TOKEN:
        return _token(column, type_, token)
    found = _MAKERS[mask.kind](parameters, column, type_)
    return f"CAST({found or 'NULL'} AS {type_.written})"


def can_hold_token(type_: ColumnType) -> bool:
    """Whether a type has room for tokens, and values that are worth one."""
    return type_.family is Family.TEXT and (type_.length is None or type_.length >= TOKEN_LENGTH)


def _null(_parameters: _Parameters, _column: str, _type: ColumnType) -> str | None:
    return None


def _constant(parameters: _Parameters, _column: str, type_: ColumnType) -> str | None:
    shape = parameters.get("shape")
    if shape is not None:
        return text(_SHAPES[shape]) if type_.family is Family.TEXT else None
    value = parameters["value"]
    return text(value) if _fits(value, type_) else None


def _fits(value: str, type_: ColumnType) -> bool:
    """Whether PostgreSQL surely takes a text for a value of a type."""
    if type_.family is Family.TEXT:
        return "\0" not in value
    try:
        return _READ[type_.family](value, type_) if type_.family in _READ else False
    except (ValueError, InvalidOperation):
        return False


def _is_number(value: str, type_: ColumnType) -> bool:
    if not re.fullmatch(r"-?\d{1,40}(\.\d{1,40})?", value) or (type_.family is Family.INTEGER and "." in value):
        return False
    bounds = type_.bounds
    return bounds is None or Decimal(bounds[0]) <= round(Decimal(value), _scale(type_)) <= Decimal(bounds[1])


def _scale(type_: ColumnType) -> int:
    found = re.search(r",(-?\d+)\)", type_.written)
    return int(found[1]) if found else 0


def _is_date(value: str, _type: ColumnType) -> bool:
    return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", value)) and date.fromisoformat(value).year > 0


def _is_time(value: str, _type: ColumnType) -> bool:
    return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2})?)?", value)) and bool(
        datetime.fromisoformat(value)
    )


_READ: Mapping[Family, Callable[[str, ColumnType], bool]] = {
    Family.INTEGER: _is_number,
    Family.NUMERIC: _is_number,
    Family.FLOAT: _is_number,
    Family.DATE: _is_date,
    Family.TIMESTAMP: _is_time,
    Family.TIMESTAMPTZ: _is_time,
    Family.BOOLEAN: lambda value, _type: value in ("true", "false"),
    Family.UUID: lambda value, _type: bool(UUID(value)),
}


def _partial(parameters: _Parameters, column: str, type_: ColumnType) -> str | None:
    if type_.family is not Family.TEXT:
        return None
    value = f"CAST({column} AS text)"
    shape = parameters.get("shape", "text")
    if shape == "email":
        return _email(value)
    if shape == "phone":
        return _last_digits(value, _PHONE_LEAST, _PHONE_KEPT)
    if shape == "card":
        return _last_digits(value, _CARD_LEAST, _CARD_KEPT)
    return _ends(value, int(parameters.get("keep_first", 0)), int(parameters.get("keep_last", 0)))


def _ends(value: str, first: int, last: int) -> str:
    """Keep both ends of a text that is longer than both together."""
    kept = " || ".join(
        part
        for part in (first and f"left({value}, {first})", f"'{HIDDEN}'", last and f"right({value}, {last})")
        if part
    )
    return _where(f"char_length({value}) > {first + last}", kept, value)


def _email(value: str) -> str:
    """Keep the first letter of the mailbox, if it has more than one, and what stands behind the last @."""
    domain = f"right({value}, strpos(reverse({value}), '@') - 1)"
    return (
        f"CASE WHEN {value} IS NULL THEN NULL WHEN strpos({value}, '@') > 2 THEN left({value}, 1) || '{HIDDEN}@' || "
        f"{domain} WHEN strpos({value}, '@') > 0 THEN '{HIDDEN}@' || {domain} ELSE '{HIDDEN}' END"
    )


def _last_digits(value: str, least: int, kept: int) -> str:
    digits = f"regexp_replace({value}, '[^0-9]', '', 'g')"
    return _where(f"char_length({digits}) >= {least}", f"'{HIDDEN}' || right({digits}, {kept})", value)


def _where(condition: str, kept: str, value: str) -> str:
    return f"CASE WHEN {value} IS NULL THEN NULL WHEN {condition} THEN {kept} ELSE '{HIDDEN}' END"


def _round(parameters: _Parameters, column: str, type_: ColumnType) -> str | None:
    return _within(f"round(CAST({column} AS numeric), {int(parameters['digits'])})", type_)


def _bucket(parameters: _Parameters, column: str, type_: ColumnType) -> str | None:
    size = f"CAST({text(parameters['size'])} AS numeric)"
    return _within(f"floor(CAST({column} AS numeric) / {size}) * {size}", type_)


def _within(number: str, type_: ColumnType) -> str | None:
    """Keep what becomes of a number within its type; of a real number, whose exponent may not fit, only what fits."""
    if type_.family is Family.FLOAT:
        most = "3.4e38" if type_.written == "real" else "1.7e308"
        return f"greatest(least({number}, {most}), -{most})"
    if type_.family not in (Family.INTEGER, Family.NUMERIC):
        return None
    bounds = type_.bounds
    return f"greatest(least({number}, {bounds[1]}), {bounds[0]})" if bounds else number


def _truncate(parameters: _Parameters, column: str, type_: ColumnType) -> str | None:
    unit = parameters["to"]
    if type_.family is Family.DATE:
        return column if unit in _NOT_COARSER else _cut(column, f"date_trunc('{unit}', CAST({column} AS timestamp))")
    if type_.family is Family.TIMESTAMP:
        return _cut(column, f"date_trunc('{unit}', {column})")
    if type_.family is Family.TIMESTAMPTZ:
        return _cut(column, f"date_trunc('{unit}', {column}, 'UTC')")
    if type_.family is Family.TIME and unit == "hour":
        return f"date_trunc('hour', CAST({column} AS interval))"
    return None


def _cut(column: str, cut: str) -> str:
    """Cut what is within the range that can be cut; infinity, which tells no day, stays."""
    least, most = _DATES
    beyond = f"isfinite({column}) AND ({column} < {least} OR {column} > {most})"
    return f"CASE WHEN {beyond} THEN NULL WHEN isfinite({column}) THEN {cut} ELSE {column} END"


def _token(column: str, type_: ColumnType, token: str | None) -> str:
    if token is None or not can_hold_token(type_):
        return f"CAST(NULL AS {type_.written})"
    return f"CAST({token}(CAST({column} AS text)) AS {type_.written})"


_MAKERS: Mapping[MaskKind, Callable[[_Parameters, str, ColumnType], str | None]] = {
    MaskKind.NULL: _null,
    MaskKind.CONSTANT: _constant,
    MaskKind.PARTIAL: _partial,
    MaskKind.ROUND: _round,
    MaskKind.BUCKET: _bucket,
    MaskKind.TRUNCATE: _truncate,
}
