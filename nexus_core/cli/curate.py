"""`nexus curate`: descriptions, owners, tags, certification, domains and terms, by the API."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nexus_core.cli.api_token import LOCAL_API, Api, TokenFile, api_token
from nexus_core.cli.app import app
from nexus_core.errors import InvalidInputError

if TYPE_CHECKING:
    from nexus_core.client.curation import CurationClient

curate = typer.Typer(no_args_is_help=True, help="Curated metadata: show, set, add, remove, history, revert, CSV.")
app.add_typer(curate, name="curate")

Name = Annotated[str, typer.Argument(help="Name of the dataset, job, term, domain or product.")]
FacetName = Annotated[str, typer.Argument(metavar="FACET", help="As in docs/curation.md, such as description.")]
Namespace = Annotated[str, typer.Option("--namespace", "-n", help="Namespace of a dataset or job.")]
FieldName = Annotated[str, typer.Option("--field", help="A field of the dataset.")]
Kind = Annotated[str, typer.Option(help="dataset, job, term, domain or product.")]
Entries = Annotated[list[str], typer.Argument(metavar="ENTRY…", help="Owners, tags (key or key:value) or terms.")]
Etag = Annotated[str, typer.Option(help="The version that the edit rests on; default: whatever there is.")]


@curate.command()
def show(
    name: Name,
    namespace: Namespace = "",
    field: FieldName = "",
    kind: Kind = "dataset",
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Show what is curated, with the version of each facet."""
    with _client(api, token_file) as client:
        found = client.curated(_subject(kind, namespace, name, field))
    for each in found["facets"]:
        by = f"  by {each['changed_by']} at {each['changed_at']}" if each["changed_at"] else ""
        typer.echo(f"{each['facet']}  {each['etag']}{by}\n    {_json(each['value'])}")


@curate.command("set")
def set_(
    name: Name,
    facet: FacetName,
    value: Annotated[str, typer.Argument(help="JSON, or the text of a description; null takes back; - reads it.")],
    namespace: Namespace = "",
    field: FieldName = "",
    kind: Kind = "dataset",
    etag: Etag = "*",
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Say what a facet is from now on."""
    text = sys.stdin.read() if value == "-" else value
    with _client(api, token_file) as client:
        done = client.put_curated(_subject(kind, namespace, name, field), facet, _value(facet, text), etag)
    typer.echo(f"{facet} is now version {done['version']}, {done['etag']}")


@curate.command()
def add(
    name: Name,
    facet: FacetName,
    entries: Entries,
    namespace: Namespace = "",
    field: FieldName = "",
    kind: Kind = "dataset",
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Add owners, tags or terms."""
    _patch({**_subject(kind, namespace, name, field), "facet": facet, "add": entries}, api, token_file)


@curate.command()
def remove(
    name: Name,
    facet: FacetName,
    entries: Entries,
    namespace: Namespace = "",
    field: FieldName = "",
    kind: Kind = "dataset",
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Remove owners, tags or terms, whoever says them."""
    _patch({**_subject(kind, namespace, name, field), "facet": facet, "remove": entries}, api, token_file)


@curate.command()
def history(
    name: Name,
    facet: FacetName,
    namespace: Namespace = "",
    field: FieldName = "",
    kind: Kind = "dataset",
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Show who changed a facet when, from what to what, the newest first."""
    with _client(api, token_file) as client:
        found = client.curated_history(_subject(kind, namespace, name, field), facet)
    for each in found:
        typer.echo(f"{each['version']:>3}  {each['at']}  {each['by']}  {each['source']}  {each['event']}")
        typer.echo(f"     - {_json(each['before'])}\n     + {_json(each['after'])}")


@curate.command()
def revert(
    name: Name,
    facet: FacetName,
    event: Annotated[str, typer.Argument(help="Event of the version, from the history; null is before the first.")],
    namespace: Namespace = "",
    field: FieldName = "",
    kind: Kind = "dataset",
    etag: Etag = "*",
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Let an earlier version hold again."""
    with _client(api, token_file) as client:
        of = _subject(kind, namespace, name, field)
        done = client.revert_curated(of, facet, None if event == "null" else event, etag)
    typer.echo(f"{facet} is now version {done['version']}, {done['etag']}")


@curate.command("export")
def export_(
    file: Annotated[Path, typer.Argument(help="File to write.")],
    q: Annotated[str, typer.Option(help="Words, as in search; default: everything.")] = "",
    fields: Annotated[bool, typer.Option(help="With a row for each field.")] = False,
    jobs: Annotated[bool, typer.Option(help="With a row for each job whose name has the words.")] = False,
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Write what is shown of datasets, and of jobs if asked, as CSV."""
    with _client(api, token_file) as client:
        body = client.export_curated(q=q, fields=fields, jobs=jobs)
    file.write_bytes(body)


@curate.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="File to read.")],
    apply: Annotated[bool, typer.Option("--apply", help="Make the edits; without it only tell them.")] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="Make right rows' edits although others are wrong.")
    ] = False,
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Make shown what a CSV says; ends with 1 if a row is wrong."""
    with _client(api, token_file) as client:
        told = client.import_curated(file.read_bytes(), dry_run=not apply, partial=partial)
    for each in told["results"]:
        place = " ".join(filter(None, (each["namespace"], each["name"], each["field"])))
        typer.echo(f"{place}  {each['facet']}\n     - {_json(each['before'])}\n     + {_json(each['after'])}")
    for each in told["problems"]:
        typer.echo(f"row {each['row']}{', ' + each['column'] if each['column'] else ''}: {each['problem']}", err=True)
    verb = "made" if apply else "would be made (--apply makes them)"
    typer.echo(
        f"{told['edit_count'] if apply else len(told['results'])} edits {verb}, {len(told['problems'])} problems."
    )
    if told["problems"]:
        raise typer.Exit(1)


def _patch(edit: Mapping[str, Any], api: str, token_file: Path | None) -> None:
    with _client(api, token_file) as client:
        (done,) = client.edit_curated([edit])
    typer.echo(f"{done['facet']}: {_json(done['after'])}" if done["changed"] else "Nothing changes.")


def _subject(kind: str, namespace: str, name: str, field: str) -> dict[str, str]:
    return {"kind": kind, "namespace": namespace, "name": name, "field": field}


def _value(facet: str, text: str) -> dict[str, Any] | None:
    """Read a value; a description may be given as plain text, a domain by its name."""
    import orjson

    if text.strip() == "null":
        return None
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if facet == "description":
            return {"text": text}
        if facet in ("domain", "certification"):
            return {"name" if facet == "domain" else "state": text}
        raise InvalidInputError("is no JSON", "VALUE") from error
    if not isinstance(value, dict):
        return {"text": text} if facet == "description" else {"name": text}
    return value


def _json(value: Any) -> str:
    import orjson

    return "nothing" if value is None else orjson.dumps(value).decode()


def _client(api: str, token_file: Path | None) -> CurationClient:
    from nexus_core.client.curation import CurationClient

    return CurationClient(api, api_token(token_file))
