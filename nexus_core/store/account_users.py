"""Reads and writes people: their accounts, groups and passwords."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.store.account_tables import account_groups, account_passwords, accounts, disabled_groups, sessions
from nexus_core.store.database import Store, reading, writing

PERSON = "person"


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a person beside the name."""

    email: str | None = None
    display_name: str | None = None


@dataclass(frozen=True, slots=True)
class User:
    """A person's account; `groups` includes those that are disabled."""

    id: str
    issuer: str
    subject: str
    name: str
    profile: Profile
    created_at: datetime
    disabled_at: datetime | None = None
    groups: tuple[str, ...] = ()


class UserRows:
    """The store's people. Every method raises UnavailableError if the store fails."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._dialect = postgresql if store.dialect.name == "postgresql" else sqlite

    async def add(self, user: User, password_hash: str | None, source: str) -> bool:
        """Store a person with groups; False if (issuer, subject) is taken."""
        try:
            async with writing(self._store) as connection:
                await connection.execute(insert(accounts).values(_row(user)))
                await _replace_groups(connection, user.id, user.groups, source)
                if password_hash is not None:
                    password = {"account_id": user.id, "hash": password_hash, "changed_at": user.created_at}
                    await connection.execute(insert(account_passwords).values(password))
        except IntegrityError:
            return False
        return True

    async def all(self) -> list[User]:
        """Give all people, oldest first."""
        return await self._where(accounts.c.kind == PERSON)

    async def by_id(self, account_id: str) -> User | None:
        """Give a person by the account's id."""
        return _first(await self._where(accounts.c.id == account_id, accounts.c.kind == PERSON))

    async def by_subject(self, issuer: str, subject: str) -> User | None:
        """Give who an issuer calls so."""
        return _first(await self._where(accounts.c.issuer == issuer, accounts.c.subject == subject))

    async def any(self, issuer: str) -> bool:
        """Whether an issuer has named anyone."""
        query = select(accounts.c.id).where(accounts.c.issuer == issuer, accounts.c.kind == PERSON).limit(1)
        async with reading(self._store) as connection:
            return (await connection.execute(query)).first() is not None

    async def update(self, account_id: str, name: str, profile: Profile) -> None:
        """Replace what is known of a person."""
        values = {"name": name, "email": profile.email, "display_name": profile.display_name}
        async with writing(self._store) as connection:
            await connection.execute(update(accounts).where(accounts.c.id == account_id).values(values))

    async def disable(self, account_id: str, at: datetime | None) -> bool:
        """Disable a person and end the sessions, or enable again with None; False if there is no such person."""
        of = update(accounts).where(accounts.c.id == account_id, accounts.c.kind == PERSON).values(disabled_at=at)
        async with writing(self._store) as connection:
            if at is not None:
                await connection.execute(delete(sessions).where(sessions.c.account_id == account_id))
            return bool((await connection.execute(of)).rowcount)

    async def set_groups(self, account_id: str, groups: Collection[str], source: str) -> None:
        """Replace the groups that a source has put a person into."""
        async with writing(self._store) as connection:
            await _replace_groups(connection, account_id, groups, source)

    async def live_groups(self, account_id: str) -> tuple[str, ...]:
        """Give the groups of an account that are not disabled, in order."""
        query = (
            select(account_groups.c.group_name)
            .where(account_groups.c.account_id == account_id)
            .where(account_groups.c.group_name.not_in(select(disabled_groups.c.group_name)))
            .distinct()
            .order_by(account_groups.c.group_name)
        )
        async with reading(self._store) as connection:
            return tuple((await connection.execute(query)).scalars())

    async def disabled_groups(self) -> frozenset[str]:
        """Give the groups that give no rights for now."""
        async with reading(self._store) as connection:
            return frozenset((await connection.execute(select(disabled_groups.c.group_name))).scalars())

    async def disable_group(self, group: str, at: datetime | None) -> None:
        """Disable a group and end its members' sessions, or enable it again with None."""
        members = select(account_groups.c.account_id).where(account_groups.c.group_name == group)
        async with writing(self._store) as connection:
            await connection.execute(delete(disabled_groups).where(disabled_groups.c.group_name == group))
            if at is not None:
                await connection.execute(insert(disabled_groups).values(group_name=group, disabled_at=at))
                await connection.execute(delete(sessions).where(sessions.c.account_id.in_(members)))

    async def password(self, account_id: str) -> str | None:
        """Give the hash of a person's password."""
        query = select(account_passwords.c.hash).where(account_passwords.c.account_id == account_id)
        async with reading(self._store) as connection:
            return (await connection.execute(query)).scalar_one_or_none()

    async def set_password(self, account_id: str, password_hash: str, at: datetime) -> None:
        """Set the hash of a person's password."""
        values = {"account_id": account_id, "hash": password_hash, "changed_at": at}
        changed = self._dialect.insert(account_passwords).values(values)
        changed = changed.on_conflict_do_update(
            index_elements=["account_id"], set_={"hash": password_hash, "changed_at": at}
        )
        async with writing(self._store) as connection:
            await connection.execute(changed)

    async def _where(self, *conditions: Any) -> list[User]:
        query = select(accounts).where(*conditions).order_by(accounts.c.created_at, accounts.c.id)
        async with reading(self._store) as connection:
            rows = (await connection.execute(query)).all()
            groups = await _groups(connection, rows)
        return [_user(row, groups.get(row.id, ())) for row in rows]


async def _groups(connection: AsyncConnection, rows: Sequence[Any]) -> dict[str, tuple[str, ...]]:
    """Give the groups of accounts; of all that there are for more than one, so that the query stays short."""
    query = select(account_groups.c.account_id, account_groups.c.group_name).order_by(account_groups.c.group_name)
    if len(rows) <= 1:
        query = query.where(account_groups.c.account_id == (rows[0].id if rows else ""))
    found: dict[str, dict[str, None]] = {}
    for account_id, group in await connection.execute(query):
        found.setdefault(account_id, {})[group] = None
    return {account_id: tuple(groups) for account_id, groups in found.items()}


async def _replace_groups(connection: AsyncConnection, account_id: str, groups: Collection[str], source: str) -> None:
    of = account_groups.c
    await connection.execute(delete(account_groups).where(of.account_id == account_id, of.source == source))
    rows = [{"account_id": account_id, "group_name": group, "source": source} for group in dict.fromkeys(groups)]
    if rows:
        await connection.execute(insert(account_groups), rows)


def _row(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "issuer": user.issuer,
        "subject": user.subject,
        "name": user.name,
        "created_at": user.created_at,
        "kind": PERSON,
        "email": user.profile.email,
        "display_name": user.profile.display_name,
        "disabled_at": user.disabled_at,
    }


def _user(row: Any, groups: tuple[str, ...]) -> User:
    profile = Profile(row.email, row.display_name)
    return User(row.id, row.issuer, row.subject, row.name, profile, row.created_at, row.disabled_at, groups)


def _first(users: list[User]) -> User | None:
    return users[0] if users else None
