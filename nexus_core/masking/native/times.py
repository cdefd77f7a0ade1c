"""Dates and times cut to a unit, in each engine's SQL. Weeks begin on Monday."""

from __future__ import annotations

from nexus_core.masking.native.engines import Engine
from nexus_core.masking.native.types import NativeType
from nexus_core.masking.types import Family

_NOT_COARSER = {"day", "hour"}  # units that a date is not cut by
_SQLSERVER = {
    "year": "DATEFROMPARTS(YEAR({0}), 1, 1)",
    "quarter": "DATEFROMPARTS(YEAR({0}), DATEPART(QUARTER, {0}) * 3 - 2, 1)",
    "month": "DATEFROMPARTS(YEAR({0}), MONTH({0}), 1)",
    "week": "DATEADD(DAY, -(DATEDIFF(DAY, CAST('00010101' AS date), {0}) % 7), CAST({0} AS date))",
    "day": "CAST({0} AS date)",
    "hour": "DATEADD(HOUR, DATEPART(HOUR, {0}), CAST(CAST({0} AS date) AS datetime2))",
}
_MYSQL = {
    "year": "DATE_FORMAT({0}, '%Y-01-01')",
    "quarter": "CONCAT(DATE_FORMAT({0}, '%Y-'), LPAD(QUARTER({0}) * 3 - 2, 2, '0'), '-01')",
    "month": "DATE_FORMAT({0}, '%Y-%m-01')",
    "week": "DATE_SUB(CAST({0} AS DATE), INTERVAL WEEKDAY({0}) DAY)",
    "day": "CAST({0} AS DATE)",
    "hour": "DATE_FORMAT({0}, '%Y-%m-%d %H:00:00')",
}


def truncated(kind: Engine, column: str, unit: str, type_: NativeType) -> str:
    """Give the beginning of the unit that a value lies in."""
    if type_.family is Family.DATE and unit in _NOT_COARSER:
        return column
    if kind is Engine.SNOWFLAKE:
        cut = f"DATEADD(DAY, 1 - DAYOFWEEKISO({column}), DATE_TRUNC('DAY', {column}))"  # no parameter moves Monday
        whole = cut if unit == "week" else f"DATE_TRUNC('{unit.upper()}', {column})"
        return f"CAST({whole} AS {type_.written})"
    if kind is Engine.BIGQUERY:
        return _bigquery(column, "ISOWEEK" if unit == "week" else unit.upper(), type_)
    if kind is Engine.MYSQL:
        return f"CAST({_MYSQL[unit].format(column)} AS {'DATE' if type_.family is Family.DATE else 'DATETIME'})"
    return f"TRY_CAST({_SQLSERVER[unit].format(column)} AS {type_.written})"


def _bigquery(column: str, unit: str, type_: NativeType) -> str:
    name = {Family.DATE: "DATE", Family.TIMESTAMP: "DATETIME"}.get(type_.family, "TIMESTAMP")
    return f"{name}_TRUNC({column}, {unit})"
