"""Types of columns as masks see them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_NUMERIC = re.compile(r"numeric\((\d+),(-?\d+)\)")
_LENGTH = re.compile(r"(?:character varying|character)\((\d+)\)")
_WITH_PARAMETER = re.compile(r"\(\d+(,-?\d+)?\)")


class Family(StrEnum):
    """What can be done to values of a type; of OTHER types nothing but NULL."""

    TEXT = "text"
    INTEGER = "integer"
    NUMERIC = "numeric"
    FLOAT = "float"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TIMESTAMPTZ = "timestamptz"
    TIME = "time"
    BOOLEAN = "boolean"
    UUID = "uuid"
    OTHER = "other"


_FAMILIES = {
    "text": Family.TEXT,
    "character varying": Family.TEXT,
    "character": Family.TEXT,
    "smallint": Family.INTEGER,
    "integer": Family.INTEGER,
    "bigint": Family.INTEGER,
    "numeric": Family.NUMERIC,
    "real": Family.FLOAT,
    "double precision": Family.FLOAT,
    "date": Family.DATE,
    "timestamp without time zone": Family.TIMESTAMP,
    "timestamp with time zone": Family.TIMESTAMPTZ,
    "time without time zone": Family.TIME,
    "boolean": Family.BOOLEAN,
    "uuid": Family.UUID,
}
_BITS = {"smallint": 15, "integer": 31, "bigint": 63}


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A type as `format_type` writes it under an empty search_path; of a domain that of what it is based on."""

    written: str

    @property
    def family(self) -> Family:
        """What can be done to its values."""
        return _FAMILIES.get(_WITH_PARAMETER.sub("", self.written), Family.OTHER)

    @property
    def length(self) -> int | None:
        """Most characters; None for no limit."""
        found = _LENGTH.fullmatch(self.written)
        return int(found[1]) if found else None

    @property
    def bounds(self) -> tuple[str, str] | None:
        """The least and the greatest number that fits, as SQL writes them; None for no limit."""
        if self.written in _BITS:
            power: int = 2 ** _BITS[self.written]
            return f"{-power}", f"{power - 1}"
        if found := _NUMERIC.fullmatch(self.written):
            most = _most(int(found[1]), int(found[2]))
            return f"-{most}", most
        return None


def _most(precision: int, scale: int) -> str:
    """Give the greatest number of so many digits, `scale` of them after the point."""
    digits = "9" * precision
    if scale <= 0:
        return digits + "0" * -scale
    return f"{digits[: max(precision - scale, 0)] or '0'}.{'9' * min(precision, scale):0>{scale}}"
