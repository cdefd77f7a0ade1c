"""Who a proven credential speaks for, with the rights that hold now."""

from __future__ import annotations

import time
from fnmatch import fnmatchcase

from nexus_core.governance.grants import Rights, rights_of
from nexus_core.governance.identity import Identity
from nexus_core.governance.roles import Roles
from nexus_core.model.access import Caller, Grant, limited
from nexus_core.model.envelope import Authority
from nexus_core.store.account_users import PERSON, UserRows
from nexus_core.store.accounts import Account, Accounts, Token
from nexus_core.store.database import Store

_REMEMBERED_SECONDS = 2.0  # a right that was taken holds no longer than this; the limit is 5 s (governance.md §1)
_REMEMBERED_MAX = 1000


class Identities:
    """Adds up rights: of a service its token's, of a person those of role bindings, which limit the person's tokens."""

    def __init__(self, store: Store) -> None:
        self._accounts, self._users, self._roles = Accounts(store), UserRows(store), Roles(store)
        self._remembered: dict[str, tuple[float, Rights]] = {}

    async def of_token(self, token: Token, csrf: str | None = None) -> Identity:
        """Give who a token, or a session with its rights, speaks for."""
        rights = rights_of(token.grants)
        if token.account.kind == PERSON:
            rights = limited_rights(rights, await self._rights(token.account.id))
        return _identity(token.account, rights, csrf)

    async def of_account(self, account: Account, csrf: str | None = None) -> Identity:
        """Give who a person's session speaks for."""
        return _identity(account, await self._rights(account.id), csrf)

    async def granted(self, account_id: str) -> tuple[Grant, ...]:
        """Give what an account has now: by roles, and by each of its tokens."""
        own = await self._rights(account_id)
        tokens = [await self.of_token(token) for token in await self._accounts.tokens(account_id)]
        return (*own.grants, *(grant for token in tokens for grant in token.caller.grants))

    async def _rights(self, account_id: str) -> Rights:
        until, known = self._remembered.get(account_id, (0.0, None))
        if known is not None and time.monotonic() < until:
            return known
        rights = await self._roles.rights_of_account(account_id, await self._users.live_groups(account_id))
        if len(self._remembered) >= _REMEMBERED_MAX:
            self._remembered.clear()
        self._remembered[account_id] = (time.monotonic() + _REMEMBERED_SECONDS, rights)
        return rights


def limited_rights(own: Rights, to: Rights) -> Rights:
    """Give what one's rights allow of another's; where patterns overlap only in part, neither holds."""
    return Rights(limited(own.grants, to.grants), _both(own.authority, to.authority))


def _both(one: Authority, other: Authority) -> Authority:
    return Authority(
        jobs=_covered(one.jobs, other.jobs),
        outputs=_covered(one.outputs, other.outputs),
        harvest=_covered(one.harvest, other.harvest),
        curator=one.curator and other.curator,
        backfill=one.backfill and other.backfill,
        alias=one.alias and other.alias,
        admin=one.admin and other.admin,
    )


def _covered(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """Give the patterns of each that the other covers."""
    found = [pattern for pattern in one if any(_covers(outer, pattern) for outer in other)]
    return tuple(dict.fromkeys([*found, *(each for each in other if any(_covers(outer, each) for outer in one))]))


def _covers(outer: str, inner: str) -> bool:
    """Whether a pattern surely matches all that another does: it is the same, or has no wildcard but `*`."""
    plain = not any(letter in outer for letter in "?[") and "[" not in inner
    return outer == inner or (plain and fnmatchcase(inner, outer))


def _identity(account: Account, rights: Rights, csrf: str | None) -> Identity:
    return Identity(Caller(account.id, account.name, rights.grants), rights.authority, csrf, rights.issuers)
