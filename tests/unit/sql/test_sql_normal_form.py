"""Texts that share a form have the same lineage, each with its own places; what a name depends on is never shared."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from nexus_core.model.statement import SqlLineage, SqlRequest
from nexus_core.sql import derive
from nexus_core.sql.normal_form import normal_form
from tests.golden.corpus import Case, all_cases


def form_of(sql: str, dialect: str = "postgres") -> str | None:
    form = normal_form(SqlRequest(sql, dialect))
    return form.request.sql if form else None


def without_texts(lineage: SqlLineage) -> SqlLineage:
    """Leave out the expressions' texts, whose values differ."""
    columns = tuple(replace(column, expression="") for column in lineage.columns)
    return replace(lineage, columns=columns, steps=())


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: f"{case.dialect}: {case.title}")
def test_a_form_has_the_lineage_of_its_text(case: Case) -> None:
    form = normal_form(case.request)
    own = form.own(derive(form.request)) if form else None
    if own is not None:
        assert without_texts(own) == without_texts(derive(case.request))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("select a from t where d = '2024-01-01'", "select a\tfrom t -- today's\n where d = '2024-01-02 10:00'"),
        ("select a from t where d between 1 and 20", "select a from t where d between 300 and 4"),
        ("select a from t where d >= date '2024-01-01'", "select a from t where d >= date '2025-11-25'"),
        ("select a from t where k in (1, 2, 'x')", "select a from t where k in (10, 20, 'yy')"),
        ("insert into t values (1, 'x'), (2, 'y')", "insert into t values (30, 'a'), (4, 'bbb')"),
    ],
)
def test_values_that_decide_nothing_are_shared(one: str, other: str) -> None:
    forms = [form_of(re.sub(r"\s+", " ", re.sub(r"--.*\n", " ", sql))) for sql in (one, other)]
    assert forms[0] == forms[1] is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("select a, b from t group by 1", "select a, b from t group by 2"),
        ("select a from t order by a limit 1", "select a from t order by a limit 2"),
        ("select j -> 'a' from t", "select j -> 'b' from t"),
        ("select a from t where j -> 'a' = 1", "select a from t where j -> 'b' = 1"),
        ("select a from t where d > now() - interval '1 day'", "select a from t where d > now() - interval '2 day'"),
        ("select a from f(1)", "select a from f(2)"),
        ("select a from t where 1 = 0", "select a from t where 1 = 1"),
        ("select case when a = 'x' then b end from t", "select case when a = 'y' then b end from t"),
        ('select a from t where b = "x"', 'select a from t where b = "y"'),
    ],
)
def test_values_that_may_decide_something_are_not_shared(one: str, other: str) -> None:
    assert form_of(one) != form_of(other)


@pytest.mark.parametrize(
    "sql",
    [
        "select * from t pivot (sum(x) for y in ('a', 'b'))",
        "do $$ begin execute 'insert into t select a from u'; end $$",
        "copy t from 's3://bucket/day=1/'",
        "create table t (a int) with (external_location = 's3://bucket/a') ; call p('x')",
        "select a from t where b = $1",
    ],
)
def test_texts_of_their_own_meaning_have_no_form(sql: str) -> None:
    assert form_of(sql) is None


def test_places_are_those_of_the_own_text() -> None:
    sql = "insert into t (x)\n  select /* why */ o.a + 1\n  from orders o where o.day = '2024-01-01'"
    form = normal_form(SqlRequest(sql, "postgres"))
    assert form is not None
    lineage = form.own(derive(form.request))
    assert lineage is not None
    assert [sql[each.start : each.end] for column in lineage.columns for each in column.inputs] == ["o.a", "o.day"]
    assert sql[lineage.columns[0].start : lineage.columns[0].end] == "o.a + 1"
