"""`nexus lineage sql`: the lineage of SQL texts, for people and for programs."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from nexus_core.cli.app import lineage

if TYPE_CHECKING:
    from nexus_core.model.statement import SqlRequest


@lineage.command("sql")
def lineage_sql(
    file: Annotated[typer.FileBinaryRead, typer.Argument(help="File of SQL; - is standard input.")] = "-",  # type: ignore[assignment]
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON request a line in, one answer a line out.")] = False,
    dialect: Annotated[str | None, typer.Option(help="Dialect of the SQL, such as postgres.")] = None,
    schema: Annotated[
        str | None,
        typer.Option(
            help="What is known of tables: a .json or .yaml file, a .sql of CREATE statements, or a source's URL."
        ),
    ] = None,
    steps: Annotated[bool, typer.Option("--steps", help="Statement by statement, temporary tables as tables.")] = False,
    default_database: Annotated[str | None, typer.Option(help="Database of names that give none.")] = None,
    default_schema: Annotated[str | None, typer.Option(help="Schema of names that give none.")] = None,
) -> None:
    """Derive the lineage of SQL. Exit status: 0 all understood, 1 something not, 2 nothing asked rightly.

    docs/sql.md has the form of --jsonl, where each line says its own dialect and schema.
    """
    if jsonl:
        _answer_lines(file)
    elif _show(_asked(file.read().decode(errors="replace"), dialect, schema, default_database, default_schema), steps):
        raise typer.Exit(1)


def _answer_lines(lines: Iterable[bytes]) -> None:
    from nexus_core.sql.child import collect_rarely

    collect_rarely()
    for line in lines:
        if line.strip():
            sys.stdout.buffer.write(_answered(line) + b"\n")
            sys.stdout.buffer.flush()


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


def _asked(
    sql: str, dialect: str | None, schema: str | None, default_database: str | None, default_schema: str | None
) -> SqlRequest:
    from nexus_core.cli.sql_schema import surroundings
    from nexus_core.errors import InvalidInputError
    from nexus_core.model.statement import SqlRequest

    try:
        known = surroundings(schema, dialect)
    except InvalidInputError as error:
        raise typer.BadParameter(error.reason, param_hint="--schema") from error
    database = default_database or known.database
    return SqlRequest(sql, dialect or known.dialect, known.schema, database, default_schema)


def _show(request: SqlRequest, steps: bool) -> bool:
    """Print trees, and problems to standard error; tell whether there were any."""
    from rich.console import Console

    from nexus_core.cli.sql_tree import lineage_trees, step_trees
    from nexus_core.sql import derive

    derived = derive(request)
    console = Console(soft_wrap=True, highlight=False)
    for tree in step_trees(derived, request.sql) if steps and derived.steps else lineage_trees(derived, request.sql):
        console.print(tree)
    for problem in derived.problems:
        typer.echo(f"statement {problem.statement}: {problem.code}: {problem.message}", err=True)
    return bool(derived.problems)
