"""Reads and writes accounts, tokens and login links. Secrets come here as hashes only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.store.account_tables import accounts, login_links, sessions, tokens, used_assertions
from nexus_core.store.database import Store, reading, writing


@dataclass(frozen=True, slots=True)
class Account:
    """Who acts: a service, whose tokens have rights of their own, or a person, who has those of role bindings."""

    id: str
    name: str
    kind: str = "service"


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret."""

    id: str
    account: Account
    grants: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


_TOKEN = (
    select(tokens, accounts.c.name, accounts.c.kind)
    .join(accounts, accounts.c.id == tokens.c.account_id)
    .where(tokens.c.revoked_at.is_(None), accounts.c.disabled_at.is_(None))
)


class Accounts:
    """The store's accounts and credentials. Every method raises UnavailableError if the store fails."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def account(self, issuer: str, subject: str, name: str, new_id: str, now: datetime) -> Account:
        """Give the account of (issuer, subject), made with `new_id` if it is new."""
        dialect = postgresql if self._store.dialect.name == "postgresql" else sqlite
        row = {"id": new_id, "issuer": issuer, "subject": subject, "name": name, "created_at": now}
        query = select(accounts).where(accounts.c.issuer == issuer, accounts.c.subject == subject)
        async with reading(self._store) as connection:
            found = (await connection.execute(query)).one_or_none()
        if found is None:
            async with writing(self._store) as connection:
                await connection.execute(dialect.insert(accounts).values(row).on_conflict_do_nothing())
                found = (await connection.execute(query)).one()
        return Account(found.id, found.name, found.kind)

    async def add_token(self, token: Token, secret_hash: str) -> None:
        """Store a token by the hash of its secret."""
        values = {
            "id": token.id,
            "account_id": token.account.id,
            "secret_hash": secret_hash,
            "grants": orjson.dumps(token.grants).decode(),
            "created_at": token.created_at,
            "expires_at": token.expires_at,
        }
        async with writing(self._store) as connection:
            await connection.execute(insert(tokens).values(values))

    async def tokens(self, account_id: str | None = None) -> list[Token]:
        """Give the tokens that are not revoked, oldest first; those of an account only, if given."""
        query = _TOKEN.order_by(tokens.c.created_at)
        if account_id is not None:
            query = query.where(tokens.c.account_id == account_id)
        async with reading(self._store) as connection:
            return [_token(row) for row in await connection.execute(query)]

    async def token(self, secret_hash: str, now: datetime) -> Token | None:
        """Give the live token with a secret."""
        return await self._live_token(tokens.c.secret_hash == secret_hash, now)

    async def touch_token(self, token_id: str, now: datetime) -> None:
        """Note that a token was used."""
        async with writing(self._store) as connection:
            await connection.execute(update(tokens).where(tokens.c.id == token_id).values(last_used_at=now))

    async def revoke_token(self, token_id: str, now: datetime) -> bool:
        """End a token and the sessions that have its rights; False if there is no such token."""
        live = update(tokens).where(tokens.c.id == token_id, tokens.c.revoked_at.is_(None)).values(revoked_at=now)
        async with writing(self._store) as connection:
            await connection.execute(delete(sessions).where(sessions.c.token_id == token_id))
            await connection.execute(delete(login_links).where(login_links.c.token_id == token_id))
            return bool((await connection.execute(live)).rowcount)

    async def add_login_link(self, secret_hash: str, token_id: str, expires_at: datetime) -> None:
        """Store a login link by the hash of its secret."""
        values = {"secret_hash": secret_hash, "token_id": token_id, "expires_at": expires_at}
        async with writing(self._store) as connection:
            await connection.execute(insert(login_links).values(values))

    async def use_login_link(self, secret_hash: str, now: datetime) -> Token | None:
        """Take a login link away and give its token, or None if it was used, expired or never there."""
        taken = (
            delete(login_links)
            .where(or_(login_links.c.secret_hash == secret_hash, login_links.c.expires_at <= now))
            .returning(login_links)
        )
        async with writing(self._store) as connection:
            rows = (await connection.execute(taken)).all()
        found = [row.token_id for row in rows if row.secret_hash == secret_hash and row.expires_at > now]
        return await self._live_token(tokens.c.id == found[0], now) if found else None

    async def use_assertion(self, issuer: str, jti: str, now: datetime, expires_at: datetime) -> bool:
        """Note that an assertion was used; False if it was used before."""
        try:
            async with writing(self._store) as connection:
                await connection.execute(delete(used_assertions).where(used_assertions.c.expires_at < now))
                await connection.execute(insert(used_assertions).values(issuer=issuer, jti=jti, expires_at=expires_at))
        except IntegrityError:
            return False
        return True

    async def _live_token(self, condition: Any, now: datetime) -> Token | None:
        async with reading(self._store) as connection:
            return await live_token(connection, condition, now)


async def live_token(connection: AsyncConnection, condition: Any, now: datetime) -> Token | None:
    """Give the token of a condition on `tokens` that is neither expired nor revoked, and its account not disabled."""
    live = or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > now)
    row = (await connection.execute(_TOKEN.where(condition, live))).one_or_none()
    return _token(row) if row else None


def _token(row: Any) -> Token:
    return Token(
        id=row.id,
        account=Account(row.account_id, row.name, row.kind),
        grants=tuple(orjson.loads(row.grants)),
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )
