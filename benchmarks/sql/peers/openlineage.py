"""openlineage-sql, which takes no schema.

Its columns carry no target: a script is asked once as a whole for its tables, and by statement for its columns.
"""

from __future__ import annotations

from importlib.metadata import version

import openlineage_sql  # type: ignore[import-untyped]
import sqlparse

from benchmarks.sql.peers.loop import Line, column, serve

_DIALECTS = {"tsql": "mssql", "spark": "sparksql", "databricks": "databricks"}


def answered(request: Line) -> Line:
    """Give tables and columns of a text."""
    dialect = _DIALECTS.get(request["dialect"], request["dialect"]) or "generic"
    whole = openlineage_sql.parse([request["sql"]], dialect, None)
    statements = sqlparse.split(request["sql"]) if len(whole.out_tables) > 1 else []
    parts = [openlineage_sql.parse([statement], dialect, None) for statement in statements] or [whole]
    return {
        "inputs": [table.qualified_name for table in whole.in_tables],
        "outputs": [table.qualified_name for table in whole.out_tables],
        "columns": [_column(each, part) for part in parts for each in part.column_lineage],
        "errors": [{"code": "parse", "message": error.message, "statement": error.index} for error in whole.errors],
    }


def _column(lineage: openlineage_sql.ColumnLineage, parsed: openlineage_sql.SqlMeta) -> Line:
    targets = [table.qualified_name for table in parsed.out_tables]
    sources = [(source.origin.qualified_name if source.origin else "", source.name) for source in lineage.lineage]
    return column(targets[0] if len(targets) == 1 else "", lineage.descendant.name, sources)


if __name__ == "__main__":
    serve("openlineage-sql", version("openlineage-sql"), answered)
