"""`nexus impact`: what changes would break, for people and for pull requests."""

from __future__ import annotations

import subprocess
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nexus_core.cli.api_token import LOCAL_API, Api, TokenFile, api_token
from nexus_core.cli.app import app

if TYPE_CHECKING:
    from nexus_core.model.impact import Change


class FailOn(StrEnum):
    """From which verdict on the command ends with 1."""

    BREAKS = "breaks"
    UNKNOWN = "unknown"
    CHANGES = "changes"
    NEVER = "never"


class Form(StrEnum):
    """How the outcome is written."""

    MARKDOWN = "markdown"
    JSON = "json"


@app.command()
def impact(
    changes: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Changes as YAML or JSON (docs/impact.md).")
    ] = None,
    ddl: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="OLD NEW", help="Two SQL files, or REVISION:FILE of git, with the schema."),
    ] = None,
    dbt: Annotated[
        tuple[str, str] | None, typer.Option(metavar="OLD NEW", help="Two manifest.json of dbt, or REVISION:FILE.")
    ] = None,
    namespace: Annotated[str, typer.Option(help="Namespace of the tables in --ddl and --dbt.")] = "",
    prefix: Annotated[str, typer.Option(help="What the catalogue has before the names in --ddl: the database.")] = "",
    dialect: Annotated[str, typer.Option(help="Of --ddl.")] = "postgres",
    fail_on: Annotated[FailOn, typer.Option(help="End with 1 from this verdict on.")] = FailOn.NEVER,
    form: Annotated[Form, typer.Option("--format", help="How to write the outcome.")] = Form.MARKDOWN,
    depth: Annotated[int, typer.Option(min=1, max=50, help="How many datasets far.")] = 20,
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Tell what changes would do downstream: what breaks, what changes silently, what cannot be known."""
    from nexus_core.client import NexusClient
    from nexus_core.errors import ConfigurationError
    from nexus_core.impact.documents import written

    told = [each is not None for each in (changes, ddl, dbt)]
    if sum(told) != 1:
        raise ConfigurationError("Changes come from one place", "Give one of --changes, --ddl, --dbt")
    found = _read(changes) if changes else _compared(ddl, dbt, namespace, prefix, dialect)
    if not found:
        typer.echo("Nothing changes.")
        return
    with NexusClient(api, api_token(token_file)) as client:
        answer = client.impact(written(found), depth)
    typer.echo(written_answer(answer, form))
    if fails(answer, fail_on):
        raise typer.Exit(1)


def _read(path: Path) -> list[Change]:
    """Read a document; YAML is a superset of JSON."""
    import yaml

    from nexus_core.errors import InvalidInputError
    from nexus_core.impact.documents import changes_in

    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{path} is neither YAML nor JSON", "$") from error
    return list(changes_in(document))


def _compared(
    ddl: tuple[str, str] | None, dbt: tuple[str, str] | None, namespace: str, prefix: str, dialect: str
) -> list[Change]:
    from nexus_core.errors import ConfigurationError
    from nexus_core.impact.dbt import dbt_changes
    from nexus_core.impact.ddl import ddl_changes

    if not namespace:
        raise ConfigurationError("The tables' namespace is not known", "Give --namespace, as in postgres://HOST:PORT")
    if ddl is not None:
        return ddl_changes(text_of(ddl[0]), text_of(ddl[1]), dialect, namespace, prefix)
    assert dbt is not None  # noqa: S101 - one of the two is there
    return dbt_changes(_json(text_of(dbt[0]), dbt[0]), _json(text_of(dbt[1]), dbt[1]), namespace)


def text_of(place: str) -> str:
    """Give a file's text, or that of `REVISION:FILE` as `git show` has it; raises ConfigurationError."""
    from nexus_core.errors import ConfigurationError

    if Path(place).is_file():
        return Path(place).read_text(encoding="utf-8")
    if ":" not in place or place.startswith("-"):
        raise ConfigurationError(f"{place} is no file", "Give a file, or REVISION:FILE of a git repository")
    shown = subprocess.run(["git", "show", place], capture_output=True, text=True, check=False)  # noqa: S607
    if shown.returncode:
        raise ConfigurationError(f"git does not show {place}: {shown.stderr.strip()}", "Give REVISION:FILE")
    return shown.stdout


def _json(text: str, place: str) -> Any:
    import orjson

    from nexus_core.errors import InvalidInputError

    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidInputError("is no JSON", place) from error


def written_answer(answer: dict[str, Any], form: Form) -> str:
    """Write an answer of `POST /impact`."""
    import orjson

    from nexus_core.impact.markdown import summary

    return orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode() if form is Form.JSON else summary(answer)


def fails(answer: dict[str, Any], fail_on: FailOn) -> bool:
    """Whether an asset has a verdict as bad as that, or worse."""
    order = [FailOn.BREAKS, FailOn.UNKNOWN, FailOn.CHANGES]
    bad = order[: order.index(fail_on) + 1] if fail_on in order else []
    return any(each["verdict"] in bad for each in answer["assets"])
