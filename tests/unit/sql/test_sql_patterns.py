"""Rules over tokens, and statements that move no data, known by their words."""

from __future__ import annotations

import pytest
from sqlglot.dialects.dialect import Dialect

from nexus_core.model.statement import SqlRequest
from nexus_core.sql import derive
from nexus_core.sql.dialect import traits_of
from nexus_core.sql.reading.patterns import Rules
from nexus_core.sql.reading.rewrites import rewritten
from nexus_core.sql.reading.silence import moves_no_data


def applied(rules: str, sql: str) -> str:
    dialect = Dialect()
    tokens = tuple(dialect.tokenize(sql))
    found = Rules(rules, dialect.tokenizer_class.KEYWORDS).applied(tokens, {token.text for token in tokens})
    return " ".join(token.text for token in found)


@pytest.mark.parametrize(
    ("rules", "sql", "left"),
    [
        ("DROP ME", "a drop me b", "a b"),
        ("{KEEP} THIS", "keep this keep that", "keep keep that"),
        ("A/B C?", "a c b x", "x"),
        ("^ START", "start start", "start"),
        ("ON: FROM =T +S", "on from t", "on S t"),
        ("ON: FROM", "off from t", "off from t"),
        ("X path#1 , path#2 +#2 +. +#1", "x a.b, c", "c . a . b"),
        ("F ( {until:G} rest )", "f (a (g) b g c) d", "a ( g ) b d"),
        ("<name AT name", "t at x, at y", "t , at y"),
        ("X !Y name", "x y x z", "x y"),
        ("N ( string#1 ) +named#1", "n ('a.\"B c\"')", "a . B c"),
        ("X () =end", "x (1, (2)) and x (3)", "x ( 1 , ( 2 ) ) and"),
    ],
)
def test_rules(rules: str, sql: str, left: str) -> None:
    assert applied(rules, sql) == left


def test_words_in_quotes_are_no_words() -> None:
    assert applied("DROP ME", "\"drop\" me 'drop' me") == "drop me drop me"


def test_a_rule_that_matches_what_it_leaves_ends() -> None:
    assert applied("^ DELETE FROM? path#1 +DELETE +FROM +#1", "delete t") == "DELETE FROM t"


def test_kept_tokens_keep_their_places() -> None:
    traits = traits_of("teradata")
    assert traits is not None
    sql = "locking row for access sel amount (integer) as a from t"
    for token in rewritten(tuple(traits.sqlglot.tokenize(sql)), traits.sqlglot):
        if token.text in ("amount", "t", "a"):
            assert sql[token.start : token.end + 1] == token.text


def test_the_place_of_a_column_behind_what_was_dropped() -> None:
    sql = "locking row for access sel amount from sales.orders"
    source = derive(SqlRequest(sql, "teradata")).columns[0].inputs[0]
    assert sql[source.start : source.end] == "amount"


def silent(sql: str, dialect: str) -> bool:
    traits = traits_of(dialect)
    assert traits is not None
    return moves_no_data(tuple(traits.sqlglot.tokenize(sql)), dialect)


@pytest.mark.parametrize(
    ("sql", "dialect"),
    [
        ("flush tables", "mysql"),
        ("lock tables t read", "mysql"),
        ("call system.rollback('t', 1)", "spark"),
        ("exec dbms_stats.gather_table_stats('a', 'b')", "oracle"),
        ("create or replace unique index i on t (a)", "postgres"),
        ("create function f(a int) returns int language python as $$ $$", "snowflake"),
        ("msck repair table t", "athena"),
        ("dbcc checkdb", "tsql"),
    ],
)
def test_silent_statements(sql: str, dialect: str) -> None:
    assert silent(sql, dialect)


@pytest.mark.parametrize(
    ("sql", "dialect"),
    [
        ("create table index_of (a int)", "postgres"),
        ("create algorithm = merge sql security definer view v as select a from t", "mysql"),
        ("create function f() returns int language plpython3u as $$ $$", "postgres"),
        ("print 'x' insert into t select a from s", "tsql"),
        ("lock table t for access select a from t", "teradata"),
        ("call p(1)", "spark"),
        ("with reset as (select 1) select * from reset", "postgres"),
        ("refresh_all", "postgres"),
    ],
)
def test_statements_that_may_move_data(sql: str, dialect: str) -> None:
    assert not silent(sql, dialect)
