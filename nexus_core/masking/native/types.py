"""Types of columns as each engine's catalogue writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from nexus_core.masking.native.engines import Engine
from nexus_core.masking.types import Family

_WRITTEN = re.compile(
    r"([a-z][a-z0-9_]*)(?: ?\( ?(\d{1,9}|max)(?: ?, ?(\d{1,3}))? ?\))?( unsigned)?( zerofill)?",
    re.IGNORECASE | re.ASCII,
)

_NAMES: Mapping[Engine, Mapping[Family, str]] = {
    Engine.SNOWFLAKE: {
        Family.TEXT: "varchar char character string text nchar nvarchar",
        Family.NUMERIC: "number decimal numeric int integer bigint smallint tinyint byteint",
        Family.FLOAT: "float float4 float8 double real",
        Family.DATE: "date",
        Family.TIMESTAMP: "timestamp_ntz timestamp_ltz timestamp_tz datetime timestamp",
        Family.BOOLEAN: "boolean",
        Family.OTHER: "variant object array binary varbinary geography geometry time",
    },
    Engine.BIGQUERY: {
        Family.TEXT: "string",
        Family.INTEGER: "int64 integer",
        Family.NUMERIC: "numeric bignumeric",
        Family.FLOAT: "float64 float",
        Family.DATE: "date",
        Family.TIMESTAMP: "datetime",
        Family.TIMESTAMPTZ: "timestamp",
        Family.BOOLEAN: "bool boolean",
    },
    Engine.SQLSERVER: {
        Family.TEXT: "char varchar nchar nvarchar",
        Family.INTEGER: "tinyint smallint int bigint",
        Family.NUMERIC: "decimal numeric",
        Family.FLOAT: "float real",
        Family.DATE: "date",
        Family.TIMESTAMP: "datetime datetime2 smalldatetime",
        Family.BOOLEAN: "bit",
    },
    Engine.MYSQL: {
        Family.TEXT: "char varchar tinytext text mediumtext longtext",
        Family.INTEGER: "tinyint smallint mediumint int bigint",
        Family.NUMERIC: "decimal",
        Family.FLOAT: "float double",
        Family.DATE: "date",
        Family.TIMESTAMP: "datetime timestamp",
    },
}
_FAMILIES = {
    kind: {name: family for family, of in said.items() for name in of.split()} for kind, said in _NAMES.items()
}
_WHOLE = frozenset({"int", "integer", "bigint", "smallint", "tinyint", "byteint"})


@dataclass(frozen=True, slots=True)
class NativeType:
    """A type; `written` is safe to write. `size` and `scale` are its parameters, None where it has none."""

    written: str
    family: Family
    size: int | None = None
    scale: int | None = None
    unsigned: bool = False


def read_type(kind: Engine, text: str | None) -> NativeType | None:
    """Read a type of the catalogue; None for one that is not known to an engine."""
    found = _WRITTEN.fullmatch(text.strip()) if text else None
    family = _FAMILIES[kind].get(found[1].lower()) if found else None
    if found is None or family is None:
        return None
    size, scale = (int(part) if part and part.isdigit() else None for part in found.group(2, 3))
    if family is Family.NUMERIC:
        size, scale = size if size is not None and found[1].lower() not in _WHOLE else None, scale or 0
    return NativeType(found[0], family, size, scale, bool(found[4]))
