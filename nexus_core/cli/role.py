"""`nexus role`: roles, and who has them where, on the machine that holds the store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from nexus_core.cli.app import app

if TYPE_CHECKING:
    from nexus_core.governance.audit import Audit
    from nexus_core.governance.roles import Roles
    from nexus_core.model.access import Scope

role = typer.Typer(no_args_is_help=True, help="Roles, and who has them where: list, create, delete, bind, unbind.")
app.add_typer(role, name="role")


@role.command("list")
def list_roles() -> None:
    """List roles with their permissions, then the bindings."""

    async def show() -> None:
        from nexus_core.governance.scopes import scope_json

        async with _roles() as (roles, _):
            for each in await roles.all():
                typer.echo(f"{each.name}  {' '.join(sorted(each.permissions))}{'' if each.built_in else '  (own)'}")
            for of in await roles.bindings():
                ends = f"{of.expires_at:%Y-%m-%d %H:%M}" if of.expires_at else "never"
                told = "everything" if of.scope.everything else scope_json(of.scope)
                typer.echo(f"{of.id}  {of.role}  {of.subject_kind} {of.subject}  {told}  ends {ends}  {of.purpose}")

    asyncio.run(show())


@role.command()
def create(
    name: Annotated[str, typer.Argument(help="Small letters, digits, _ and -.")],
    permission: Annotated[list[str], typer.Option(help="What it allows, once or more; see docs/access.md.")],
) -> None:
    """Make a role of one's own."""

    async def make() -> None:
        from nexus_core.cli.local_audit import here
        from nexus_core.model.audit import Act, Action

        act = here(Act(Action.ROLE_CREATED, {"role": name, "permissions": " ".join(sorted(permission))}))
        async with _roles() as (roles, audit), audit.acting(None, act):
            await roles.create(name, permission)

    asyncio.run(make())


@role.command()
def delete(name: Annotated[str, typer.Argument(help="A role that nobody has.")]) -> None:
    """Remove a role of one's own."""

    async def drop() -> None:
        from nexus_core.cli.local_audit import here
        from nexus_core.model.audit import Act, Action

        async with _roles() as (roles, audit), audit.acting(None, here(Act(Action.ROLE_DELETED, {"role": name}))):
            await roles.delete(name)

    asyncio.run(drop())


@role.command()
def bind(
    name: Annotated[str, typer.Argument(help="The role.")],
    account: Annotated[str | None, typer.Option(help="The id of the account that gets it.")] = None,
    group: Annotated[str | None, typer.Option(help="The name of the group that gets it.")] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(help="Where: `namespace=…;dataset=…;domain=…;class=…`; once or more, absent: everywhere."),
    ] = None,
    purpose: Annotated[str, typer.Option(help="What for.")] = "",
    expires_days: Annotated[int | None, typer.Option(min=1, help="Days after which it ends; absent: never.")] = None,
) -> None:
    """Give an account or a group a role, and print the id of the binding."""

    async def run() -> None:
        from nexus_core.cli.local_audit import here
        from nexus_core.governance.roles import Wanted, binding

        kind, subject = _subject(account, group)
        ends = datetime.now(UTC) + timedelta(days=expires_days) if expires_days else None
        wanted = Wanted(name, kind, subject, _scope(scope), purpose, ends)
        async with _roles() as (roles, audit), audit.acting(None, here(binding(wanted))):
            made = await roles.bind(wanted)
        typer.echo(made.id)

    asyncio.run(run())


@role.command()
def unbind(binding_id: Annotated[str, typer.Argument(help="The id that `nexus role list` shows.")]) -> None:
    """End a binding."""

    async def end() -> None:
        from nexus_core.cli.local_audit import here
        from nexus_core.model.audit import Act, Action

        act = here(Act(Action.ROLE_UNBOUND, {"binding": binding_id}))
        async with _roles() as (roles, audit), audit.acting(None, act):
            await roles.unbind(binding_id)

    asyncio.run(end())


def _subject(account: str | None, group: str | None) -> tuple[str, str]:
    from nexus_core.errors import ConfigurationError

    if (account is None) == (group is None):
        raise ConfigurationError("Somebody has to get the role", "Give either --account or --group")
    return ("account", account) if account is not None else ("group", group or "")


def _scope(texts: list[str] | None) -> Scope:
    from nexus_core.governance.scopes import reach_of
    from nexus_core.model.access import EVERYTHING, Scope

    return Scope(tuple(reach_of(text, "--scope") for text in texts)) if texts else EVERYTHING


@asynccontextmanager
async def _roles() -> AsyncIterator[tuple[Roles, Audit]]:
    from nexus_core.cli.local_audit import local_audit
    from nexus_core.governance.roles import Roles
    from nexus_core.settings import Settings

    async with local_audit(Settings.load()) as audit:
        yield Roles(audit.store), audit
