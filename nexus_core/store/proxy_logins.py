"""Reads and writes what people log in to the masking proxy with. Passwords come here as verifiers only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from nexus_core.store.account_tables import accounts
from nexus_core.store.database import Store, reading, writing
from nexus_core.store.proxy_login_tables import proxy_logins


@dataclass(frozen=True, slots=True)
class ProxyLogin:
    """A person's password for the proxy, by what proves it (RFC 5802); `name` is the account's."""

    account_id: str
    name: str
    login: str
    salt: bytes
    iterations: int
    stored_key: bytes = field(repr=False)
    server_key: bytes = field(repr=False)
    created_at: datetime
    expires_at: datetime
    epoch: int = 0


class ProxyLogins:
    """The store's passwords for the proxy. Every method raises UnavailableError if the store fails."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def replace(self, made: ProxyLogin) -> bool:
        """Store a person's password in place of the former; False if the login is another's."""
        values = {
            "login": made.login,
            "salt": made.salt,
            "iterations": made.iterations,
            "stored_key": made.stored_key,
            "server_key": made.server_key,
            "created_at": made.created_at,
            "expires_at": made.expires_at,
        }
        own = proxy_logins.c.account_id == made.account_id
        try:
            async with writing(self._store) as connection:
                changed = await connection.execute(update(proxy_logins).where(own).values(values))
                if not changed.rowcount:
                    new = {**values, "account_id": made.account_id, "epoch": 0}
                    await connection.execute(insert(proxy_logins).values(new))
        except IntegrityError:
            return False
        return True

    async def end(self, account_id: str, now: datetime) -> bool:
        """End a person's password and the sessions that it began; False if there is none."""
        ended = {"expires_at": now, "epoch": proxy_logins.c.epoch + 1}
        own = proxy_logins.c.account_id == account_id
        async with writing(self._store) as connection:
            return bool((await connection.execute(update(proxy_logins).where(own).values(ended))).rowcount)

    async def by_login(self, login: str, now: datetime) -> ProxyLogin | None:
        """Give the password of a login, if it has not ended and the account is not disabled."""
        query = (
            select(proxy_logins, accounts.c.name)
            .join(accounts, accounts.c.id == proxy_logins.c.account_id)
            .where(proxy_logins.c.login == login, proxy_logins.c.expires_at > now, accounts.c.disabled_at.is_(None))
        )
        async with reading(self._store) as connection:
            row = (await connection.execute(query)).one_or_none()
        return ProxyLogin(**row._mapping) if row is not None else None

    async def epochs(self, account_ids: Collection[str]) -> dict[str, int]:
        """Give the epochs of accounts that are not disabled."""
        query = (
            select(proxy_logins.c.account_id, proxy_logins.c.epoch)
            .join(accounts, accounts.c.id == proxy_logins.c.account_id)
            .where(proxy_logins.c.account_id.in_(list(account_ids)), accounts.c.disabled_at.is_(None))
        )
        async with reading(self._store) as connection:
            return {row.account_id: row.epoch for row in await connection.execute(query)}
