"""The corpus of SQL pairs: `tests/golden/sql/<dialect>.sql` holds each case's title, its SQL, and its lineage.

    -- schema orders(id, amount)        a table of the file's schema; a type may follow a column: `id int`
    -- ## insert                        the family of the cases below, one of FAMILIES
    -- # a title                        without the schema: `-- # a title (no schema)`
    insert into t (x) select amount from orders where id > 0;
    --> orders => t                     inputs => outputs, those in brackets not resolved
    --> t.x <- orders.amount            a plain copy; else the transformation behind the column
    --> t <- orders.id filter           what affects all rows
    --> ! code                          a problem

A `?` table has its candidates in brackets; `()` is the result of a query that writes nowhere.
The expected lines are what the SQL means, written by hand; `pytest --update-golden` only saves typing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nexus_core.model.statement import ColumnLineage, SourceColumn, SqlLineage, SqlRequest
from nexus_core.sql import derive

FOLDER = Path(__file__).parent / "sql"
FAMILIES = (
    "select",
    "joins",
    "aggregates",
    "windows",
    "set operations",
    "ctes",
    "subqueries",
    "stars",
    "nested",
    "table functions",
    "pivots",
    "patterns",
    "insert",
    "create",
    "update",
    "delete",
    "merge",
    "files",
    "scripts",
    "procedures",
    "dynamic sql",
    "names",
    "other",
)
"""`nested`: structs, arrays, JSON and their unnesting; `patterns`: CONNECT BY and MATCH_RECOGNIZE; `files`: COPY,
LOAD, UNLOAD, stages; `names`: quoting, folding, ambiguity; `other`: statements without lineage, and unread text."""

_SCHEMA_LINE = re.compile(r"^-- schema ([\w.]+)\((.*)\)$", re.MULTILINE)
_FAMILY_LINE = re.compile(r"^-- ## (.*)$", re.MULTILINE)
_CASE = re.compile(r"^-- # (?P<title>.*)\n(?P<sql>(?:(?!--> |-- ##? ).*\n)*?)(?P<expected>(?:-->.*\n)+)", re.MULTILINE)
_COLUMN = re.compile(r'("[^"]+"|\S+)\s*(.*)')
_COLUMN_SEPARATOR = re.compile(r",\s*(?![^<(]*[>)])")


@dataclass(frozen=True)
class Case:
    """One case, with its place in the corpus."""

    path: Path
    family: str
    title: str
    sql: str
    expected: str
    schema: dict[str, dict[str, str]] | None

    @property
    def dialect(self) -> str:
        """The dialect's name, which is the file's."""
        return self.path.stem

    @property
    def request(self) -> SqlRequest:
        """The case as a question to the engine."""
        return SqlRequest(self.sql, self.dialect, self.schema)


def read_cases(path: Path) -> Iterator[Case]:
    """Give the cases of a file in their order."""
    text = path.read_text()
    schema = _schema(text)
    headings = [(match.start(), match[1].strip()) for match in _FAMILY_LINE.finditer(text)]
    for match in _CASE.finditer(text):
        family = next((name for at, name in reversed(headings) if at < match.start()), "")
        known = None if "(no schema)" in match["title"] else schema
        yield Case(path, family, match["title"], match["sql"], match["expected"], known)


def all_cases() -> list[Case]:
    """Give the whole corpus."""
    return [case for path in sorted(FOLDER.glob("*.sql")) for case in read_cases(path)]


def _schema(text: str) -> dict[str, dict[str, str]]:
    tables = _SCHEMA_LINE.findall(text)
    return {table: dict(map(_column, _COLUMN_SEPARATOR.split(columns))) for table, columns in tables}


def _column(text: str) -> tuple[str, str]:
    """Read `name type`; a name with a blank in it stands in double quotes."""
    name, kind = _COLUMN.fullmatch(text.strip()).groups()  # type: ignore[union-attr]
    return name.strip('"'), kind or "text"


def seen(case: Case) -> str:
    """Give what the engine says of a case, in the corpus's form."""
    return shown(derive(case.request))


def shown(lineage: SqlLineage) -> str:
    """Give a lineage in the corpus's form."""
    outputs = [table if table in lineage.resolved else f"[{table}]" for table in lineage.outputs]
    lines = [f"{', '.join(lineage.inputs) or '-'} => {', '.join(outputs) or '()'}"]
    lines += [_shown_column(column) for column in lineage.columns if column.inputs]
    lines += [f"! {problem.code}" for problem in lineage.problems]
    return "".join(f"--> {line}\n" for line in lines)


def _shown_column(column: ColumnLineage) -> str:
    output = f"{column.table or '()'}.{column.column}" if column.column else column.table or "()"
    return f"{output} <- {', '.join(_source(source) for source in column.inputs)}"


def _source(source: SourceColumn) -> str:
    table = source.table or f"?({' '.join(source.candidates)})"
    kind = source.transformation.value.lower().removeprefix("indirect:").removeprefix("transformation:")
    return f"{'.'.join((table, source.column, *source.path))}" + ("" if kind == "identity" else f" {kind}")
