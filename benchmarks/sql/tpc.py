"""The queries of TPC-DS and TPC-H with their schemas, out of sqlglot's source archive; no text of theirs is ours."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.sql.environment import sqlglot_tests

Schema = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Query:
    """One query of a benchmark."""

    benchmark: str
    number: int
    sql: str
    schema: Schema = field(compare=False)

    @property
    def request(self) -> dict[str, Any]:
        """The query as a line of the contract."""
        name = f"{self.benchmark} {self.number}"
        unset = {"default_database": None, "default_schema": None}
        return {"id": name, "sql": self.sql, "dialect": "duckdb", "schema": self.schema, **unset}


def queries() -> list[Query]:
    """Give all 121."""
    tests = sqlglot_tests()
    schemas = _schemas(tests / "helpers.py")
    found = []
    for benchmark, folder, schema in (("TPC-DS", "tpc-ds", "TPCDS_SCHEMA"), ("TPC-H", "tpc-h", "TPCH_SCHEMA")):
        texts = _texts(tests / "fixtures" / "optimizer" / folder / f"{folder}.sql")
        found += [Query(benchmark, number, sql, schemas[schema]) for number, sql in enumerate(texts, 1)]
    return found


def _texts(path: Path) -> list[str]:
    """Each query is followed by its optimised form; lines of `--` and `#` are about the pair."""
    lines = [line for line in path.read_text().splitlines() if line.strip() and not line.startswith(("--", "#"))]
    statements = "\n".join(lines).split(";")
    return [statement.strip() for statement in statements[:-1:2]]


def _schemas(path: Path) -> dict[str, Schema]:
    """Read the constants without running the file."""
    found = {}
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Dict):
            found[node.targets[0].id] = ast.literal_eval(node.value)
    return found
