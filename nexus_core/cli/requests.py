"""`nexus requests`: what waits for somebody else's decision."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nexus_core.cli.api_token import LOCAL_API, Api, TokenFile, api_token
from nexus_core.cli.app import app

if TYPE_CHECKING:
    from nexus_core.client.curation import CurationClient

requests = typer.Typer(no_args_is_help=True, help="Requests for edits and roles: list, approve, reject.")
app.add_typer(requests, name="requests")

Request = Annotated[str, typer.Argument(metavar="REQUEST", help="Its id.")]
Note = Annotated[str, typer.Option(help="Why.")]


@requests.command("list")
def list_(
    state: Annotated[Literal["pending", "approved", "rejected", "withdrawn"], typer.Option()] = "pending",
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """List your own requests, and those that you may decide (marked with *)."""
    import orjson

    with _client(api, token_file) as client:
        found = client.requests(state)
    for each in found:
        mark = "*" if each["decidable"] else " "
        typer.echo(f"{mark} {each['id']}  {each['kind']}  {each['account']}  {each['created_at']}  {each['reason']}")
        typer.echo(f"    {orjson.dumps(each['asked']).decode()}")
    typer.echo(f"{len(found)} {state} requests.")


@requests.command()
def approve(request: Request, note: Note = "", api: Api = LOCAL_API, token_file: TokenFile = None) -> None:
    """Approve a request: the edits are made, or the role is given."""
    with _client(api, token_file) as client:
        done = client.decide_request(request, "approve", note)
    made = f"binding {done['binding']}" if done["binding"] else f"{len(done['results'])} edits"
    typer.echo(f"Approved: {made}.")


@requests.command()
def reject(request: Request, note: Note = "", api: Api = LOCAL_API, token_file: TokenFile = None) -> None:
    """Reject a request."""
    with _client(api, token_file) as client:
        client.decide_request(request, "reject", note)
    typer.echo("Rejected.")


def _client(api: str, token_file: Path | None) -> CurationClient:
    from nexus_core.client.curation import CurationClient

    return CurationClient(api, api_token(token_file))
