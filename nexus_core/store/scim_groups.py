"""Reads and writes the groups that identity providers manage by SCIM; what accounts belong to follows at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.errors import StaleReadError
from nexus_core.store.account_tables import account_groups, accounts
from nexus_core.store.catalogue import chunks
from nexus_core.store.database import Store, reading, writing
from nexus_core.store.scim_tables import scim_groups, scim_members, scim_users
from nexus_core.store.scim_users import SOURCE, Equal

_SIGNED_IN = "sso"
_COLUMNS = {"id": scim_groups.c.id, "external_id": scim_groups.c.external_id, "name": scim_groups.c.name_key}


@dataclass(frozen=True, slots=True)
class ScimGroup:
    """A group as a provider manages it; `members` are ids and names of people, in order of name.

    `granted` is the group that roles are bound to.
    """

    id: str
    issuer: str
    external_id: str | None
    name: str
    name_key: str
    granted: str
    created_at: datetime
    updated_at: datetime
    version: int = 1
    members: tuple[tuple[str, str], ...] = ()

    @property
    def member_ids(self) -> frozenset[str]:
        """The ids of its members."""
        return frozenset(account_id for account_id, _ in self.members)


class ScimGroupRows:
    """The groups of providers. Every method raises UnavailableError if the store fails."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, group: ScimGroup) -> bool:
        """Store a group; from now on the provider's people are in no groups that signing in told. False: name taken."""
        row = {"id": group.id, "issuer": group.issuer, "created_at": group.created_at, **_row(group)}
        try:
            async with writing(self._store) as connection:
                await connection.execute(insert(scim_groups).values(row))
                await _add_members(connection, group, group.member_ids)
                own = select(accounts.c.id).where(accounts.c.issuer == group.issuer)
                told = account_groups.c.source == _SIGNED_IN, account_groups.c.account_id.in_(own)
                await connection.execute(delete(account_groups).where(*told))
        except IntegrityError:
            return False
        return True

    async def save(self, group: ScimGroup, old: ScimGroup) -> bool:
        """Replace a group; False if its name is another's. Raises StaleReadError if `old` is not there any more."""
        row = scim_groups.c
        of = update(scim_groups).where(row.id == group.id, row.version == old.version).values(_row(group))
        same = group.granted == old.granted
        try:
            async with writing(self._store) as connection:
                if (await connection.execute(of)).rowcount != 1:
                    raise StaleReadError
                await _drop_members(connection, old, old.member_ids - group.member_ids if same else old.member_ids)
                await _add_members(connection, group, group.member_ids - old.member_ids if same else group.member_ids)
        except IntegrityError:
            return False
        return True

    async def remove(self, group: ScimGroup) -> None:
        """Remove a group, whose members have nothing by it any more."""
        async with writing(self._store) as connection:
            await _drop_members(connection, group, group.member_ids)
            await connection.execute(delete(scim_groups).where(scim_groups.c.id == group.id))

    async def any(self, issuer: str) -> bool:
        """Whether a provider manages groups."""
        query = select(scim_groups.c.id).where(scim_groups.c.issuer == issuer).limit(1)
        async with reading(self._store) as connection:
            return (await connection.execute(query)).first() is not None

    async def one(self, issuer: str, group_id: str) -> ScimGroup | None:
        """Give a group of a provider."""
        found = await self.some(issuer, 1, 0, ("id", group_id))
        return found[0] if found else None

    async def some(self, issuer: str, limit: int, offset: int, equal: Equal | None = None) -> list[ScimGroup]:
        """Give groups of a provider with their members, the oldest first."""
        row = scim_groups.c
        query = _of(issuer, equal).order_by(row.created_at, row.id).limit(limit).offset(offset)
        async with reading(self._store) as connection:
            rows = (await connection.execute(query)).all()
            members = await _members(connection, [row.id for row in rows])
        return [
            ScimGroup(
                row.id,
                row.issuer,
                row.external_id,
                row.name,
                row.name_key,
                row.granted,
                row.created_at,
                row.updated_at,
                row.version,
                tuple(members.get(row.id, ())),
            )
            for row in rows
        ]

    async def count(self, issuer: str, equal: Equal | None = None) -> int:
        """Count groups of a provider."""
        async with reading(self._store) as connection:
            counted = select(func.count()).select_from(_of(issuer, equal).subquery())
            return int((await connection.execute(counted)).scalar_one())

    async def known(self, issuer: str, ids: Collection[str]) -> dict[str, str]:
        """Give those of some ids that are people of a provider, with their names."""
        row, found = scim_users.c, dict[str, str]()
        async with reading(self._store) as connection:
            for part in chunks(sorted(ids)):
                query = select(accounts.c.id, accounts.c.name).join(scim_users, row.account_id == accounts.c.id)
                query = query.where(row.account_id.in_(part), row.issuer == issuer, row.removed_at.is_(None))
                found |= {row.id: row.name for row in await connection.execute(query)}
        return found


def _of(issuer: str, equal: Equal | None) -> Select[Any]:
    where = [_COLUMNS[equal[0]] == equal[1]] if equal else []
    return select(scim_groups).where(scim_groups.c.issuer == issuer, *where)


async def _add_members(connection: AsyncConnection, group: ScimGroup, ids: Iterable[str]) -> None:
    rows = [{"group_id": group.id, "account_id": account_id} for account_id in sorted(ids)]
    if rows:
        await connection.execute(insert(scim_members), rows)
        told = [{"account_id": row["account_id"], "group_name": group.granted, "source": SOURCE} for row in rows]
        await connection.execute(insert(account_groups), told)


async def _drop_members(connection: AsyncConnection, group: ScimGroup, ids: Collection[str]) -> None:
    told, member = account_groups.c, scim_members.c
    for part in chunks(sorted(ids)):
        of = told.group_name == group.granted, told.source == SOURCE, told.account_id.in_(part)
        await connection.execute(delete(account_groups).where(*of))
        await connection.execute(delete(scim_members).where(member.group_id == group.id, member.account_id.in_(part)))


async def _members(connection: AsyncConnection, group_ids: Collection[str]) -> dict[str, list[tuple[str, str]]]:
    member, found = scim_members.c, dict[str, list[tuple[str, str]]]()
    query = select(member.group_id, accounts.c.id, accounts.c.name).join(accounts, accounts.c.id == member.account_id)
    for part in chunks(sorted(group_ids)):
        order = query.where(member.group_id.in_(part)).order_by(accounts.c.name, accounts.c.id)
        for group_id, account_id, name in await connection.execute(order):
            found.setdefault(group_id, []).append((account_id, name))
    return found


def _row(group: ScimGroup) -> dict[str, Any]:
    return {
        "external_id": group.external_id,
        "name": group.name,
        "name_key": group.name_key,
        "granted": group.granted,
        "version": group.version,
        "updated_at": group.updated_at,
    }
