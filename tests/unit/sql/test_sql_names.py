"""Names of tables: defaults, schema keys of one to three parts, search paths, dialects of two parts."""

from __future__ import annotations

import pytest

from nexus_core.model.statement import SqlRequest
from nexus_core.sql import derive, references


def derived(sql: str, dialect: str = "postgres", **known: object):
    return derive(SqlRequest(sql, dialect, **known))


@pytest.mark.parametrize(
    ("sql", "dialect", "database", "schema", "name"),
    [
        ("select a from t", "postgres", "db", "public", "db.public.t"),
        ("select a from s.t", "postgres", "db", "public", "db.s.t"),
        ("select a from s.t", "postgres", None, None, "s.t"),
        ("select a from t", "postgres", None, "public", "public.t"),
        ("select a from x.s.t", "postgres", "db", "public", "x.s.t"),
        ("select a from t", "mysql", "shop", None, "shop.t"),
        ("select a from other.t", "mysql", "shop", None, "other.t"),
        ("select a from t", "snowflake", "DB", "S", "DB.S.T"),
        ("select a from t", None, "db", "public", "db.public.t"),
    ],
)
def test_defaults(sql: str, dialect: str, database: str | None, schema: str | None, name: str) -> None:
    assert derived(sql, dialect, default_database=database, default_schema=schema).inputs == (name,)


@pytest.mark.parametrize("key", ["t", "public.t", "db.public.t"])
@pytest.mark.parametrize("table", ["t", "public.t", "db.public.t"])
def test_schema_keys_match_names_of_any_depth(key: str, table: str) -> None:
    lineage = derived(f"select * from {table}", schema={key: {"a": "int", "b": "int"}})
    assert [column.column for column in lineage.columns] == ["a", "b"]


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("select * from t", {"s": ["s"], "a": ["a"]}),
        ("select s.* from t", {"b": ["s.b"], "c": ["s.c"]}),
        ("select s.c.D as d from t", {"d": ["s.c.d"]}),
    ],
)
def test_dotted_columns_of_a_schema_are_fields_of_its_structs(sql: str, columns: dict[str, list[str]]) -> None:
    schema = {"t": {"s": "struct", "s.b": "int", "s.c": "struct", "s.c.d": "int", "a": "int"}}
    found = {
        column.column: [".".join((source.column, *source.path)) for source in column.inputs]
        for column in derived(sql, "spark", schema=schema).columns
    }
    assert found == columns


def test_a_key_of_another_schema_does_not_match() -> None:
    assert derived("select * from mart.t", schema={"public.t": {"a": "int"}}).columns[0].column == "*"


def test_the_schema_gives_the_spelling() -> None:
    lineage = derived("select ID from Orders", "snowflake", schema={"orders": {"id": "int"}})
    assert lineage.inputs == ("orders",)
    assert lineage.columns[0].inputs[0].column == "id"


def test_the_first_schema_of_the_path_that_has_the_table() -> None:
    known = {"b.t": {"x": "int"}}
    assert derived("set search_path = a, b; select x from t", schema=known).inputs == ("b.t",)


def test_unknown_columns_of_several_tables_name_their_candidates() -> None:
    source = derived("select x from a, b").columns[0].inputs[0]
    assert (source.table, source.candidates) == ("", ("a", "b"))


def test_tables_whose_schema_could_matter() -> None:
    request = SqlRequest("with c as (select * from a) insert into t select * from c join b using (id)", "postgres")
    assert set(references(request).tables) == {"a", "b", "t"}


def test_reads_stand_by_output() -> None:
    lineage = derived("create table x as select a from t; create table y as select b from u where b > 1")
    assert lineage.reads == {"x": ("t",), "y": ("u",)}
    assert lineage.resolved == {"x", "y"}


def test_an_expression_is_found_through_queries() -> None:
    lineage = derived("create table x as with t as (select sum(a) as s from o) select s from t")
    assert lineage.columns[0].expression == "SUM(a)"


def test_an_unnamed_column_has_the_name_of_the_known_target() -> None:
    lineage = derived(
        "create view v as select count(id), a from o",
        schema={"v": {"count": "int", "a": "int"}, "o": {"id": "int", "a": "int"}},
    )
    assert [column.column for column in lineage.columns] == ["count", "a"]


def test_an_unknown_dialect_is_a_problem_and_read_tolerantly() -> None:
    lineage = derived("create table x as select a from t", "klingon")
    assert lineage.outputs == ("x",)
    assert [problem.code for problem in lineage.problems] == ["unknown_dialect"]


def test_what_only_the_tolerant_parser_understands_is_labelled() -> None:
    lineage = derived("select top 3 a from t", "postgres")
    assert [problem.code for problem in lineage.problems] in (["tolerant_parser"], ["syntax"])
