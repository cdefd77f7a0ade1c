"""`nexus token`: tokens of the API, made on the machine that holds the store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from nexus_core.cli.app import app

if TYPE_CHECKING:
    from nexus_core.governance.tokens import Tokens
    from nexus_core.settings import Settings
    from nexus_core.store.database import Store

token = typer.Typer(no_args_is_help=True, help="Tokens of the API: create, list, revoke, sign in.")
app.add_typer(token, name="token")


@token.command()
def create(
    name: Annotated[str, typer.Argument(help="The account; a second token of the same name is for rotation.")],
    authority: Annotated[list[str], typer.Option(help="What it may do, once or more; see docs/tokens.md.")],
    expires_days: Annotated[int | None, typer.Option(min=1, help="Days after which it ends; absent: never.")] = None,
) -> None:
    """Make a token and print it, once."""

    async def make() -> None:
        from nexus_core.cli.local_audit import here, local_audit
        from nexus_core.governance.tokens import creating

        async with _opened() as (_, tokens, settings):
            life = timedelta(days=expires_days) if expires_days else None
            async with local_audit(settings) as audit, audit.acting(None, here(creating(name, authority))):
                made = await tokens.create(name, authority, life)
        typer.echo(made.secret)

    asyncio.run(make())


@token.command("list")
def list_tokens(
    dormant_days: Annotated[int | None, typer.Option(min=1, help="Only those that nobody used for so long.")] = None,
) -> None:
    """List the tokens that are not revoked."""

    async def show() -> None:
        from nexus_core.governance.tokens import dormant

        async with _opened() as (_, tokens, _settings):
            found = await tokens.all()
        if dormant_days is not None:
            found = dormant(found, dormant_days, datetime.now(UTC))
        for each in found:
            used = f"{each.last_used_at:%Y-%m-%d}" if each.last_used_at else "never"
            ends = f"{each.expires_at:%Y-%m-%d}" if each.expires_at else "never"
            typer.echo(f"{each.id}  {each.account.name}  {' '.join(each.grants)}  used {used}, ends {ends}")

    asyncio.run(show())


@token.command()
def revoke(token_id: Annotated[str, typer.Argument(help="The id that `nexus token list` shows.")]) -> None:
    """End a token and the browser sessions that it started."""

    async def end() -> None:
        from nexus_core.cli.local_audit import here, local_audit
        from nexus_core.model.audit import Act, Action

        act = here(Act(Action.TOKEN_REVOKED, {"token": token_id}))
        async with _opened() as (_, tokens, settings), local_audit(settings) as audit, audit.acting(None, act):
            await tokens.revoke(token_id)
        typer.echo(f"{token_id} is revoked.")

    asyncio.run(end())


@token.command()
def login(next_path: Annotated[str, typer.Option("--next", help="The page to open, as a path.")] = "/") -> None:
    """Print a link that signs a browser in as admin, once, within half an hour."""

    async def link() -> None:
        from nexus_core.governance.admin_token import ensure_admin_token
        from nexus_core.governance.sessions import login_url, open_sessions

        async with _opened() as (store, tokens, settings):
            admin = await ensure_admin_token(tokens, settings.data_dir.expanduser() / "admin-token")
            secret = await open_sessions(store, settings.api).link(admin)
        typer.echo(login_url(settings.api, secret, next_path))

    asyncio.run(link())


@asynccontextmanager
async def _opened() -> AsyncIterator[tuple[Store, Tokens, Settings]]:
    from nexus_core.governance.tokens import open_tokens
    from nexus_core.settings import Settings
    from nexus_core.store.database import open_store

    settings = Settings.load()
    store = open_store(settings.store_url)
    try:
        yield store, open_tokens(store), settings
    finally:
        await store.dispose()
