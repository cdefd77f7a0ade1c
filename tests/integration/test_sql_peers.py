"""The processes of the SQL benchmark, with our own engine in the role of a peer."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.sql.accuracy import beaten, marked, tables
from benchmarks.sql.engines import EMPTY, OURS, Engine, started
from tests.golden.corpus import all_cases

SILENT = 'import sys; print(\'{"engine": "silent", "version": "1"}\', flush=True); sys.stdin.read()'
CASES = [case for case in all_cases() if case.dialect == "snowflake"]


@pytest.fixture
def ours() -> Iterator[list[Engine]]:
    with started((OURS,)) as engines:
        yield engines


def test_an_engine_tells_name_version_and_cost(ours: list[Engine]) -> None:
    answer = ours[0].ask({"id": 7, "sql": "select a from t", "dialect": "postgres", "schema": None})
    assert ours[0].name == "LineageNexus"
    assert ours[0].version.startswith("sql-")
    assert (answer["id"], answer["inputs"]) == (7, ["t"])
    assert 0 < answer["cpu_seconds"] < 5


def test_a_failure_is_an_answer(ours: list[Engine]) -> None:
    answer = ours[0].ask({"id": 1, "sql": None, "dialect": "postgres", "schema": None})
    assert answer["errors"][0]["code"] == "InvalidInputError"
    assert ours[0].ask({"id": 2, "sql": "select 1", "dialect": "postgres", "schema": None})["id"] == 2


def test_an_engine_that_hangs_costs_one_answer() -> None:
    engine = Engine([sys.executable, "-c", SILENT])
    start = time.monotonic()
    assert engine.ask({"id": 1}, seconds=0.2) == EMPTY
    assert engine.ask({"id": 2}, seconds=0.2) == EMPTY
    assert engine.unanswered == 2
    assert time.monotonic() - start < 30
    engine.stop()


def test_an_engine_that_dies_costs_one_answer(tmp_path: Path) -> None:
    engine = Engine([sys.executable, "-c", SILENT.replace("sys.stdin.read()", "sys.stdin.readline()")])
    assert engine.ask({"id": 1}) == EMPTY
    assert engine.ask({"id": 2}) == EMPTY
    engine.stop()


def test_marks_of_our_own_engine(ours: list[Engine]) -> None:
    results = list(marked(CASES, ours))
    assert all(mark.tables and mark.columns and mark.indirect for each in results for mark in each.scores)
    assert list(beaten(results, ours)) == []
    shown = list(tables(results, ours))
    assert shown[2] == f"| LineageNexus | {ours[0].version} | 100.0 % | 100.0 % | 100.0 % | 100.0 % | 0 |"
    assert f"| snowflake | {len(CASES)} | 100 / 100 / 100 / 100 |" in shown
