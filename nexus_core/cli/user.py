"""`nexus user`: people who sign in with a name and password, managed on the machine that holds the store."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from nexus_core.cli.app import app

if TYPE_CHECKING:
    from nexus_core.governance.audit import Audit
    from nexus_core.governance.users import Users
    from nexus_core.store.database import Store

user = typer.Typer(no_args_is_help=True, help="People: create, list, disable, enable, password, groups.")
app.add_typer(user, name="user")

_Name = Annotated[str, typer.Argument(help="The user's name, or the account's id.")]
_Roles = Annotated[list[str] | None, typer.Option("--role", help="A role without limits, once or more.")]
_Groups = Annotated[list[str] | None, typer.Option("--group", help="A group, once or more.")]
_Email = Annotated[str | None, typer.Option(help="E-mail address.")]


@user.command()
def create(
    name: Annotated[str, typer.Argument(help="What the user signs in by; upper and lower case are one.")],
    email: _Email = None,
    display_name: Annotated[str | None, typer.Option(help="Full name.")] = None,
    group: _Groups = None,
    role: _Roles = None,
) -> None:
    """Make a user; asks for the password, or reads it from a line of standard input."""

    async def make(password: str) -> None:
        from nexus_core.cli.local_audit import here
        from nexus_core.governance.roles import Roles, Wanted, binding
        from nexus_core.governance.users import NewUser, creating
        from nexus_core.model.access import EVERYTHING
        from nexus_core.store.account_users import Profile

        async with _opened() as (store, users, audit):
            new = NewUser(name, Profile(email, display_name), tuple(group or ()))
            async with audit.acting(None, here(creating(new))):
                made = await users.create(new, password)
            for each in role or ():
                wanted = Wanted(each, "account", made.id, EVERYTHING)
                async with audit.acting(None, here(binding(wanted))):
                    await Roles(store).bind(wanted)
        typer.echo(f"{made.name} is {made.id}.")

    asyncio.run(make(_password()))


@user.command("list")
def list_users() -> None:
    """List people, those of identity providers too."""

    async def show() -> None:
        async with _opened() as (_, users, _audit):
            for each in await users.all():
                state = f"disabled {each.disabled_at:%Y-%m-%d}" if each.disabled_at else "may sign in"
                typer.echo(f"{each.id}  {each.name}  {each.issuer}  {' '.join(each.groups) or 'no groups'}  {state}")

    asyncio.run(show())


@user.command()
def disable(name: _Name) -> None:
    """End a user's sessions and tokens, and refuse new ones."""
    asyncio.run(_disable(name, True))


@user.command()
def enable(name: _Name) -> None:
    """Let a disabled user sign in again."""
    asyncio.run(_disable(name, False))


@user.command()
def password(name: _Name) -> None:
    """Change a user's password, which ends the sessions; asks for it, or reads it from a line of standard input."""

    async def change(new: str) -> None:
        from nexus_core.cli.local_audit import here
        from nexus_core.model.audit import Act, Action
        from nexus_core.store.account_sessions import SessionRows

        async with _opened() as (store, users, audit):
            found = await users.one(name)
            async with audit.acting(None, here(Act(Action.PASSWORD_CHANGED, {"user": found.id}))):
                await users.set_password(found, new)
                await SessionRows(store).end_of_account(found.id)
        typer.echo(f"The password of {found.name} is changed.")

    asyncio.run(change(_password()))


@user.command()
def groups(name: _Name, group: _Groups = None) -> None:
    """Replace the groups that a user was put into here; without --group there are none."""

    async def change() -> None:
        from nexus_core.cli.local_audit import here
        from nexus_core.model.audit import Act, Action

        async with _opened() as (_, users, audit):
            found = await users.one(name)
            act = Act(Action.USER_CHANGED, {"user": found.id}, {"groups": group or []})
            async with audit.acting(None, here(act)):
                await users.set_groups(found, group or [])
        typer.echo(f"{found.name} is in {', '.join(group or []) or 'no group'}.")

    asyncio.run(change())


@user.command("group")
def switch_group(
    name: Annotated[str, typer.Argument(help="The group.")],
    disabled: Annotated[bool, typer.Option("--disable/--enable", help="Whether it gives no rights.")],
) -> None:
    """Have a group give no rights, which ends its members' sessions, or give them again."""

    async def change() -> None:
        from nexus_core.cli.local_audit import here
        from nexus_core.model.audit import Act, Action

        action = Action.GROUP_DISABLED if disabled else Action.GROUP_ENABLED
        async with _opened() as (_, users, audit), audit.acting(None, here(Act(action, {}, {"group": name}))):
            await users.disable_group(name, disabled)
        typer.echo(f"The group {name} is {'disabled' if disabled else 'enabled'}.")

    asyncio.run(change())


async def _disable(name: str, disabled: bool) -> None:
    from nexus_core.cli.local_audit import here
    from nexus_core.model.audit import Act, Action

    action = Action.USER_DISABLED if disabled else Action.USER_ENABLED
    async with _opened() as (_, users, audit):
        found = await users.one(name)
        async with audit.acting(None, here(Act(action, {"user": found.id}))):
            await users.disable(found, disabled)
    typer.echo(f"{found.name} is {'disabled' if disabled else 'enabled'}.")


def _password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")


@asynccontextmanager
async def _opened() -> AsyncIterator[tuple[Store, Users, Audit]]:
    from nexus_core.governance.audit import Audit
    from nexus_core.governance.users import open_users
    from nexus_core.settings import Settings
    from nexus_core.store.database import open_store

    store = open_store(Settings.load().store_url)
    try:
        yield store, open_users(store), Audit(store, "cli")
    finally:
        await store.dispose()
