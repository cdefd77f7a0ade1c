from __future__ import annotations

import re
import time

import pytest

from nexus_core.connectors import _statements
from nexus_core.connectors._statements import fingerprint, moves_data, normalised

MOVING = [
    "INSERT INTO a VALUES (1)",
    "insert into a select * from b",
    "-- nightly\n/* load */ UPDATE a SET x = 1",
    "DELETE FROM a USING b WHERE a.x = b.x",
    "MERGE INTO a USING b ON a.x = b.x WHEN MATCHED THEN DO NOTHING",
    "COPY a FROM STDIN",
    "COPY (SELECT 1) TO PROGRAM 'gzip > /x'",
    "CALL load(1)",
    "CREATE TABLE a AS SELECT 1",
    "CREATE TEMP TABLE IF NOT EXISTS a (x) AS (SELECT 1)",
    "SELECT x INTO a FROM b",
    "WITH c AS (SELECT 1) INSERT INTO a SELECT * FROM c",
    "WITH c AS (DELETE FROM a RETURNING *) SELECT * FROM c",
    "WITH c AS (SELECT 1) UPDATE only_one SET x = 1",
    "BEGIN; UPDATE a SET x = 1; COMMIT",
    "DO $$ BEGIN INSERT INTO a SELECT 1; END $$",
]
STILL = [
    "SELECT * FROM a",
    "SELECT 'insert into a'",
    "SELECT x FROM a FOR UPDATE",
    "WITH c AS (SELECT 1 FOR UPDATE) SELECT 1",
    "CREATE TABLE a (x int, y int GENERATED ALWAYS AS (x * 2) STORED)",
    "CREATE VIEW v AS SELECT 1",
    "COPY a TO STDOUT",
    "EXPLAIN ANALYZE INSERT INTO a SELECT 1",
    "DO $$ BEGIN RAISE NOTICE 'x'; END $$",
    "SET search_path = a",
    "",
]


@pytest.mark.parametrize("sql", MOVING)
def test_moves_data(sql: str) -> None:
    assert moves_data(sql)


@pytest.mark.parametrize("sql", STILL)
def test_moves_no_data(sql: str) -> None:
    assert not moves_data(sql)


def test_values_make_no_difference() -> None:
    written = [
        "INSERT INTO a VALUES (1, 'it''s', E'a\\'b', $$x$$)",
        "insert into A  values ($1,$2,$3, $4);",
        "INSERT INTO a /* x */ VALUES (2.5, 'y') -- end",
    ]
    assert len({fingerprint(sql) for sql in written}) == 1
    assert normalised(written[0]) == "insert into a values (?)"


def test_quoted_names_keep_their_case() -> None:
    assert normalised('SELECT "A b" FROM T') == 'select "A b" from t'


@pytest.mark.parametrize(
    "piece", ["/*", "'", '"', "$a$ $b", "$a ", "e'\\", "update a ", "into ", "as ", "to stdou ", "?, ", "create table "]
)
def test_time_grows_with_length_only(piece: str) -> None:
    begun = time.process_time()
    moves_data("with " + piece * 100_000)
    assert time.process_time() - begun < 3


@pytest.mark.parametrize(
    ("sql", "only_reads", "reads_tables"),
    [
        ("SELECT a FROM t", True, True),
        ("-- why\nWITH x AS (SELECT 1) SELECT * FROM x JOIN shop.t USING (a);", True, True),
        ("(SELECT a FROM t) UNION (SELECT b FROM u)", True, True),
        ("SELECT 1", True, False),
        ("SELECT * FROM generate_series(1, 3)", True, False),
        ("SELECT * FROM pg_catalog.pg_class c JOIN t ON true", True, False),
        ("SELECT * FROM information_schema.tables", True, False),
        ("SELECT a INTO u FROM t", False, False),
        ("WITH x AS (INSERT INTO u SELECT 1 RETURNING a) SELECT * FROM x JOIN t USING (a)", False, False),
        ("SELECT a FROM t; DELETE FROM t", False, False),
        ("UNLOAD ('SELECT a FROM t') TO 's3://b/k'", False, False),
        ("DECLARE @x int; SELECT a FROM t", False, False),
        ("", False, False),
    ],
)
def test_only_reads(sql: str, only_reads: bool, reads_tables: bool) -> None:
    assert _statements.only_reads(sql) is only_reads
    catalogues = re.compile(r"(?:\w+\.)?pg_|information_schema\.")
    assert _statements.reads_tables(sql, catalogues) is reads_tables
