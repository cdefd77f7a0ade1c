"""SQL pairs: `tests/golden/sql/<dialect>.sql` holds each case's title, its SQL, and its lineage as comments.

    -- # a title                        without the schema: `-- # a title (no schema)`
    insert into t (x) select amount from orders where id > 0;
    --> orders => t                     inputs => outputs, those in brackets not resolved
    --> t.x <- orders.amount            a plain copy; else the transformation behind the column
    --> t <- orders.id filter           what affects all rows
    --> ! code                          a problem

A `?` table has its candidates in brackets; `()` is the result of a query that writes nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from nexus_core.model.statement import ColumnLineage, SourceColumn, SqlLineage, SqlRequest
from nexus_core.sql import derive

FOLDER = Path(__file__).parent / "sql"
SCHEMA_LINE = re.compile(r"^-- schema ([\w.]+)\((.*)\)$", re.MULTILINE)
CASE = re.compile(r"^-- # (?P<title>.*)\n(?P<sql>(?:(?!--> |-- # ).+\n)*)(?P<expected>(?:-->.*\n)*)", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    path: Path
    title: str
    sql: str
    expected: str

    @property
    def dialect(self) -> str:
        return self.path.stem


def read_cases(path: Path) -> Iterator[Case]:
    for match in CASE.finditer(path.read_text()):
        yield Case(path, match["title"], match["sql"], match["expected"])


CASES = [case for path in sorted(FOLDER.glob("*.sql")) for case in read_cases(path)]


def read_schema(path: Path) -> dict[str, dict[str, str]]:
    tables = SCHEMA_LINE.findall(path.read_text())
    return {table: {column.strip(): "text" for column in columns.split(",")} for table, columns in tables}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.dialect}: {case.title}")
def test_lineage(case: Case, update_golden: bool) -> None:
    schema = None if "(no schema)" in case.title else read_schema(case.path)
    seen = shown(derive(SqlRequest(case.sql, case.dialect, schema)))
    if update_golden and seen != case.expected:
        old = f"-- # {case.title}\n{case.sql}{case.expected}"
        text = case.path.read_text()
        assert text.count(old) == 1, "two cases of one title"
        case.path.write_text(text.replace(old, f"-- # {case.title}\n{case.sql}{seen}"))
    else:
        assert seen == case.expected


def test_titles_are_unique() -> None:
    titles = [(case.dialect, case.title) for case in CASES]
    assert len(titles) == len(set(titles))


def shown(lineage: SqlLineage) -> str:
    outputs = [table if table in lineage.resolved else f"[{table}]" for table in lineage.outputs]
    lines = [f"{', '.join(lineage.inputs) or '-'} => {', '.join(outputs) or '()'}"]
    lines += [_column(column) for column in lineage.columns if column.inputs]
    lines += [f"! {problem.code}" for problem in lineage.problems]
    return "".join(f"--> {line}\n" for line in lines)


def _column(column: ColumnLineage) -> str:
    output = f"{column.table or '()'}.{column.column}" if column.column else column.table or "()"
    return f"{output} <- {', '.join(_source(source) for source in column.inputs)}"


def _source(source: SourceColumn) -> str:
    table = source.table or f"?({' '.join(source.candidates)})"
    kind = source.transformation.value.lower().removeprefix("indirect:").removeprefix("transformation:")
    return f"{table}.{source.column}" + ("" if kind == "identity" else f" {kind}")
