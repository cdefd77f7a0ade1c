"""Signing in by an identity provider: what all protocols share.

A sign-in is bound to the browser that began it by a cookie, to one provider, and to what the provider's answer must
repeat; it lives ten minutes and is used once. People are linked by (issuer, subject), never by name or e-mail address.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from nexus_core.errors import AuthenticationError, NotFoundError
from nexus_core.governance.secrets import hash_of, new_id, new_secret
from nexus_core.governance.sessions import ByProvider, NewSession, Sessions
from nexus_core.store.account_sign_ins import Pending, SignInRows
from nexus_core.store.account_users import Profile, User, UserRows
from nexus_core.store.accounts import Account
from nexus_core.store.database import Store
from nexus_core.store.scim_groups import ScimGroupRows

SIGN_IN_LIFE = timedelta(minutes=10)
_COLLECTED_WITHIN = timedelta(minutes=2)
_SOURCE = "sso"
_NAME_MAX = 200


@dataclass(frozen=True, slots=True)
class Vouched:
    """Who signed in, as a provider says; `session` is what it calls the session, `sign_out` what ending it takes.

    `strong_at` is when (seconds since 1970), if it was a sign-in strong enough to govern.
    """

    subject: str
    name: str
    email: str | None
    display_name: str | None
    groups: tuple[str, ...]
    session: str | None
    sign_out: str = field(repr=False)
    strong_at: float | None = None


@dataclass(frozen=True, slots=True)
class SignedOut:
    """What a provider says has ended there: one of its sessions, or all of a subject."""

    session: str | None
    subject: str | None


class Provider(Protocol):
    """An identity provider."""

    @property
    def key(self) -> str:
        """`oidc:NAME` or `saml:NAME`."""
        ...

    @property
    def title(self) -> str:
        """What people call it."""
        ...

    @property
    def groups_prefix(self) -> str:
        """What stands before the names of its groups."""
        ...

    async def issuer(self) -> str:
        """Give the issuer of the accounts of those for whom it vouches."""
        ...

    async def begin(self, state: str, step_up: bool) -> tuple[str, dict[str, Any]]:
        """Give the address to send a browser to, and what the answer is checked against. Raises UnavailableError.

        `step_up` asks for a new sign-in that is strong enough to govern.
        """
        ...

    async def finish(self, answer: Mapping[str, str], kept: Mapping[str, Any]) -> Vouched:
        """Check an answer. Raises AuthenticationError, UnavailableError."""
        ...

    async def sign_out(self, sign_out: str, back_to: str) -> str | None:
        """Give the address that ends the session there too, if the provider has one."""
        ...


@dataclass(frozen=True, slots=True)
class Begun:
    """Where a browser goes to sign in; `browser` goes into its cookie."""

    url: str
    browser: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Finished:
    """A session just started, and the page of ours that was asked for."""

    session: NewSession
    next_path: str


class SingleSignOn:
    """Leads sign-ins through providers and keeps the people whom they vouch for.

    `limits` are how long sessions last whose groups only the sign-in told, and how long a strong sign-in governs.
    """

    def __init__(
        self, providers: Sequence[Provider], store: Store, sessions: Sessions, limits: tuple[timedelta, timedelta]
    ) -> None:
        self._life, self._strong_for = limits
        self.providers = {provider.key: provider for provider in providers}
        self._sign_ins, self._users, self._sessions = SignInRows(store), UserRows(store), sessions
        self._scim_groups = ScimGroupRows(store)

    def provider(self, key: str) -> Provider:
        """Give a provider; raises NotFoundError."""
        if key not in self.providers:
            raise NotFoundError(f"The identity provider {key}")
        return self.providers[key]

    async def begin(self, key: str, next_path: str, step_up: bool = False) -> Begun:
        """Begin a sign-in. Raises NotFoundError, UnavailableError."""
        state, browser = new_secret("nxa"), new_secret("nxb")
        url, kept = await self.provider(key).begin(state, step_up)
        pending = Pending(key, hash_of(browser), {**kept, "next": next_path})
        now = datetime.now(UTC)
        await self._sign_ins.begin(hash_of(state), pending, now, now + SIGN_IN_LIFE)
        return Begun(url, browser)

    async def finish(self, key: str, state: str, browser: str, answer: Mapping[str, str]) -> Finished:
        """Start a session by an answer that the same browser brought. Raises AuthenticationError, UnavailableError."""
        pending = await self._taken(key, state)
        _check_browser(pending, browser)
        vouched = await self.provider(key).finish(answer, pending.kept)
        return await self._start(key, vouched, pending.kept["next"])

    async def receive(self, key: str, state: str, answer: Mapping[str, str]) -> str:
        """Check an answer that was posted from the provider's site, where our cookie does not come along.

        Gives a secret by which the browser that began collects the session. Raises as `finish`.
        """
        pending = await self._taken(key, state)
        vouched = await self.provider(key).finish(answer, pending.kept)
        once = new_secret("nxo")
        kept = {"vouched": asdict(vouched), "next": pending.kept["next"]}
        waiting = Pending(f"{key} vouched", pending.browser_hash, kept)
        now = datetime.now(UTC)
        await self._sign_ins.begin(hash_of(once), waiting, now, now + _COLLECTED_WITHIN)
        return once

    async def collect(self, key: str, once: str, browser: str) -> Finished:
        """Start the session of an answer that was received. Raises AuthenticationError."""
        pending = await self._taken(f"{key} vouched", once)
        _check_browser(pending, browser)
        said = pending.kept["vouched"]
        vouched = Vouched(**{**said, "groups": tuple(said["groups"])})
        return await self._start(key, vouched, pending.kept["next"])

    async def groups_prefix(self, issuer: str) -> str:
        """Give what stands before the names of an issuer's groups; raises UnavailableError if that cannot be told."""
        kind = issuer.partition(":")[0]
        for key, provider in self.providers.items():
            if key.startswith(f"{kind}:") and await provider.issuer() == issuer:
                return provider.groups_prefix
        return ""

    async def sign_out(self, by: ByProvider, back_to: str) -> str | None:
        """Give the address that ends a session at its provider too."""
        for provider in self.providers.values():
            if await provider.issuer() == by.issuer:
                return await provider.sign_out(by.sign_out, back_to)
        return None

    async def end(self, provider: Provider, ended: SignedOut) -> int:
        """End the sessions that a provider has signed out; gives how many."""
        return await self._sessions.end_of_provider(await provider.issuer(), ended.session, ended.subject)

    async def _taken(self, key: str, state: str) -> Pending:
        pending = await self._sign_ins.take(hash_of(state), datetime.now(UTC))
        if pending is None or pending.provider != key:
            raise AuthenticationError("this sign-in was finished, has expired, or never began here")
        return pending

    async def _start(self, key: str, vouched: Vouched, next_path: str) -> Finished:
        issuer = await self.provider(key).issuer()
        account = await self._account(issuer, vouched)
        by = ByProvider(issuer, vouched.session, vouched.sign_out, await self._life_by(issuer), self._until(vouched))
        return Finished(await self._sessions.start_for(account, by), next_path)

    async def _life_by(self, issuer: str) -> timedelta | None:
        """Give how long a session lasts: until groups must be told anew, unless the provider tells each change."""
        return None if await self._scim_groups.any(issuer) else self._life

    def _until(self, vouched: Vouched) -> datetime | None:
        if vouched.strong_at is None:
            return None
        return datetime.fromtimestamp(vouched.strong_at, UTC) + self._strong_for

    async def _account(self, issuer: str, vouched: Vouched) -> Account:
        """Give the account of a subject, made at its first sign-in, with what the provider says now.

        A provider that manages groups by SCIM tells them there only.
        """
        name, profile = vouched.name[:_NAME_MAX], Profile(vouched.email, vouched.display_name)
        groups = () if await self._scim_groups.any(issuer) else vouched.groups
        new = User(new_id("acc"), issuer, vouched.subject, name, profile, datetime.now(UTC), groups=groups)
        if await self._users.add(new, None, _SOURCE):
            return Account(new.id, name, "person")
        user = await self._users.by_subject(issuer, vouched.subject)
        if user is None or user.disabled_at is not None:
            raise AuthenticationError("this user is disabled")
        await self._users.update(user.id, name, profile)
        await self._users.set_groups(user.id, groups, _SOURCE)
        return Account(user.id, name, "person")


def _check_browser(pending: Pending, browser: str) -> None:
    """Refuse an answer in another browser: someone else's sign-in, brought under by a link (RFC 9700 §4.7)."""
    if not hmac.compare_digest(pending.browser_hash, hash_of(browser)):
        raise AuthenticationError("this sign-in began in another browser")
