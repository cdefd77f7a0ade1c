"""Reads and writes the people whom identity providers manage by SCIM, and their accounts with them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.errors import StaleReadError
from nexus_core.store.account_tables import account_groups, accounts, sessions
from nexus_core.store.account_users import PERSON, Profile
from nexus_core.store.database import Store, reading, writing
from nexus_core.store.scim_tables import scim_groups, scim_members, scim_users

SOURCE = "scim"
UNLINKED = "scim:"
"""Before an account's id: the subject of an account to which the provider gave no external id."""

Equal = tuple[str, str]
"""One of `id`, `external_id`, `name` (as `ScimUser.name_key` has it), and its value."""

_COLUMNS = {
    "id": scim_users.c.account_id,
    "external_id": scim_users.c.external_id,
    "name": scim_users.c.user_name_key,
}


@dataclass(frozen=True, slots=True)
class ScimUser:
    """A person as a provider manages it; `groups` are the ids and names of groups, `body` all else that it told.

    `is_active` is whether the account works, be it ended by the provider or here.
    """

    id: str
    issuer: str
    external_id: str | None
    name: str
    name_key: str
    profile: Profile
    is_active: bool
    body: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime
    version: int = 1
    groups: tuple[tuple[str, str], ...] = ()
    deactivated_at: datetime | None = field(default=None, compare=False)


class ScimUserRows:
    """The people of providers. Every method raises UnavailableError if the store fails."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, user: ScimUser) -> str | None:
        """Store a person, with the account that (issuer, external id) has already, if one; gives the account's id.

        None if the provider has such a person, or another of this name.
        """
        try:
            async with writing(self._store) as connection:
                account_id = await _account(connection, user)
                ended_at = await _ended_before(connection, account_id)
                await connection.execute(delete(scim_users).where(scim_users.c.account_id == account_id))
                row = {"account_id": account_id, "issuer": user.issuer, "created_at": user.created_at, **_row(user)}
                await connection.execute(insert(scim_users).values(row))
                await _open_or_end(connection, account_id, replace(user, deactivated_at=ended_at))
        except (IntegrityError, StaleReadError):
            return None
        return account_id

    async def save(self, user: ScimUser, seen: int) -> bool:
        """Replace what is known of a person; False if the name or external id is another's.

        Raises StaleReadError if another version than `seen` is there.
        """
        try:
            async with writing(self._store) as connection:
                row = scim_users.c
                of = update(scim_users).where(row.account_id == user.id, row.version == seen, row.removed_at.is_(None))
                if (await connection.execute(of.values(_row(user)))).rowcount != 1:
                    raise StaleReadError
                await connection.execute(update(accounts).where(accounts.c.id == user.id).values(_account_row(user)))
                await _open_or_end(connection, user.id, user)
        except IntegrityError:
            return False
        return True

    async def remove(self, user: ScimUser, at: datetime) -> None:
        """Forget what a provider told of a person and end the account, which stays as who did what it did."""
        async with writing(self._store) as connection:
            await connection.execute(delete(scim_members).where(scim_members.c.account_id == user.id))
            await connection.execute(delete(account_groups).where(account_groups.c.account_id == user.id))
            await _end(connection, user.id, at)
            gone = {"user_name_key": None, "body": "{}", "removed_at": at}
            await connection.execute(update(scim_users).where(scim_users.c.account_id == user.id).values(gone))

    async def one(self, issuer: str, account_id: str) -> ScimUser | None:
        """Give a person of a provider."""
        found = await self.some(issuer, 1, 0, ("id", account_id))
        return found[0] if found else None

    async def some(self, issuer: str, limit: int, offset: int, equal: Equal | None = None) -> list[ScimUser]:
        """Give people of a provider, the oldest first; those only that have a value, if given."""
        order = (scim_users.c.created_at, scim_users.c.account_id)
        query = _of(issuer, equal).order_by(*order).limit(limit).offset(offset)
        async with reading(self._store) as connection:
            rows = (await connection.execute(query)).all()
            groups = await _groups(connection, [row.account_id for row in rows])
        return [_user(row, groups.get(row.account_id, [])) for row in rows]

    async def count(self, issuer: str, equal: Equal | None = None) -> int:
        """Count people of a provider."""
        async with reading(self._store) as connection:
            counted = select(func.count()).select_from(_of(issuer, equal).subquery())
            return int((await connection.execute(counted)).scalar_one())


def _of(issuer: str, equal: Equal | None) -> Select[Any]:
    row = accounts.c
    where = [_COLUMNS[equal[0]] == equal[1]] if equal else []
    query = select(scim_users, row.name, row.email, row.display_name, row.disabled_at)
    query = query.join(accounts, row.id == scim_users.c.account_id)
    return query.where(scim_users.c.issuer == issuer, scim_users.c.removed_at.is_(None), *where)


async def _account(connection: AsyncConnection, user: ScimUser) -> str:
    subject = _account_row(user)["subject"]
    query = select(accounts.c.id).where(accounts.c.issuer == user.issuer, accounts.c.subject == subject)
    found: str | None = (await connection.execute(query)).scalar_one_or_none()
    if found is not None:
        known = {name: value for name, value in _account_row(user).items() if name != "subject"}
        await connection.execute(update(accounts).where(accounts.c.id == found).values(known))
        return found
    new = {"id": user.id, "issuer": user.issuer, "created_at": user.created_at, "kind": PERSON}
    await connection.execute(insert(accounts).values({**new, **_account_row(user)}))
    return user.id


async def _ended_before(connection: AsyncConnection, account_id: str) -> datetime | None:
    """Give when the provider ended the account with a person whom it removed; raises StaleReadError for one it has."""
    query = select(scim_users.c.removed_at, scim_users.c.deactivated_at).where(scim_users.c.account_id == account_id)
    found = (await connection.execute(query)).one_or_none()
    if found is not None and found.removed_at is None:
        raise StaleReadError
    return found.deactivated_at if found is not None else None


async def _open_or_end(connection: AsyncConnection, account_id: str, user: ScimUser) -> None:
    """Let the account be as the provider says; what was ended here it does not open."""
    if not user.is_active:
        await _end(connection, account_id, user.updated_at)
        return
    if user.deactivated_at is not None:
        opened = accounts.c.id == account_id, accounts.c.disabled_at == user.deactivated_at
        await connection.execute(update(accounts).where(*opened).values(disabled_at=None))
        known = scim_users.c.account_id == account_id
        await connection.execute(update(scim_users).where(known).values(deactivated_at=None))


async def _end(connection: AsyncConnection, account_id: str, at: datetime) -> None:
    """End an account that works, and note that the provider did."""
    live = accounts.c.id == account_id, accounts.c.disabled_at.is_(None)
    if (await connection.execute(update(accounts).where(*live).values(disabled_at=at))).rowcount:
        known = scim_users.c.account_id == account_id
        await connection.execute(update(scim_users).where(known).values(deactivated_at=at))
    await connection.execute(delete(sessions).where(sessions.c.account_id == account_id))


async def _groups(connection: AsyncConnection, ids: Collection[str]) -> dict[str, list[tuple[str, str]]]:
    member, group = scim_members.c, scim_groups.c
    query = select(member.account_id, group.id, group.name).join(scim_groups, group.id == member.group_id)
    found: dict[str, list[tuple[str, str]]] = {}
    for account_id, *of in await connection.execute(query.where(member.account_id.in_(ids)).order_by(group.name)):
        found.setdefault(account_id, []).append((of[0], of[1]))
    return found


def _row(user: ScimUser) -> dict[str, Any]:
    return {
        "user_name_key": user.name_key,
        "external_id": user.external_id,
        "body": orjson.dumps(dict(user.body)).decode(),
        "version": user.version,
        "updated_at": user.updated_at,
    }


def _account_row(user: ScimUser) -> dict[str, Any]:
    return {
        "subject": user.external_id or f"{UNLINKED}{user.id}",
        "name": user.name,
        "email": user.profile.email,
        "display_name": user.profile.display_name,
    }


def _user(row: Any, groups: Collection[tuple[str, str]]) -> ScimUser:
    return ScimUser(
        row.account_id,
        row.issuer,
        row.external_id,
        row.name,
        row.user_name_key,
        Profile(row.email, row.display_name),
        row.disabled_at is None,
        orjson.loads(row.body),
        row.created_at,
        row.updated_at,
        row.version,
        tuple(groups),
        row.deactivated_at,
    )
