"""`nexus lineage sql`: one answer a line, whatever the line; a readable form for people."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from nexus_core.cli import app


def answers(text: str) -> list[dict]:
    result = CliRunner().invoke(app, ["lineage", "sql", "--jsonl"], input=text)
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_each_line_has_its_answer() -> None:
    lines = [
        '{"id": 1, "sql": "select 1"}',
        "no json",
        "[]",
        '{"id": [2], "sql": 5}',
        '{"id": "x", "sql": "select a from t, u"}',
    ]
    seen = answers("\n".join(lines) + "\n")
    assert [answer["id"] for answer in seen] == [1, None, None, [2], "x"]
    assert [[error["code"] for error in answer["errors"]] for answer in seen[1:4]] == [["bad_request"]] * 3
    assert seen[4]["columns"][0]["inputs"] == [
        {"table": "", "column": "a", "transformation": "IDENTITY", "candidates": ["t", "u"]}
    ]


def test_for_people() -> None:
    result = CliRunner().invoke(app, ["lineage", "sql"], input="insert into x (a) select b from t where c > 1")
    assert result.stdout.splitlines() == ["x.a", "    t.b  IDENTITY", "x.(all rows)", "    t.c  INDIRECT:FILTER"]


def test_a_problem_is_the_exit_status() -> None:
    assert CliRunner().invoke(app, ["lineage", "sql"], input="selec nothing frm").exit_code == 1
