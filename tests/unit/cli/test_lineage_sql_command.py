"""`nexus lineage sql`: one answer a line, whatever the line; a readable form for people."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
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
        {
            "table": "",
            "column": "a",
            "transformation": "IDENTITY",
            "candidates": ["t", "u"],
            "certainty": "ambiguous",
            "start": 7,
            "end": 8,
        }
    ]


def shown(*arguments: str, sql: str = "insert into x (a, n)\nselect b, max(d) from t where c > 1") -> list[str]:
    result = CliRunner().invoke(app, ["lineage", "sql", *arguments], input=sql)
    assert result.exit_code == 0, result.stderr
    return result.stdout.splitlines()


def test_for_people() -> None:
    assert shown() == [
        "x",
        "├── a ← t.b  identity, line 2, the only table that may have it",
        "├── n ← t.d  aggregation, line 2, the only table that may have it  = MAX(d)",
        "└── every row",
        "    └── t.c  filter, line 2, the only table that may have it",
    ]


SCRIPT = "create temp table s as select a from t;\ninsert into x (b) select a from s"


def test_a_script_is_told_end_to_end_or_by_step() -> None:
    doubt = "the only table that may have it"
    assert shown("--dialect", "postgres", sql=SCRIPT) == ["x", f"└── b ← t.a  identity, line 1, {doubt}"]
    assert shown("--dialect", "postgres", "--steps", sql=SCRIPT) == [
        "statement 0: s",
        f"└── a ← t.a  identity, line 1, {doubt}",
        "statement 1: x",
        "└── b ← s.a  identity, line 2",
    ]


def test_steps_stand_beside_the_answer() -> None:
    line = json.dumps({"id": 1, "sql": SCRIPT, "dialect": "postgres"})
    steps = answers(line + "\n")[0]["steps"]
    assert [(step["statement"], step["output"], step["inputs"]) for step in steps] == [(0, "s", ["t"]), (1, "x", ["s"])]


def test_names_are_qualified() -> None:
    assert shown("--dialect", "postgres", "--default-database", "d", "--default-schema", "s")[0] == "d.s.x"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("known.json", '{"t": {"b": "int", "c": "int", "d": "int"}}'),
        ("known.yaml", "t: [b, c, d]"),
        ("known.sql", "create table t (b int, c numeric(3, 1)); create view v as select b, c as d from t"),
    ],
)
def test_schema_files(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert (
        "t.b  identity, line 2" in shown("--schema", str(tmp_path / name), sql="insert into x (a)\nselect b from t")[1]
    )


def test_a_file_of_sql(tmp_path: Path) -> None:
    (tmp_path / "q.sql").write_text("select a from t")
    assert shown(str(tmp_path / "q.sql"))[0] == "(result)"


@pytest.mark.parametrize("text", ["[1]", "{", "t: 5"])
def test_a_schema_file_that_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "s.json").write_text(text)
    result = CliRunner().invoke(app, ["lineage", "sql", "--schema", str(tmp_path / "s.json")], input="select 1")
    assert result.exit_code == 2
    assert "s.json" in result.stderr


def test_a_problem_is_the_exit_status() -> None:
    assert CliRunner().invoke(app, ["lineage", "sql"], input="selec nothing frm").exit_code == 1
