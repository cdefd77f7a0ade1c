"""Browser sessions, and the one-time links that start them."""

from __future__ import annotations

import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from types import MappingProxyType
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from nexus_core.errors import AuthenticationError, ForbiddenError
from nexus_core.governance.identities import Identities
from nexus_core.governance.identity import Identity
from nexus_core.governance.secrets import hash_of, new_secret
from nexus_core.settings import ApiSettings
from nexus_core.store.account_sessions import BrowserSession, SessionRows, Started
from nexus_core.store.accounts import Account, Accounts, Token
from nexus_core.store.database import Store

LINK_LIFE = timedelta(minutes=30)
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session just started; `secret` goes into the cookie."""

    identity: Identity
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ByProvider:
    """The identity provider that started a session, what it calls it, and what signing out there takes.

    `life` is how long the session lasts, if less than others do; `stepped_up_until` until when it may govern.
    """

    issuer: str
    session: str | None
    sign_out: str = field(repr=False)
    life: timedelta | None = None
    stepped_up_until: datetime | None = None


class Sessions:
    """Starts, proves and ends sessions; each has the rights of a token or of a person, as they are when it is used.

    `step_up` has the providers, by issuer, that tell how strong a sign-in was, with the address of a stronger one.
    """

    def __init__(
        self,
        accounts: Accounts,
        rows: SessionRows,
        identities: Identities,
        life: timedelta,
        step_up: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._accounts, self._rows, self._identities, self.life = accounts, rows, identities, life
        self._step_up = step_up

    async def link(self, token: Token) -> str:
        """Make the secret of a link that starts one session within half an hour."""
        secret = new_secret("nxl")
        await self._accounts.add_login_link(hash_of(secret), token.id, datetime.now(UTC) + LINK_LIFE)
        return secret

    async def follow(self, secret: str) -> NewSession:
        """Start the session of a link, which is then used up; raises AuthenticationError."""
        token = await self._accounts.use_login_link(hash_of(secret), datetime.now(UTC))
        if token is None:
            raise AuthenticationError("the link was used or has expired; `nexus token login` makes a new one")
        return await self.start(token)

    async def start(self, token: Token) -> NewSession:
        """Start a session with the rights of a token."""
        return await self._start(BrowserSession(token.account, token, new_secret("nxc")), new_secret("nxs"))

    async def start_for(self, account: Account, by: ByProvider | None = None) -> NewSession:
        """Start a session of a person, who has proven to be it."""
        secret = new_secret("nxs")
        sealed = _sealed(secret, by.sign_out) if by else b""
        started = Started(by.issuer, by.session, sealed, by.stepped_up_until) if by else None
        session = BrowserSession(account, None, new_secret("nxc"), started)
        return await self._start(session, secret, by.life if by else None)

    async def prove(self, secret: str) -> Identity:
        """Give who a cookie speaks for; raises AuthenticationError."""
        found = await self._rows.live(hash_of(secret), datetime.now(UTC))
        if found is None:
            raise AuthenticationError("the session has ended")
        return await self._identity(found)

    async def end(self, secret: str) -> ByProvider | None:
        """End a session; gives the identity provider that started it."""
        found = await self._rows.live(hash_of(secret), datetime.now(UTC))
        await self._rows.end(hash_of(secret))
        if found is None or found.started is None:
            return None
        started = found.started
        return ByProvider(started.provider, started.provider_session, _opened(secret, started.sealed))

    async def end_others(self, account_id: str, secret: str) -> None:
        """End the sessions of an account but the one with a secret."""
        await self._rows.end_of_account(account_id, hash_of(secret))

    async def end_of_provider(self, issuer: str, session: str | None, subject: str | None) -> int:
        """End what an identity provider has signed out; gives how many."""
        return await self._rows.end_of_provider(issuer, session, subject)

    async def _start(self, session: BrowserSession, secret: str, life: timedelta | None = None) -> NewSession:
        now = datetime.now(UTC)
        await self._rows.add(hash_of(secret), session, now, now + (self.life if life is None else min(life, self.life)))
        return NewSession(await self._identity(session), secret)

    async def _identity(self, session: BrowserSession) -> Identity:
        if session.token is not None:
            return await self._identities.of_token(session.token, session.csrf)
        identity = await self._identities.of_account(session.account, session.csrf)
        return replace(identity, step_up=self._missing(session.started))

    def _missing(self, started: Started | None) -> str | None:
        """Give the address of the sign-in that is missing to govern."""
        if started is None or started.provider not in self._step_up:
            return None
        until = started.stepped_up_until
        return None if until is not None and datetime.now(UTC) < until else self._step_up[started.provider]


def open_sessions(store: Store, settings: ApiSettings) -> Sessions:
    """Give the sessions of a store."""
    life = timedelta(hours=settings.session_hours)
    return Sessions(Accounts(store), SessionRows(store), Identities(store), life)


def check_csrf(identity: Identity, sent: str | None) -> None:
    """Raise ForbiddenError unless a change by session carries the session's token, which no other site can read."""
    if identity.csrf is not None and not hmac.compare_digest(identity.csrf.encode(), (sent or "").encode()):
        raise ForbiddenError("a change without the session's token", "the header X-CSRF-Token")


def site(settings: ApiSettings) -> str:
    """Give the URL that browsers see us at, without a slash at its end."""
    return (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")


def login_url(settings: ApiSettings, secret: str, next_path: str) -> str:
    """Give the URL of a one-time link that ends on a page of ours."""
    return f"{site(settings)}/login?{urlencode({'once': secret, 'next': next_path})}"


def _sealed(secret: str, text: str) -> bytes:
    """Encrypt under a key that only who has the session's secret can make."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(_key(secret)).encrypt(nonce, text.encode(), None)


def _opened(secret: str, sealed: bytes) -> str:
    return AESGCM(_key(secret)).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None).decode()


def _key(secret: str) -> bytes:
    return sha256(f"sign-out of {secret}".encode()).digest()
