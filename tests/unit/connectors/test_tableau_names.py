from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexus_core.connectors._tableau_names import Site, database_table, part, project_paths
from nexus_core.connectors._tableau_objects import custom_sql, published
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.naming import canonical
from nexus_core.sql.engine import SqlRequest, derive
from nexus_core.worker.derive import Read, claims_of
from nexus_core.worker.names import Names
from nexus_core.worker.said import SqlText
from nexus_core.worker.units import Part, Unit

CLUSTER, ACCOUNT = "c1.x.eu-west-1.redshift.amazonaws.com", "acme-prod.snowflakecomputing.com"
SITE = Site("tableau://t.example.com/finance", "https://t.example.com", {})


def _table(kind: str, host: str | None, port: int | None, *names: str) -> dict[str, Any]:
    database, schema, name = names
    held = {"__typename": "DatabaseServer", "name": database, "hostName": host, "port": port}
    return {"__typename": "DatabaseTable", "name": name, "schema": schema, "connectionType": kind, "database": held}


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (_table("postgres", "DB", 5433, "shop", "core", "Orders"), "postgres://db:5433 shop.core.Orders"),
        (_table("redshift", CLUSTER, 5439, "DEV", "S", "T"), "redshift://c1.eu-west-1:5439 dev.s.t"),
        (_table("snowflake", ACCOUNT, 443, "DW", "MART", "T"), "snowflake://acme-prod DW.MART.T"),
        (_table("mysql", "m", 3306, "shop", "", "t"), "mysql://m:3306 shop.t"),
        (_table("mysql", "m", None, "shop", "other", "t"), "mysql://m:3306 other.t"),
        (_table("bigquery", None, None, "proj-1", "mart", "t"), "bigquery proj-1.mart.t"),
        (_table("sqlserver", "S", 1433, "Shop", "dbo", "T"), "sqlserver://s:1433 shop.dbo.t"),
        (_table("textscan", None, None, "x.csv", "", "x.csv"), None),
        (_table("postgres", None, None, "shop", "core", "t"), None),
        (_table("postgres", "db", 5432, "shop", "", "t"), None),
        ({"__typename": "CustomSQLTable", "id": "1"}, None),
        ({"__typename": "DatabaseTable", "name": "t", "database": None}, None),
    ],
)  # fmt: skip
def test_names_tables_as_their_own_harvests_do(table: dict[str, Any], expected: str | None) -> None:
    name = database_table(table)
    assert (f"{name.namespace} {name.name}" if name else None) == expected
    assert name is None or canonical(name) == name


@given(st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=3), st.lists(st.text(min_size=1), max_size=3))
def test_paths_of_different_parts_differ(left: list[str], right: list[str]) -> None:
    assert ("/".join(map(part, left)) == "/".join(map(part, right))) == (left == right)
    name = SITE.name(*map(part, left))
    assert canonical(name) == name


def test_projects_have_their_parents_before_them() -> None:
    given = [("1", None, "A/B"), ("2", "1", "C"), ("3", "gone", "D"), ("4", "5", "E"), ("5", "4", "F")]
    found = project_paths(given)
    assert (found["2"], found["3"]) == ("A%2FB/C", "D")
    assert set(found) == {"1", "2", "3", "4", "5"}


@pytest.mark.parametrize("kind", ["postgres", "mysql", "bigquery", "sqlserver", "snowflake"])
def test_custom_sql_is_understood_over_its_databases_tables(kind: str) -> None:
    table = _table(kind, "db.example.com", None, "shop", "core", "orders")
    node = {"id": "C-1", "name": "Custom SQL Query", "connectionType": kind, "tables": [table], "columns": []}
    made = custom_sql(node | {"query": "SELECT sum(total) AS total FROM orders;", "database": {"name": "shop"}}, SITE)
    assert made.definition is not None
    told = made.definition
    lineage = derive(SqlRequest(told.sql, told.dialect, default_database=told.default_database))
    sql = SqlText(told.sql, told.dialect, told.default_database, told.default_schema)
    unit = Unit("u", "harvester", JobName(SITE.namespace, made.name.name), 0, 0, "e", (), None)
    read = Read(Part(made.reads, (made.name,), sql, "view", None, {}), Names([made.name], made.reads), lineage)
    edges = {edge for of in claims_of(unit, [read], {}.get).values() for edge in of if edge.target_field}
    assert {(edge.source_name.lower(), edge.source_field.lower(), edge.target_name) for edge in edges} == {
        (made.reads[0].name.lower(), "total", "customsql/C-1")
    }


@pytest.mark.parametrize(
    ("formula", "subtype"),
    [
        ("[a] + 1", "TRANSFORMATION"),
        ("SUM([a])", "AGGREGATION"),
        ("{FIXED [b] : COUNTD([a])}", "AGGREGATION"),
        ("[SUM(x)] + 'AVG('", "TRANSFORMATION"),
        ("RUNNING_SUM([a])", "AGGREGATION"),
        ("[Summary]", "TRANSFORMATION"),
    ],
)
def test_formulas_that_aggregate_are_told_apart(formula: str, subtype: str) -> None:
    column = {"name": "a", "table": _table("postgres", "db", 5432, "s", "c", "t")}
    field = {"__typename": "CalculatedField", "name": "f", "formula": formula, "upstreamColumns": [column]}
    made = published({"id": "1", "name": "d", "fields": [field]}, SITE)
    assert [link.subtype for link in made.links] == [subtype]
    assert made.links[0].source == DatasetName("postgres://db:5432", "s.c.t")
