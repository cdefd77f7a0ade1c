"""Fields of struct types, in each dialect's spelling."""

from __future__ import annotations

import pytest

from nexus_core.sql.resolving.datatypes import field_names


@pytest.mark.parametrize(
    ("kind", "dialect", "path", "fields"),
    [
        ("STRUCT<a INT64, b STRUCT<c STRING>>", "bigquery", (), ("a", "b")),
        ("STRUCT<a INT64, b STRUCT<c STRING>>", "bigquery", ("B",), ("c",)),
        ("ARRAY<STRUCT<sku STRING, qty INT64>>", "bigquery", (), ("sku", "qty")),
        ("array<struct<sku:string,qty:int>>", "spark", (), ("sku", "qty")),
        ("STRUCT(a INT, b VARCHAR)[]", "duckdb", (), ("a", "b")),
        ("array(row(sku varchar, qty integer))", "trino", (), ("sku", "qty")),
        ("OBJECT(a INT, b VARCHAR)", "snowflake", (), ("a", "b")),
        ("map<string,string>", "spark", (), None),
        ("STRUCT<a INT64>", "bigquery", ("a",), None),
        ("STRUCT<", "bigquery", (), None),
        ("int", "postgres", (), None),
    ],
)
def test_fields(kind: str, dialect: str, path: tuple[str, ...], fields: tuple[str, ...] | None) -> None:
    assert field_names(kind, dialect, path) == fields
