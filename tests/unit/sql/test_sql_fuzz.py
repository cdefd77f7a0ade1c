"""Whatever the text, `derive` gives a sound answer that repeats; and what means the same has the same lineage."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nexus_core.model.statement import SqlLineage, SqlRequest
from nexus_core.sql import derive
from nexus_core.sql.codec import answer
from tests.golden.corpus import all_cases
from tests.unit.sql.queries import SCHEMA, Query, Writer, queries

CASES = all_cases()
TEXTS = [(case.sql, case.dialect) for case in CASES]
WORDS = re.compile(r"'[^']*'|\"[^\"]*\"|\w+|\s+|.", re.DOTALL)
PIECES = [
    "(",
    ")",
    "'",
    '"',
    ";",
    ",",
    "*",
    ".",
    "$$",
    "--",
    "/*",
    "::",
    "\0",
    "é",
    "[",
    "]",
    "@",
    "#",
    "{{",
    ":=",
    "->",
]
PIECES += [
    " select ",
    " from ",
    " into ",
    " end ",
    " case ",
    " with ",
    " join ",
    " as ",
    " null ",
    " begin ",
    " union ",
]
PIECES += [" values ", " set ", " on "]
DIALECTS = ["postgres", "mysql", "tsql", "snowflake", "bigquery", "spark", "redshift", "oracle", "trino", "clickhouse"]
DIALECTS += ["duckdb", "teradata", "sqlite", "hive", "databricks", "presto", "athena", None]
SAME_EVERYWHERE = ["postgres", "mysql", "tsql", "snowflake", "bigquery", "spark", "oracle", "trino", "duckdb"]
CODES = frozenset(re.findall(r"^\| (`.*?`) \|", (Path(__file__).parents[3] / "docs/sql.md").read_text(), re.MULTILINE))
KNOWN_CODES = frozenset(re.findall(r"`([a-z_]+)`", " ".join(CODES)))
derive(SqlRequest("select 1", None))  # raises the recursion limit for good, before hypothesis notes it


def sound(sql: str, dialect: str | None, schema: dict[str, dict[str, str]] | None = None) -> SqlLineage:
    """Derive, and check what holds of every answer."""
    request = SqlRequest(sql, dialect, schema)
    lineage = derive(request)
    assert lineage == derive(request)
    orjson.dumps(answer(1, lineage))
    assert {problem.code for problem in lineage.problems} <= KNOWN_CODES
    assert set(lineage.resolved) <= set(lineage.outputs)
    for column in lineage.columns:
        assert column.table in ("", *lineage.outputs)
        keys = {(each.table, each.column, each.path, each.transformation, each.candidates) for each in column.inputs}
        assert len(keys) == len(column.inputs)
        for source in column.inputs:
            assert source.transformation.indirect == (column.column == "")
            assert bool(source.candidates) <= (source.table == "")
            assert -1 <= source.start <= source.end <= len(sql)
        assert -1 <= column.start <= column.end <= len(sql)
    return lineage


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, str]:
    """Give a text of the corpus with some characters replaced, and its dialect."""
    text, dialect = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        to = draw(st.integers(at, min(len(text), at + 12)))
        text = text[:at] + draw(st.sampled_from([*PIECES, ""])) + text[to:]
    return text, dialect


@st.composite
def shuffled(draw: st.DrawFn) -> tuple[str, str]:
    """Give a text of the corpus with words deleted, doubled, swapped, cut off, or taken from another."""
    text, dialect = draw(st.sampled_from(TEXTS))
    words = WORDS.findall(text)
    for _ in range(draw(st.integers(1, 3))):
        at, other = draw(st.integers(0, len(words) - 1)), draw(st.integers(0, len(words) - 1))
        change = draw(st.sampled_from(["delete", "double", "swap", "cut", "splice"]))
        if change == "delete":
            del words[at : at + 2]
        elif change == "double":
            words[at:at] = words[at : at + 3]
        elif change == "swap":
            words[at], words[other] = words[other], words[at]
        elif change == "cut":
            words = words[: at + 1]
        else:
            words[at:at] = WORDS.findall(draw(st.sampled_from(TEXTS))[0])[:12]
        words = words or [" "]
    return "".join(words), dialect


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(mutated(), shuffled()), st.sampled_from([*DIALECTS, "own", "own", "own"]), st.booleans())
def test_mutated_sql(text: tuple[str, str], dialect: str | None, known: bool) -> None:
    sql, own = text
    sound(sql, own if dialect == "own" else dialect, SCHEMA if known else None)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60), st.sampled_from(DIALECTS))
def test_any_text(sql: str, dialect: str | None) -> None:
    sound(sql, dialect)


@pytest.mark.soak
@settings(max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(mutated(), shuffled()), st.sampled_from([*DIALECTS, "own", "own", "own"]))
def test_mutated_sql_at_length(text: tuple[str, str], dialect: str | None) -> None:
    sql, own = text
    sound(sql, own if dialect == "own" else dialect)


def edges(lineage: SqlLineage) -> set[tuple[str, ...]]:
    """Give the edges of a lineage in no order and without places, in one case."""
    return {
        (column.table, column.column.lower(), source.table.lower(), source.column.lower(), source.transformation)
        for column in lineage.columns
        for source in column.inputs
    }


def same(one: str, other: str, dialect: str | None) -> None:
    first, second = sound(one, dialect, SCHEMA), sound(other, dialect, SCHEMA)
    assert not first.problems
    assert not second.problems
    assert edges(first) == edges(second)
    assert set(first.inputs) == set(second.inputs)


meaning = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
dialects = st.sampled_from(SAME_EVERYWHERE)


@meaning
@given(queries(), dialects)
def test_names_of_aliases_mean_nothing(query: Query, dialect: str) -> None:
    same(Writer("s").text(query), Writer("other_").text(query), dialect)


@meaning
@given(queries(), dialects)
def test_layout_and_comments_mean_nothing(query: Query, dialect: str) -> None:
    text = Writer().text(query)
    same(text, text.replace(", ", "\n  , -- next\n").replace(" from ", "\n\tfrom /* here */ "), dialect)


@meaning
@given(queries(), dialects)
def test_a_query_that_nobody_reads_changes_nothing(query: Query, dialect: str) -> None:
    text = Writer().text(query)
    unread = "with unread as (select id, never from nowhere)"
    same(text, f"{unread}, {text[5:]}" if text.startswith("with ") else f"{unread} {text}", dialect)


@meaning
@given(queries(), dialects)
def test_a_query_around_a_query_changes_nothing(query: Query, dialect: str) -> None:
    text = Writer().text(query)
    names = ", ".join(f"w.{name}" for name in query.columns)
    if not text.startswith("with "):
        same(text, f"select {names} from ({text}) w", dialect)
    same(text, f"with w as ({text}) select * from w" if dialect not in ("tsql", "oracle") else text, dialect)


@meaning
@given(queries(depth=1), queries(depth=1), dialects)
def test_statements_of_a_text_stand_for_themselves(one: Query, other: Query, dialect: str) -> None:
    first, second = (f"create table out{at} as {Writer().text(query)}" for at, query in enumerate((one, other)))
    apart = [sound(text, dialect, SCHEMA) for text in (first, second)]
    together = sound(f"{first};\n{second};", dialect, SCHEMA)
    assert edges(together) == edges(apart[0]) | edges(apart[1])
    assert set(together.inputs) == {*apart[0].inputs, *apart[1].inputs}


@meaning
@given(queries(), dialects)
def test_a_bad_statement_costs_only_itself(query: Query, dialect: str) -> None:
    text = Writer().text(query)
    broken = sound(f"selec nothing frm; {text}", dialect, SCHEMA)
    assert [problem.code for problem in broken.problems] == ["syntax"]
    assert edges(broken) == edges(sound(text, dialect, SCHEMA))


@meaning
@given(queries(), dialects, st.data())
def test_a_statement_with_a_broken_item_keeps_its_tables(query: Query, dialect: str, data: st.DataObject) -> None:
    text = Writer().text(query)
    places = [match.end() for match in re.finditer(r" as x\d+", text)]
    at = data.draw(st.sampled_from(places))
    whole, broken = sound(text, dialect, SCHEMA), sound(f"{text[:at]} !! ) {text[at:]}", dialect, SCHEMA)
    assert broken.problems
    assert set(broken.inputs) <= set(whole.inputs)
