"""Texts made to run away end with a problem of their statement, within the limits, every time the same."""

from __future__ import annotations

import gc

import pytest

from nexus_core.model.statement import SqlRequest
from nexus_core.sql import derive

DEEP = 300


def codes(sql: str) -> list[str]:
    """Give why it is not understood, less that its tables are."""
    problems = derive(SqlRequest(sql, "postgres")).problems
    return [problem.code for problem in problems if problem.code != "token_scan"]


@pytest.mark.parametrize(
    "sql",
    [
        "select * from (" * DEEP + "select 1" + ") x" * DEEP,
        "select " + "(" * DEEP + "a" + ")" * DEEP + " from t",
        "select " + "case when " * DEEP + "true" + " then 1 end" * DEEP,
        "select " + "not " * DEEP + "a from t",
        "select a" + "[1]" * DEEP + " from t",
        "select a from t where " + "(" * 100_000,
    ],
    ids=["subqueries", "parentheses", "cases", "prefixes", "subscripts", "unclosed"],
)
def test_nesting_is_bounded(sql: str) -> None:
    assert codes(sql) == ["too_deep"]


@pytest.mark.parametrize(("word", "dialect"), [("struct", "bigquery"), ("row", "trino"), ("tuple", "clickhouse")])
def test_nested_structs_are_bounded_where_the_parser_doubles_its_time(word: str, dialect: str) -> None:
    found = derive(SqlRequest("select " + f"{word}(" * 25 + "a" + ")" * 25 + " from t", dialect))
    assert [problem.code for problem in found.problems] in (["too_deep"], ["too_deep", "token_scan"], [])


def test_a_limit_costs_only_its_statement() -> None:
    nested = "select " + "(" * DEEP + "a" + ")" * DEEP + " from t"
    lineage = derive(
        SqlRequest(f"create table x as select a from t; {nested}; create table y as select b from u", "postgres")
    )
    assert lineage.outputs == ("x", "y")
    assert [(problem.code, problem.statement) for problem in lineage.problems] == [("too_deep", 1), ("token_scan", 1)]
    assert lineage.inputs == ("t", "u")
    assert lineage.resolved == frozenset()


def test_a_text_of_five_megabytes() -> None:
    assert codes("select '" + "y" * 5_000_000 + "' from t") == ["too_long"]


def test_too_many_tokens() -> None:
    assert codes("select 1" + ",1" * 100_001) == ["too_many_tokens"]


def test_columns_that_double_with_every_query_are_too_complex() -> None:
    steps = ", ".join(
        f"c{at} as (select x.*, y.* from c{at - 1} x join c{at - 1} y on x.a = y.a)" for at in range(1, 40)
    )
    sql = f"with c0 as (select * from t), {steps} select * from c39"
    lineage = derive(SqlRequest(sql, "postgres", {"t": {"a": "int", "b": "int"}}))
    assert [problem.code for problem in lineage.problems] == ["too_complex", "token_scan"]
    assert lineage.inputs == ("t",)


def test_queries_are_shared_not_repeated() -> None:
    steps = ", ".join(
        f"c{at} as (select x.a, y.b from c{at - 1} x join c{at - 1} y on x.a = y.a)" for at in range(1, 61)
    )
    lineage = derive(SqlRequest(f"with c0 as (select a, b from t), {steps} select * from c60", "postgres"))
    assert not lineage.problems
    assert lineage.inputs == ("t",)


def test_thousands_of_branches_are_understood() -> None:
    branches = " union all ".join(f"select a, b from t{at} where c > 0" for at in range(2000))
    lineage = derive(SqlRequest(branches, "postgres"))
    assert not lineage.problems
    assert [len(column.inputs) for column in lineage.columns] == [2000, 2000, 2000]


def test_a_long_chain_of_or_is_understood() -> None:
    lineage = derive(SqlRequest("select b from t where " + " or ".join(f"a = {n}" for n in range(10_000)), "postgres"))
    assert not lineage.problems
    assert [(column.column, column.inputs[0].column) for column in lineage.columns] == [("b", "b"), ("", "a")]


@pytest.mark.parametrize("part", ["::int", " is null", " collate x", ".b", "^2", " + 1", " -> 'x'"])
def test_long_chains_of_operators_do_not_recurse(part: str) -> None:
    assert "too_deep" not in codes("select a" + part * 3000 + " from t")


def test_a_broken_hierarchy_leaves_nothing_to_the_next_statement() -> None:
    broken = SqlRequest("select prior a(b from t start with a is null( connect by prior id = boss_id", "postgres")
    assert derive(broken) == derive(broken)


def test_derivations_leave_nothing_behind() -> None:
    def objects(start: int) -> int:
        for at in range(start, start + 300):
            sql = f"insert into t{at} with c{at} as (select a{at}, 'v{at}' as b from s{at}) select * from c{at}; selec"
            derive(SqlRequest(sql, "postgres", {f"s{at}": {f"a{at}": "int"}}))
        gc.collect()
        return len(gc.get_objects())

    objects(0)
    assert objects(600) - objects(300) < 300
