"""Who a proven credential speaks for, with the rights that hold now."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

from nexus_core.errors import InvalidInputError
from nexus_core.governance.grants import Rights, rights_of
from nexus_core.governance.identity import Identity
from nexus_core.governance.roles import Roles
from nexus_core.model.access import Caller, Grant, Scope, limited
from nexus_core.model.classes import RANKS
from nexus_core.model.envelope import Authority
from nexus_core.store.account_users import PERSON, UserRows
from nexus_core.store.accounts import Account, Accounts, Token
from nexus_core.store.database import Store

_REMEMBERED_SECONDS = 2.0  # a right that was taken holds no longer than this; the limit is 5 s (governance.md §1)
_REMEMBERED_MAX = 1000


class Identities:
    """Adds up rights: of a service its token's, of a person those of role bindings, which limit the person's tokens.

    `read_ranks` gives the classes that are defined, by name and rank; without it ceilings show the built-in ones.
    """

    def __init__(self, store: Store, read_ranks: Callable[[], Awaitable[Mapping[str, int]]] | None = None) -> None:
        self._accounts, self._users, self._roles = Accounts(store), UserRows(store), Roles(store)
        self._remembered: dict[str, tuple[float, Rights]] = {}
        self._read_ranks = read_ranks
        self._ranks: tuple[float, Mapping[str, int]] = (0.0, RANKS)

    async def of_token(self, token: Token, csrf: str | None = None) -> Identity:
        """Give who a token, or a session with its rights, speaks for."""
        rights = rights_of(token.grants)
        if token.account.kind == PERSON:
            rights = limited_rights(rights, await self._rights(token.account.id))
        return await self._identity(token.account, rights, csrf)

    async def of_account(self, account: Account, csrf: str | None = None) -> Identity:
        """Give who a person's session speaks for."""
        return await self._identity(account, await self._rights(account.id), csrf)

    async def granted(self, account_id: str) -> tuple[Grant, ...]:
        """Give what an account has now: by roles, and by each of its tokens."""
        own = await self._knowing((await self._rights(account_id)).grants)
        tokens = [await self.of_token(token) for token in await self._accounts.tokens(account_id)]
        return (*own, *(grant for token in tokens for grant in token.caller.grants))

    async def ranks(self) -> Mapping[str, int]:
        """Give the classes that are defined, by name and rank; raises UnavailableError."""
        until, known = self._ranks
        if self._read_ranks is None or time.monotonic() < until:
            return known
        known = await self._read_ranks()
        self._ranks = (time.monotonic() + _REMEMBERED_SECONDS, known)
        return known

    async def check_classes(self, scope: Scope) -> None:
        """Raise InvalidInputError for a ceiling that is no class: it would show nothing."""
        ranks = await self.ranks()
        for reach in scope.reaches:
            if reach.ceiling is not None and reach.ceiling not in ranks:
                raise InvalidInputError(f"{reach.ceiling} is none of the classes {', '.join(ranks)}", "$.scope")

    async def _identity(self, account: Account, rights: Rights, csrf: str | None) -> Identity:
        grants = await self._knowing(rights.grants)
        return Identity(Caller(account.id, account.name, grants), rights.authority, csrf, rights.issuers)

    async def _knowing(self, grants: tuple[Grant, ...]) -> tuple[Grant, ...]:
        """Let ceilings show the classes that are defined."""
        if not any(grant.scope.has_ceiling for grant in grants):
            return grants
        ranks = await self.ranks()
        return tuple(replace(grant, scope=grant.scope.knowing(ranks)) for grant in grants)

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
        curates=_shared((one.curator, one.curates), (other.curator, other.curates)),
        backfill=one.backfill and other.backfill,
        alias=one.alias and other.alias,
        aliases=_shared((one.alias, one.aliases), (other.alias, other.aliases)),
        admin=one.admin and other.admin,
    )


def _shared(one: tuple[bool, tuple[str, ...]], other: tuple[bool, tuple[str, ...]]) -> tuple[str, ...]:
    """Give the patterns that both allow, where not both allow everything, which needs none."""
    if one[0] and other[0]:
        return ()
    return _covered(*(("*",) if every else patterns for every, patterns in (one, other)))


def _covered(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """Give the patterns of each that the other covers."""
    found = [pattern for pattern in one if any(_covers(outer, pattern) for outer in other)]
    return tuple(dict.fromkeys([*found, *(each for each in other if any(_covers(outer, each) for outer in one))]))


def _covers(outer: str, inner: str) -> bool:
    """Whether a pattern surely matches all that another does: it is the same, or has no wildcard but `*`."""
    plain = not any(letter in outer for letter in "?[") and "[" not in inner
    return outer == inner or (plain and fnmatchcase(inner, outer))
