"""Short-lived passwords by which people log in to the masking proxy, whichever way they sign in here."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from nexus_core.errors import ConflictError, NotFoundError
from nexus_core.governance.users import LOCAL
from nexus_core.model.audit import Act, Action
from nexus_core.model.scram import ITERATIONS, SALT_BYTES, Verifier, verifier_of
from nexus_core.store.account_users import User
from nexus_core.store.database import Store
from nexus_core.store.proxy_logins import ProxyLogin, ProxyLogins

LIFE_MAX = timedelta(hours=24)
_BYTES = 24


@dataclass(frozen=True, slots=True)
class ProxyPassword:
    """A password that was just made; it is told once."""

    login: str
    password: str = field(repr=False)
    expires_at: datetime


class ProxyPasswords:
    """Makes, proves and ends them. A person has one at a time; a new one leaves sessions that are open alone."""

    def __init__(self, store: Store) -> None:
        self._rows = ProxyLogins(store)
        self._unknown = secrets.token_bytes(32)

    async def make(self, user: User, life: timedelta) -> ProxyPassword:
        """Make a person's password, which ends after `life`."""
        now = datetime.now(UTC)
        password = secrets.token_urlsafe(_BYTES)
        verifier = verifier_of(password)
        for login in _logins(user):
            made = ProxyLogin(
                account_id=user.id,
                name=user.name,
                login=login,
                salt=verifier.salt,
                iterations=verifier.iterations,
                stored_key=verifier.stored_key,
                server_key=verifier.server_key,
                created_at=now,
                expires_at=now + min(life, LIFE_MAX),
            )
            if await self._rows.replace(made):
                return ProxyPassword(login, password, made.expires_at)
        raise ConflictError("The login of the proxy")

    async def end(self, account_id: str) -> None:
        """End a person's password and the sessions that it began; raises NotFoundError where there is none."""
        if not await self._rows.end(account_id, datetime.now(UTC)):
            raise NotFoundError("A password for the proxy")

    async def of(self, login: str) -> ProxyLogin | None:
        """Give who may log in by a name now."""
        return await self._rows.by_login(login, datetime.now(UTC))

    def nobody(self, login: str) -> Verifier:
        """Give what stands for a login that is not known: the same salt each time, and keys that nobody can prove."""
        salt = hmac.digest(self._unknown, login.encode(), "sha256")[:SALT_BYTES]
        return Verifier(salt, ITERATIONS, hashlib.sha256(secrets.token_bytes(32)).digest(), secrets.token_bytes(32))


def making(user: User, life: timedelta) -> Act:
    """Give what the audit log says of making a password."""
    return Act(Action.PROXY_PASSWORD_MADE, {"user": user.id, "minutes": str(round(life.total_seconds() / 60))})


def ending(account_id: str) -> Act:
    """Give what the audit log says of ending one."""
    return Act(Action.PROXY_PASSWORD_ENDED, {"user": account_id})


def _logins(user: User) -> tuple[str, ...]:
    """Give the names that a person may log in by, the nicest first: people of two providers may have the same."""
    return (user.subject, user.id) if user.issuer == LOCAL else (user.name, user.id)
