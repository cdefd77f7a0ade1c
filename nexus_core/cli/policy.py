"""`nexus policy`: masking policies as code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nexus_core.cli.api_token import LOCAL_API, Api, TokenFile, api_token
from nexus_core.cli.app import app
from nexus_core.masking.native.engines import Engine

if TYPE_CHECKING:
    from nexus_core.client import NexusClient
    from nexus_core.governance.policies.document import PolicyDocument

policy = typer.Typer(no_args_is_help=True, help="Masking policies as code: test, plan, apply, approve, explain.")
app.add_typer(policy, name="policy")

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The policy document, YAML or JSON.")]
Version = Annotated[int, typer.Argument(min=1, help="The version that `nexus policy history` shows.")]


@policy.command()
def schema() -> None:
    """Print the JSON Schema of a policy document."""
    import orjson

    from nexus_core.governance.policies.document import json_schema

    typer.echo(orjson.dumps(json_schema(), option=orjson.OPT_INDENT_2))


@policy.command("test")
def run_tests(file: File) -> None:
    """Check a document and run its tests, without a server; ends with 1 if one fails."""
    from nexus_core.governance.policies.document import policy_set
    from nexus_core.governance.policies.testing import failures

    policies = policy_set(_read(file))
    failed = list(failures(policies))
    for each in failed:
        typer.echo(str(each), err=True)
    typer.echo(f"{len(policies.tests)} tests, {len(failed)} failed.")
    if failed:
        raise typer.Exit(1)


@policy.command()
def plan(file: File, api: Api = LOCAL_API, token_file: TokenFile = None) -> None:
    """Tell what would change if a document came into force; ends with 2 if something would, 1 if it cannot."""
    document = _written(_read(file))
    with _client(api, token_file) as client:
        found = client.plan_policies(document)
    for line in plan_lines(found):
        typer.echo(line)
    if found["problems"]:
        raise typer.Exit(1)
    if found["changes"] or found["row_changes"]:
        raise typer.Exit(2)


@policy.command()
def apply(
    file: File,
    comment: Annotated[str, typer.Option(help="Why; shown to who approves it.")] = "",
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Propose a document; it comes into force when another account approves it."""
    document = _written(_read(file))
    with _client(api, token_file) as client:
        made = client.propose_policies(document, comment)
    typer.echo(
        f"Version {made['version']} waits for approval by another account: nexus policy approve {made['version']}"
    )


@policy.command()
def approve(version: Version, api: Api = LOCAL_API, token_file: TokenFile = None) -> None:
    """Put a proposed document into force, if you are not its author."""
    _decide(version, "approve", api, token_file)


@policy.command()
def reject(version: Version, api: Api = LOCAL_API, token_file: TokenFile = None) -> None:
    """Reject a proposed document, if you are not its author."""
    _decide(version, "reject", api, token_file)


@policy.command()
def withdraw(version: Version, api: Api = LOCAL_API, token_file: TokenFile = None) -> None:
    """Take a document back that you proposed."""
    _decide(version, "withdraw", api, token_file)


@policy.command()
def show(api: Api = LOCAL_API, token_file: TokenFile = None) -> None:
    """Print the document in force, as YAML."""
    import yaml

    with _client(api, token_file) as client:
        found = client.policies()
    if found is None:
        typer.echo("No policies are in force: what is not Public is refused.", err=True)
        raise typer.Exit(1)
    typer.echo(yaml.safe_dump(found["document"], sort_keys=False, allow_unicode=True), nl=False)


@policy.command()
def history(
    limit: Annotated[int, typer.Option(min=1, max=500, help="Most versions to list.")] = 20,
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """List the documents that were proposed, the newest first."""
    with _client(api, token_file) as client:
        found = client.policy_versions(limit)
    for each in found:
        decided = f", by {each['decider']} {each['decided_at'][:16]}" if each["decider"] else ""
        typer.echo(f"{each['version']:>4}  {each['state']:<10} {each['author']} {each['proposed_at'][:16]}{decided}")
        if each["comment"]:
            typer.echo(f"      {each['comment']}")


@policy.command()
def drift(file: File, api: Api = LOCAL_API, token_file: TokenFile = None) -> None:
    """Tell whether the policies in force are those of a document; ends with 1 if they differ."""
    from nexus_core.governance.policies.keeping import digest_of

    document = _read(file)
    with _client(api, token_file) as client:
        found = client.policies()
    if found and found["digest"] == digest_of(document):
        typer.echo(f"Version {found['version']} in force is this document.")
        return
    for line in _differences(found["document"] if found else {}, _written(document)):
        typer.echo(line)
    raise typer.Exit(1)


@policy.command()
def explain(
    user: Annotated[str, typer.Argument(help="Name or id of an account; `me` for yourself.")],
    column: Annotated[str, typer.Argument(metavar="TABLE.COLUMN", help="Name of a dataset, a dot, and a field.")],
    namespace: Annotated[str | None, typer.Option(help="The dataset's namespace, if several have the name.")] = None,
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Tell what somebody sees of a column, and which policies say so."""
    with _client(api, token_file) as client:
        found = client.explain_policies(None if user == "me" else user, column, namespace)
    for line in explanation_lines(found):
        typer.echo(line)


@policy.command()
def emit(
    kind: Annotated[Engine, typer.Argument(help="The engine; mysql is MariaDB, too.")],
    source: Annotated[str | None, typer.Option(metavar="NAMESPACE", help="If several are of this kind.")] = None,
    domain: Annotated[str | None, typer.Option(help="BigQuery: the domain of the groups that roles are.")] = None,
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Print the policies in force as SQL for another engine, which its administrator reads and runs."""
    with _client(api, token_file) as client:
        found = client.native_policies(kind, source, domain)
    typer.echo(found["sql"], nl=False)


def plan_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Write a plan for people."""
    yield f"{found['column_count']:,} columns."
    for change in found["changes"]:
        masks = f"{_mask(change['before'])} → {_mask(change['after'])}"
        yield f"{change['direction']:>8}  {change['audience']}: {change['column_count']:,} columns {masks}"
        yield from (f"          {_column(each)}" for each in change["samples"])
    for change in found["row_changes"]:
        rows = f"{_rows(change['before'])} → {_rows(change['after'])}"
        yield f"    rows  {change['audience']}: {change['dataset_count']:,} datasets {rows}"
    if found["unprotected"]:
        yield "No policy matches any more, so that what is not Public is refused:"
        yield from (f"          {_column(each)}" for each in found["unprotected"])
    if found["unknown_roles"]:
        yield f"Nobody can hold: {', '.join(found['unknown_roles'])}"
    yield from (f"Problem: {each}" for each in found["problems"])
    if not (found["changes"] or found["row_changes"]):
        yield "Nobody would see anything else than now."


def explanation_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Write an explanation for people."""
    yield f"{_column(found['column'])}: {_mask(found['mask'])}"
    yield f"  {found['sentence']}"
    yield f"  because {found['reason']}; roles here: {', '.join(found['roles']) or 'none'}"
    yield from (f"  {each['policy']}: {_mask(each['mask'])}" for each in found["verdicts"])
    yield from (f"  rows only where {each}" for each in found["row_filters"])
    if found["refuses_inference"]:
        yield "  statements may not filter, join or group on it"


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for part in ("policies", "row_filters"):
        old, new = ({each["name"]: each for each in of.get(part, ())} for of in (before, after))
        yield from (f"only in force: {part} {name}" for name in sorted(old.keys() - new.keys()))
        yield from (f"only in the document: {part} {name}" for name in sorted(new.keys() - old.keys()))
        yield from (f"differs: {part} {name}" for name in sorted(old.keys() & new.keys()) if old[name] != new[name])
    if before.get("tests", []) != after.get("tests", []):
        yield "differs: tests"


def _decide(version: int, action: str, api: str, token_file: Path | None) -> None:
    with _client(api, token_file) as client:
        found = client.decide_policies(version, action)
    typer.echo(f"Version {found['version']} is {found['state']}.")


def _client(api: str, token_file: Path | None) -> NexusClient:
    from nexus_core.client import NexusClient

    return NexusClient(api, api_token(token_file))


def _read(file: Path) -> PolicyDocument:
    from nexus_core.governance.policies.document import read_document

    return read_document(file.read_text())


def _written(document: PolicyDocument) -> dict[str, Any]:
    return document.model_dump(mode="json", exclude_defaults=True)


def _mask(mask: Mapping[str, Any]) -> str:
    inner = ", ".join(f"{name} {value}" for name, value in mask["parameters"].items())
    return f"{mask['kind']}({inner})" if inner else str(mask["kind"])


def _rows(conditions: Sequence[str]) -> str:
    return " and ".join(conditions) or "all"


def _column(column: Mapping[str, Any]) -> str:
    return f"{column['dataset']}.{column['field']} ({column['classification'] or 'not classified'})"
