"""`nexus lineage sql`: the lineage of SQL texts, for people and for programs."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from nexus_core.cli.app import lineage


@lineage.command("sql")
def lineage_sql(
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON request a line in, one answer a line out.")] = False,
    dialect: Annotated[str | None, typer.Option(help="Dialect of the SQL on standard input, such as postgres.")] = None,
) -> None:
    """Derive the lineage of the SQL on standard input; docs/sql.md has the form of --jsonl."""
    if jsonl:
        for line in sys.stdin.buffer:
            if line.strip():
                sys.stdout.buffer.write(_answered(line) + b"\n")
                sys.stdout.buffer.flush()
    else:
        _show(sys.stdin.read(), dialect)


def _answered(line: bytes) -> bytes:
    import orjson

    from nexus_core.errors import InvalidInputError
    from nexus_core.model.statement import SqlLineage, SqlProblem
    from nexus_core.sql import derive
    from nexus_core.sql.codec import answer, request_from

    line_id: object = None
    try:
        fields = orjson.loads(line)
        if not isinstance(fields, dict):
            raise InvalidInputError("must be an object")
        line_id = fields.get("id")
        derived = derive(request_from(fields))
    except (orjson.JSONDecodeError, InvalidInputError) as error:
        derived = SqlLineage(problems=(SqlProblem("bad_request", str(error), 0),))
    return orjson.dumps(answer(line_id, derived))


def _show(sql: str, dialect: str | None) -> None:
    from nexus_core.model.statement import SqlRequest
    from nexus_core.sql import derive

    derived = derive(SqlRequest(sql, dialect))
    for column in derived.columns:
        typer.echo(f"{column.table or '(result)'}.{column.column or '(all rows)'}")
        for source in column.inputs:
            table = source.table or " or ".join(source.candidates) or "(unknown)"
            typer.echo(f"    {table}.{source.column}  {source.transformation.value}")
    for problem in derived.problems:
        typer.echo(f"statement {problem.statement}: {problem.code}: {problem.message}", err=True)
    if derived.problems:
        raise typer.Exit(1)
