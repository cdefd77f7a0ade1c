"""Who sees the same of sources: people with equal roles in equal places, and equal attributes where rows ask for them.

An attribute is `account`, `name` or `email` of a person, or NAME of the one live group of the person's that is called
`NAME=VALUE`. Two such groups, or none, give no value: a row filter that asks for it shows no row then.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import orjson

from nexus_core.governance.policies.audiences import Holders, holder
from nexus_core.governance.roles import Roles
from nexus_core.governance.scopes import scope_json
from nexus_core.model.access import Caller, Grant, Permission, Scope
from nexus_core.store.account_users import User, UserRows
from nexus_core.store.database import Store
from nexus_core.store.roles import ACCOUNT, GROUP

_VALUED_GROUP = re.compile(r"([a-z_][a-z0-9_]*)=(.*)", re.DOTALL)

Attributes = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Audience:
    """Roles by where they are held, what may be read at all, and the values of attributes that were asked for."""

    holders: Holders
    scope: Scope
    attributes: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """A hash that is the same for who is alike."""
        held = sorted((role, scope_json(scope)) for role, scope in set(self.holders.held))
        told = [held, scope_json(self.scope), self.attributes]
        return sha256(orjson.dumps(told)).hexdigest()


@dataclass(frozen=True, slots=True)
class People:
    """All that could log in, with what each holds, as of one moment."""

    users: Mapping[str, User]
    grants: Mapping[str, Sequence[Grant]]
    disabled_groups: frozenset[str]

    def audience(self, account_id: str, asked: Collection[str]) -> Audience | None:
        """Give what an account is like; None for one that is disabled or unknown, or may read nothing."""
        user = self.users.get(account_id)
        if user is None or user.disabled_at is not None:
            return None
        grants = tuple(self.grants.get(account_id, ()))
        scope = Caller(user.id, user.name, grants).scope_of(Permission.READ)
        if not scope.reaches:
            return None
        return Audience(holder("", grants), scope, _asked(self._attributes(user), asked))

    def audiences(self, asked: Collection[str]) -> dict[str, Audience]:
        """Give all that are different, by key."""
        found = (self.audience(account_id, asked) for account_id in self.users)
        return {each.key: each for each in found if each is not None}

    def _attributes(self, user: User) -> Attributes:
        values: dict[str, set[str]] = defaultdict(set)
        for group in user.groups:
            if group not in self.disabled_groups and (match := _VALUED_GROUP.fullmatch(group)):
                values[match[1]].add(match[2])
        known = {name: of.pop() for name, of in values.items() if len(of) == 1}
        own = {"account": user.id, "name": user.name, "email": user.profile.email}
        return known | {name: value for name, value in own.items() if value}


async def read_people(store: Store, account_id: str | None = None) -> People:
    """Read everybody, or one account; raises UnavailableError if the store fails."""
    rows, roles = UserRows(store), Roles(store)
    one = await rows.by_id(account_id) if account_id is not None else None
    users = await rows.all() if account_id is None else [one] if one else []
    disabled = frozenset(await rows.disabled_groups())
    permissions = {role.name: role.permissions for role in await roles.all()}
    now, held = datetime.now(UTC), defaultdict[tuple[str, str], list[Grant]](list)
    for each in await roles.bindings():
        if each.expires_at is None or each.expires_at > now:
            grant = Grant(permissions.get(each.role, frozenset()), each.scope, each.role)
            held[each.subject_kind, each.subject].append(grant)
    return People({user.id: user for user in users}, _grants(users, held, disabled), disabled)


def _grants(
    users: Iterable[User], held: Mapping[tuple[str, str], Sequence[Grant]], disabled: frozenset[str]
) -> dict[str, list[Grant]]:
    return {
        user.id: [
            grant
            for subject in ((ACCOUNT, user.id), *((GROUP, group) for group in user.groups if group not in disabled))
            for grant in held.get(subject, ())
        ]
        for user in users
    }


def _asked(known: Attributes, asked: Collection[str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, known[name]) for name in sorted(asked) if name in known)
