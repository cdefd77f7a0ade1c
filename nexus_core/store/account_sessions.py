"""Reads and writes browser sessions. Secrets come here as hashes only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from nexus_core.store.account_tables import accounts, sessions, tokens
from nexus_core.store.accounts import Account, Token, live_token
from nexus_core.store.database import Store, reading, writing


@dataclass(frozen=True, slots=True)
class Started:
    """By whose word a session was started: an identity provider, what it calls the session, what signing out takes.

    `stepped_up_until` is until when it was strong and new enough to govern, where the provider tells that.
    """

    provider: str
    provider_session: str | None
    sealed: bytes
    stepped_up_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """A live session: of a token, whose rights it has, or without one of its account."""

    account: Account
    token: Token | None
    csrf: str
    started: Started | None = None


class SessionRows:
    """The store's browser sessions. Every method raises UnavailableError if the store fails."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, secret_hash: str, session: BrowserSession, now: datetime, expires_at: datetime) -> None:
        """Store a session by the hash of its secret; forgets the expired ones."""
        started = session.started
        values = {
            "secret_hash": secret_hash,
            "account_id": session.account.id,
            "token_id": session.token.id if session.token else None,
            "csrf": session.csrf,
            "expires_at": expires_at,
            "provider": started.provider if started else None,
            "provider_session": started.provider_session if started else None,
            "sealed": started.sealed if started else None,
            "stepped_up_until": started.stepped_up_until if started else None,
        }
        async with writing(self._store) as connection:
            await connection.execute(delete(sessions).where(sessions.c.expires_at <= now))
            await connection.execute(insert(sessions).values(values))

    async def live(self, secret_hash: str, now: datetime) -> BrowserSession | None:
        """Give the session with a secret, unless it, its token or its account has ended."""
        query = (
            select(sessions, accounts.c.name, accounts.c.kind)
            .join(accounts, accounts.c.id == sessions.c.account_id)
            .where(sessions.c.secret_hash == secret_hash, sessions.c.expires_at > now, accounts.c.disabled_at.is_(None))
        )
        async with reading(self._store) as connection:
            row = (await connection.execute(query)).one_or_none()
            if row is None:
                return None
            token = await live_token(connection, tokens.c.id == row.token_id, now) if row.token_id else None
        if row.token_id and token is None:
            return None
        told = (row.provider, row.provider_session, row.sealed, row.stepped_up_until)
        started = Started(*told) if row.provider else None
        return BrowserSession(Account(row.account_id, row.name, row.kind), token, row.csrf, started)

    async def end(self, secret_hash: str) -> None:
        """Forget a session."""
        async with writing(self._store) as connection:
            await connection.execute(delete(sessions).where(sessions.c.secret_hash == secret_hash))

    async def end_of_account(self, account_id: str, but: str = "") -> None:
        """Forget the sessions of an account; `but` is the hash of the secret of one to keep."""
        of = delete(sessions).where(sessions.c.account_id == account_id, sessions.c.secret_hash != but)
        async with writing(self._store) as connection:
            await connection.execute(of)

    async def end_of_provider(self, provider: str, session: str | None, subject: str | None) -> int:
        """Forget what a provider has signed out: one of its sessions, else all of a subject there; gives how many."""
        of = delete(sessions).where(sessions.c.provider == provider)
        if session is not None:
            of = of.where(sessions.c.provider_session == session)
        if subject is not None:
            named = select(accounts.c.id).where(accounts.c.issuer == provider, accounts.c.subject == subject)
            of = of.where(sessions.c.account_id.in_(named))
        if session is None and subject is None:
            return 0
        async with writing(self._store) as connection:
            return (await connection.execute(of)).rowcount
