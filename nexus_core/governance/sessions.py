"""Browser sessions, and the one-time links that start them."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from nexus_core.errors import AuthenticationError, ForbiddenError
from nexus_core.governance.identity import Identity
from nexus_core.governance.secrets import hash_of, new_secret
from nexus_core.governance.tokens import identity_of
from nexus_core.settings import ApiSettings
from nexus_core.store.accounts import Accounts, Token

LINK_LIFE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session just started; `secret` goes into the cookie."""

    identity: Identity
    secret: str = field(repr=False)


class Sessions:
    """Starts, proves and ends sessions; each has the rights of the token that it was started from."""

    def __init__(self, accounts: Accounts, life: timedelta) -> None:
        self._accounts, self.life = accounts, life

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
        now = datetime.now(UTC)
        secret, csrf = new_secret("nxs"), new_secret("nxc")
        await self._accounts.add_session(hash_of(secret), token, csrf, now, now + self.life)
        return NewSession(identity_of(token, csrf), secret)

    async def prove(self, secret: str) -> Identity:
        """Give who a cookie speaks for; raises AuthenticationError."""
        found = await self._accounts.session(hash_of(secret), datetime.now(UTC))
        if found is None:
            raise AuthenticationError("the session has ended")
        return identity_of(found.token, found.csrf)

    async def end(self, secret: str) -> None:
        """End a session."""
        await self._accounts.end_session(hash_of(secret))


def check_csrf(identity: Identity, sent: str | None) -> None:
    """Raise ForbiddenError unless a change by session carries the session's token, which no other site can read."""
    if identity.csrf is not None and not hmac.compare_digest(identity.csrf.encode(), (sent or "").encode()):
        raise ForbiddenError("a change without the session's token", "the header X-CSRF-Token")


def login_url(settings: ApiSettings, secret: str, next_path: str) -> str:
    """Give the URL of a one-time link that ends on a page of ours."""
    site = settings.public_url or f"http://{settings.host}:{settings.port}"
    return f"{site.rstrip('/')}/login?{urlencode({'once': secret, 'next': next_path})}"
