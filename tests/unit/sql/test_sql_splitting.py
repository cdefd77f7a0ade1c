"""Where statements end: blocks and bodies stay whole."""

from __future__ import annotations

import time

import pytest

from nexus_core.sql.dialect import traits_of
from nexus_core.sql.reading.parse import statements
from nexus_core.sql.reading.splitting import delimited


def pieces(sql: str, dialect: str) -> list[str]:
    traits = traits_of(dialect)
    assert traits is not None
    found = [statement.tokens for statement in statements(sql, traits)]
    return [sql[tokens[0].start : tokens[-1].end + 1] for tokens in found if tokens]


@pytest.mark.parametrize(
    ("dialect", "texts"),
    [
        ("bigquery", ["declare x int64", "if a then select 1; else select case when b then 2 end; end if", "select 3"]),
        ("bigquery", ["begin transaction", "select 1", "commit"]),
        ("bigquery", ["begin select 1; exception when error then select 2; end", "select 3"]),
        ("bigquery", ["l: loop leave l; end loop", "while a do set a = 1; end while"]),
        ("snowflake", ["declare x int; begin let y := 1; end", "begin", "select 1", "commit"]),
        ("snowflake", ["create procedure p() returns int language sql execute as caller as $$ a; b $$", "select 1"]),
        ("oracle", ["create procedure p is procedure q is begin null; end; begin q; end p", "select 1 from dual"]),
        ("oracle", ["create package p as procedure a; function b return int; end p", "select 1 from dual"]),
        ("oracle", ["declare v int := case when 1 = 1 then 2 end; begin null; end", "select 1 / 2 from dual"]),
        ("mysql", ["create trigger t before insert on x for each row set new.a = 1", "select 1"]),
        (
            "mysql",
            ["create procedure p() begin if a then select if(b, 1, 2); else if c then select 1; end if; end if; end"],
        ),
        ("mysql", ["create table event (a int)", "select 1"]),
        ("teradata", ["replace macro m (d date) as (select 1; select 2;)", "exec m(1)"]),
        ("postgres", ["begin", "create function f() returns int begin atomic select 1; select 2; end", "end"]),
    ],
)
def test_statements_stay_whole(dialect: str, texts: list[str]) -> None:
    assert pieces(";\n".join(texts) + ";", dialect) == texts


def test_slash_on_its_own_line_ends_a_statement() -> None:
    assert pieces("select a\n/\nselect b / c from dual\n/", "oracle") == ["select a", "select b / c from dual"]


def test_delimiter_lines_change_the_delimiter() -> None:
    sql = "select 1;\ndelimiter //\ncreate procedure p() select 'a//b'; //\ndelimiter ;\nselect 2;"
    assert [text.strip() for _, text in delimited(sql, "mysql")] == [
        "select 1;",
        "create procedure p() select 'a//b';",
        "select 2;",
    ]
    assert all(sql[start:].startswith(text) for start, text in delimited(sql, "mysql"))


@pytest.mark.parametrize("unit", ["begin select 1; end; ", "declare x int64; ", "create procedure p() begin end; "])
def test_many_programs_cost_linear_time(unit: str) -> None:
    started = time.process_time()
    assert len(pieces(unit * 2000, "bigquery")) == 2000
    assert time.process_time() - started < 5
