"""Reads and writes roles and bindings. All functions raise UnavailableError if the store fails."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from nexus_core.store.account_tables import accounts
from nexus_core.store.database import Store, reading, writing
from nexus_core.store.role_tables import role_bindings, roles

ACCOUNT, GROUP = "account", "group"
"""The kinds of subjects."""


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role of the deployment's own; `permissions` is a JSON list."""

    name: str
    permissions: str
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class BindingRow:
    """That an account (by id) or a group (by name) has a role within a scope (JSON), until it expires."""

    id: str
    role: str
    subject_kind: str
    subject: str
    scope: str
    purpose: str
    expires_at: datetime | None
    created_by: str
    created_at: datetime


async def all_roles(store: Store) -> list[RoleRow]:
    """Give the roles of the deployment's own, by name."""
    async with reading(store) as connection:
        return [RoleRow(*row) for row in await connection.execute(select(roles).order_by(roles.c.name))]


async def add_role(store: Store, row: RoleRow) -> bool:
    """Add a role; False if there is one of this name."""
    try:
        async with writing(store) as connection:
            await connection.execute(insert(roles).values(_values(row)))
    except IntegrityError:
        return False
    return True


async def change_role(store: Store, name: str, permissions: str) -> bool:
    """Replace what a role of the deployment's own allows; False if there is none of this name."""
    async with writing(store) as connection:
        done = await connection.execute(update(roles).where(roles.c.name == name).values(permissions=permissions))
        return bool(done.rowcount)


async def drop_role(store: Store, name: str) -> bool:
    """Remove a role that nobody has; False if there is none such."""
    bound = exists().where(role_bindings.c.role == name)
    async with writing(store) as connection:
        gone = await connection.execute(delete(roles).where(roles.c.name == name, ~bound))
        return bool(gone.rowcount)


async def all_bindings(store: Store) -> list[BindingRow]:
    """Give all bindings, the oldest first."""
    query = select(role_bindings).order_by(role_bindings.c.created_at, role_bindings.c.id)
    async with reading(store) as connection:
        return [BindingRow(*row) for row in await connection.execute(query)]


async def bindings_of(
    store: Store, account_id: str, groups: Collection[str], now: datetime
) -> tuple[list[BindingRow], list[RoleRow]]:
    """Give the live bindings of an account and of its groups, with the roles of the deployment's own that they name."""
    row = role_bindings.c
    subject = or_(
        and_(row.subject_kind == ACCOUNT, row.subject == account_id),
        and_(row.subject_kind == GROUP, row.subject.in_(sorted(groups))),
    )
    live = or_(row.expires_at.is_(None), row.expires_at > now)
    query = select(role_bindings).where(subject, live).order_by(row.created_at, row.id)
    async with reading(store) as connection:
        found = [BindingRow(*each) for each in await connection.execute(query)]
        named = select(roles).where(roles.c.name.in_({each.role for each in found}))
        return found, [RoleRow(*each) for each in await connection.execute(named)] if found else []


async def add_binding(store: Store, row: BindingRow) -> None:
    """Add a binding."""
    async with writing(store) as connection:
        await connection.execute(insert(role_bindings).values(_values(row)))


async def drop_binding(store: Store, binding_id: str) -> bool:
    """End a binding; False if there is none of this id."""
    async with writing(store) as connection:
        gone = await connection.execute(delete(role_bindings).where(role_bindings.c.id == binding_id))
        return bool(gone.rowcount)


async def is_account(store: Store, account_id: str) -> bool:
    """Whether there is an account of this id."""
    async with reading(store) as connection:
        return bool((await connection.execute(select(exists().where(accounts.c.id == account_id)))).scalar())


def _values(row: RoleRow | BindingRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}
