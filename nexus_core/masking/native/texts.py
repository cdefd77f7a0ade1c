"""Parts of texts in each engine's SQL."""

from __future__ import annotations

from collections.abc import Mapping

from nexus_core.masking.expressions import HIDDEN
from nexus_core.masking.native.engines import Engine

_PHONE_LEAST, _PHONE_KEPT, _CARD_LEAST, _CARD_KEPT = 7, 3, 12, 4
_POSITION = {
    Engine.SNOWFLAKE: "POSITION('@', {0})",
    Engine.BIGQUERY: "STRPOS({0}, '@')",
    Engine.SQLSERVER: "CHARINDEX(N'@', {0})",
    Engine.MYSQL: "LOCATE('@', {0})",
}
_LENGTH = {
    Engine.SNOWFLAKE: "LENGTH({0})",
    Engine.BIGQUERY: "CHAR_LENGTH({0})",
    Engine.SQLSERVER: "(LEN(CONCAT({0}, N'.')) - 1)",  # LEN leaves spaces at the end out
    Engine.MYSQL: "CHAR_LENGTH({0})",
}


def partial(kind: Engine, value: str, parameters: Mapping[str, str], room: int | None) -> str | None:
    """Keep a part of a text, no more characters than there is room for. SQL Server cannot pick digits: None."""
    shape = parameters.get("shape", "text")
    if shape == "email":
        found: str | None = _email(kind, value)
    elif shape == "phone":
        found = _last_digits(kind, value, _PHONE_LEAST, _PHONE_KEPT)
    elif shape == "card":
        found = _last_digits(kind, value, _CARD_LEAST, _CARD_KEPT)
    else:
        found = _ends(kind, value, int(parameters.get("keep_first", 0)), int(parameters.get("keep_last", 0)))
    return f"LEFT({found}, {room})" if found and room is not None else found


def _ends(kind: Engine, value: str, first: int, last: int) -> str:
    parts = [first and f"LEFT({value}, {first})", f"'{HIDDEN}'", last and f"RIGHT({value}, {last})"]
    longer = f"{_LENGTH[kind].format(value)} > {first + last}"
    return _where(value, [(longer, _joined([part for part in parts if part]))])


def _email(kind: Engine, value: str) -> str:
    """Keep the first letter of the mailbox, if it has more than one, and what stands behind the last @."""
    at = _POSITION[kind].format(value)
    domain = f"RIGHT({value}, {_POSITION[kind].format(f'REVERSE({value})')} - 1)"
    long = _joined([f"LEFT({value}, 1)", f"'{HIDDEN}@'", domain])
    return _where(value, [(f"{at} > 2", long), (f"{at} > 0", _joined([f"'{HIDDEN}@'", domain]))])


def _last_digits(kind: Engine, value: str, least: int, kept: int) -> str | None:
    if kind is Engine.SQLSERVER:
        return None
    digits = f"REGEXP_REPLACE({value}, '[^0-9]', '')"
    enough = f"{_LENGTH[kind].format(digits)} >= {least}"
    return _where(value, [(enough, _joined([f"'{HIDDEN}'", f"RIGHT({digits}, {kept})"]))])


def _joined(parts: list[str]) -> str:
    return f"CONCAT({', '.join(parts)})" if len(parts) > 1 else parts[0]


def _where(value: str, cases: list[tuple[str, str]]) -> str:
    whens = " ".join(f"WHEN {condition} THEN {kept}" for condition, kept in cases)
    return f"CASE WHEN {value} IS NULL THEN NULL {whens} ELSE '{HIDDEN}' END"
