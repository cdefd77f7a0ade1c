"""Rounded numbers, and values of a type, in each engine's SQL; numbers are rounded with room to spare."""

from __future__ import annotations

from nexus_core.masking.native.engines import Engine
from nexus_core.masking.native.types import NativeType
from nexus_core.masking.types import Family

_SNOWFLAKE_DIGITS = 38
_WIDEST = {Engine.BIGQUERY: "BIGNUMERIC", Engine.SQLSERVER: "decimal(30,10)", Engine.MYSQL: "DECIMAL(65,10)"}
_MYSQL_CASTS = {Family.TEXT: "CHAR", Family.DATE: "DATE", Family.TIMESTAMP: "DATETIME(6)"}


def rounded(kind: Engine, column: str, digits: int, type_: NativeType) -> str:
    """Round to digits after the point; negative: before it."""
    return _within(kind, column, f"ROUND({_wide(kind, column)}, {digits})", type_)


def bucketed(kind: Engine, column: str, size: str, type_: NativeType) -> str:
    """Give the lower end of a range; `size` is a positive number with at most 12 and 6 digits."""
    wide = _wide(kind, column)
    if kind is Engine.BIGQUERY:
        step = f"BIGNUMERIC '{size}'"
        return _within(kind, column, f"SAFE_MULTIPLY(FLOOR(SAFE_DIVIDE({wide}, {step})), {step})", type_)
    step = f"CAST('{size}' AS decimal(18,6))" if kind is Engine.SQLSERVER else size
    return _within(kind, column, f"FLOOR({_narrow(kind, wide)} / {step}) * {step}", type_)


def converted(kind: Engine, value: str, type_: NativeType) -> str:
    """Give a value as one of a type, NULL where it does not fit and the engine can tell."""
    if kind is Engine.BIGQUERY:
        return f"SAFE_CAST({value} AS {type_.written.partition('(')[0].strip()})"
    if kind is Engine.SQLSERVER:
        return f"TRY_CAST({value} AS {type_.written})"
    if kind is Engine.SNOWFLAKE:
        return f"CAST({value} AS {type_.written})"
    return f"({value} + 0E0)" if type_.family is Family.FLOAT else f"CAST({value} AS {_mysql_cast(type_)})"


def _wide(kind: Engine, column: str) -> str:
    if kind is Engine.SNOWFLAKE:
        return column
    cast = {Engine.BIGQUERY: "SAFE_CAST", Engine.SQLSERVER: "TRY_CAST", Engine.MYSQL: "CAST"}[kind]
    found = f"{cast}({column} AS {_WIDEST[kind]})"
    return f"CAST({found} AS decimal(38,10))" if kind is Engine.SQLSERVER else found


def _narrow(kind: Engine, wide: str) -> str:
    """Leave SQL Server room for a quotient, of which it cuts digits else."""
    return f"TRY_CAST({wide} AS decimal(28,8))" if kind is Engine.SQLSERVER else wide


def _within(kind: Engine, column: str, number: str, type_: NativeType) -> str:
    if kind is Engine.MYSQL:  # which fails beyond its widest type
        return f"CASE WHEN {column} BETWEEN -1E30 AND 1E30 THEN {converted(kind, number, type_)} END"
    if kind is not Engine.SNOWFLAKE or type_.family is Family.FLOAT:
        return converted(kind, number, type_)
    most = _most(type_)
    held = f"CASE WHEN {number} > {most} THEN {most} WHEN {number} < -{most} THEN -{most} ELSE {number} END"
    return converted(kind, held, type_)


def _most(type_: NativeType) -> str:
    """Give the greatest number of a Snowflake type."""
    size, scale = type_.size or _SNOWFLAKE_DIGITS, type_.scale or 0
    whole = "9" * (size - scale) or "0"
    return f"{whole}.{'9' * scale}" if scale else whole


def _mysql_cast(type_: NativeType) -> str:
    if type_.family is Family.INTEGER:
        return "UNSIGNED" if type_.unsigned else "SIGNED"
    if type_.family is Family.NUMERIC:
        return f"DECIMAL({type_.size or 10},{type_.scale or 0})"
    return _MYSQL_CASTS[type_.family]
