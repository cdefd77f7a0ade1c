"""API tokens: made once, known by their hash, with rights of their own."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from nexus_core.errors import AuthenticationError, NotFoundError
from nexus_core.governance.grants import rights_of
from nexus_core.governance.identities import Identities
from nexus_core.governance.identity import Identity
from nexus_core.governance.secrets import hash_of, new_id, new_secret
from nexus_core.model.audit import Act, Action
from nexus_core.store.accounts import Account, Accounts, Token
from nexus_core.store.database import Store

_LOCAL = "local"
_REMEMBERED_SECONDS = 2.0  # a revoked token works no longer than this; the limit is 5 s (governance.md §1)
_REMEMBERED_MAX = 1000
_TOUCH_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token and its secret, which is shown once."""

    token: Token
    secret: str


class Tokens:
    """Makes, proves and ends tokens; proofs are remembered for two seconds."""

    def __init__(self, accounts: Accounts, identities: Identities) -> None:
        self._accounts, self._identities = accounts, identities
        self._remembered: dict[str, tuple[float, Identity]] = {}

    async def create(self, name: str, grants: Sequence[str], expires_in: timedelta | None = None) -> NewToken:
        """Make a token of the local account `name`; a second one of the same name is for rotation: event ids stay.

        Raises InvalidInputError if a grant means nothing.
        """
        rights_of(grants)
        account = await self._accounts.account(_LOCAL, name, name, new_id("acc"), datetime.now(UTC))
        return await self.create_for(account, grants, expires_in)

    async def create_for(self, account: Account, grants: Sequence[str], expires_in: timedelta | None) -> NewToken:
        """Make a token of an account; a person's never allows more than the person may do when it is used.

        Raises InvalidInputError if a grant means nothing.
        """
        rights_of(grants)
        now = datetime.now(UTC)
        token = Token(
            id=new_id("tok"),
            account=account,
            grants=tuple(grants),
            created_at=now,
            expires_at=now + expires_in if expires_in else None,
            last_used_at=None,
        )
        secret = new_secret("nxt")
        await self._accounts.add_token(token, hash_of(secret))
        return NewToken(token, secret)

    async def all(self, account_id: str | None = None) -> list[Token]:
        """Give the tokens that are not revoked; those of an account only, if given."""
        return await self._accounts.tokens(account_id)

    async def revoke(self, token_id: str) -> None:
        """End a token and its sessions; raises NotFoundError."""
        self._remembered.clear()
        if not await self._accounts.revoke_token(token_id, datetime.now(UTC)):
            raise NotFoundError(f"The token {token_id}")

    async def prove(self, secret: str) -> Identity:
        """Give who a bearer token speaks for; raises AuthenticationError."""
        key = hash_of(secret)
        until, known = self._remembered.get(key, (0.0, None))
        if known is not None and time.monotonic() < until:
            return known
        identity = await self._identities.of_token(await self.live(secret))
        if len(self._remembered) >= _REMEMBERED_MAX:
            self._remembered.clear()
        self._remembered[key] = (time.monotonic() + _REMEMBERED_SECONDS, identity)
        return identity

    async def live(self, secret: str) -> Token:
        """Give the live token with a secret, noting now and then that it is used; raises AuthenticationError."""
        now = datetime.now(UTC)
        token = await self._accounts.token(hash_of(secret), now)
        if token is None:
            raise AuthenticationError("the token is unknown, expired or revoked")
        if token.last_used_at is None or now - token.last_used_at > _TOUCH_AFTER:
            await self._accounts.touch_token(token.id, now)
        return token


def creating(name: str, grants: Sequence[str]) -> Act:
    """Give what the audit log says of making a token."""
    return Act(Action.TOKEN_CREATED, {"authority": " ".join(grants)}, {"account": name})


def open_tokens(store: Store) -> Tokens:
    """Give the tokens of a store."""
    return Tokens(Accounts(store), Identities(store))


def dormant(tokens: Sequence[Token], days: int, now: datetime) -> list[Token]:
    """Give the tokens that nobody has used for some days, nor made since."""
    return [token for token in tokens if (token.last_used_at or token.created_at) <= now - timedelta(days=days)]
