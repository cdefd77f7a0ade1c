"""sqllineage with the schema as its metadata; where its parser of the dialect fails, the non-validating one answers."""

from __future__ import annotations

import contextlib
import itertools
import re
import warnings
from importlib.metadata import version

from sqllineage.config import SQLLineageConfig  # type: ignore[import-not-found]
from sqllineage.core.metadata.dummy import DummyMetaDataProvider  # type: ignore[import-not-found]
from sqllineage.core.models import Column, SubQuery  # type: ignore[import-not-found]
from sqllineage.runner import LineageRunner  # type: ignore[import-not-found]

from benchmarks.sql.peers.loop import Line, column, serve

_DIALECTS = {"spark": "sparksql", "presto": "trino"}
_KNOWN = {name for names in LineageRunner.supported_dialects().values() for name in names}
_HOME = "unnamed_schema"
"""Its metadata wants a schema for each table: this one stands for none."""
_ALIASES_IN_SELECT = {"redshift", "snowflake", "databricks", "sparksql", "bigquery", "duckdb", "clickhouse", "teradata"}
_QUERY = re.compile(r"\s*(?:--.*\n\s*)*(?:select|with)\b", re.IGNORECASE)
_WRITES = re.compile(r"\b(?:into|insert)\b|;\s*\S", re.IGNORECASE)
_RESULT = "unnamed_result"


def answered(request: Line) -> Line:
    """Give tables and columns of a text; a bare query has columns only as the source of a table."""
    name = str(request["dialect"])
    dialect = _DIALECTS.get(name, name if name in _KNOWN else "ansi")
    known = request["schema"] or {}
    provider = DummyMetaDataProvider({_home(table): list(columns) for table, columns in known.items()})
    options = {
        "DEFAULT_SCHEMA": _HOME,
        "TSQL_NO_SEMICOLON": dialect == "tsql",
        "LATERAL_COLUMN_ALIAS_REFERENCE": dialect in _ALIASES_IN_SELECT,
    }
    with SQLLineageConfig(**options):
        return _best(request["sql"], dialect, provider)


def _best(sql: str, dialect: str, provider: DummyMetaDataProvider) -> Line:
    """Give the first answer; the last try's failure is the engine's."""
    texts = (f"insert into {_RESULT} {sql}", sql) if _QUERY.match(sql) and not _WRITES.search(sql) else (sql,)
    *tries, last = [(text, parser) for text in texts for parser in (dialect, "non-validating")]
    for text, parser in tries:
        with contextlib.suppress(Exception):
            return _lineage(LineageRunner(text, parser, provider, silent_mode=True))
    return _lineage(LineageRunner(*last, provider, silent_mode=True))


def _lineage(runner: LineageRunner) -> Line:
    steps = [_name(table) for table in runner.intermediate_tables]
    edges: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for path in runner.get_column_lineage():
        named = [each for each in path if not isinstance(each.parent, SubQuery)]
        for source, output in itertools.pairwise(named):
            edges.setdefault(_column(output), []).append(_column(source))
    return {
        "inputs": [*(_name(table) for table in runner.source_tables), *steps],
        "outputs": [name for name in (*(_name(table) for table in runner.target_tables), *steps) if name],
        "columns": [column(table, name, sources) for (table, name), sources in edges.items()],
    }


def _column(each: Column) -> tuple[str, str]:
    return ("" if each.parent is None else _name(each.parent)), each.raw_name


def _name(table: object) -> str:
    name = str(table).removeprefix(f"{_HOME}.").removeprefix("<default>.")
    return "" if name == _RESULT else name


def _home(table: str) -> str:
    return ".".join([_HOME, table] if "." not in table else table.split(".")[-2:])


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    serve("sqllineage", version("sqllineage"), answered)
