"""People and groups as an identity provider manages them (SCIM 2.0, RFC 7643 and 7644), each change in the audit log.

A provider sees and changes its own people only: those of its issuer. Whom it calls by an external id is who signs in as
(issuer, external id); names link nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from nexus_core.errors import InvalidInputError, NotFoundError, StaleReadError, TakenError
from nexus_core.governance.audit import Audit
from nexus_core.governance.secrets import new_id
from nexus_core.governance.users import check_groups
from nexus_core.model.access import Caller
from nexus_core.model.audit import Act, Action
from nexus_core.store.account_users import Profile
from nexus_core.store.database import Store
from nexus_core.store.scim_groups import ScimGroup, ScimGroupRows
from nexus_core.store.scim_users import ScimUser, ScimUserRows

_TRIES = 5
_TEXT_MAX = 500


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider tells of a person."""

    name: str
    external_id: str | None
    profile: Profile
    is_active: bool
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToldGroup:
    """What a provider tells of a group; `members` are ids of its people."""

    name: str
    external_id: str | None
    members: tuple[str, ...] = ()


class ScimUsers:
    """Makes, changes and removes the people of providers; `issuer` is always that of who asks.

    Every method raises UnavailableError if the store or the audit log fails.
    """

    def __init__(self, store: Store, audit: Audit) -> None:
        self.rows, self._audit = ScimUserRows(store), audit

    async def one(self, issuer: str, account_id: str) -> ScimUser:
        """Give a person; raises NotFoundError."""
        found = await self.rows.one(issuer, account_id)
        if found is None:
            raise NotFoundError(f"The user {account_id}")
        return found

    async def create(self, caller: Caller, issuer: str, told: Told) -> ScimUser:
        """Make a person, with the account that signing in has made already, if one.

        Raises TakenError if the provider has such a person, InvalidInputError for texts that are too long or empty.
        """
        now = datetime.now(UTC)
        user = _with(ScimUser(new_id("acc"), issuer, None, "", "", Profile(), True, {}, now, now, 0), told)
        async with self._audit.acting(caller, Act(Action.USER_CREATED, {"issuer": issuer}, _personal(user))):
            account_id = await self.rows.add(user)
            if account_id is None:
                raise TakenError("there is a user with this name or external id", "userName")
        return await self.one(issuer, account_id)

    async def change(
        self, caller: Caller, issuer: str, account_id: str, changed: Callable[[ScimUser], Told]
    ) -> ScimUser:
        """Change a person by what `changed` makes of it, made anew if it changed meanwhile.

        Raises NotFoundError, TakenError, InvalidInputError, and what `changed` raises.
        """
        for _ in range(_TRIES):
            old = await self.one(issuer, account_id)
            new = _with(old, changed(old))
            if replace(new, version=old.version, updated_at=old.updated_at) == old:
                return old
            try:
                async with self._audit.acting(caller, _change(old, new)):
                    if not await self.rows.save(new, old.version):
                        raise TakenError("there is a user with this name or external id", "userName")
            except StaleReadError:
                continue
            return await self.one(issuer, account_id)
        raise StaleReadError

    async def remove(self, caller: Caller, issuer: str, account_id: str, check: Callable[[ScimUser], None]) -> None:
        """Forget a person and end the account; raises NotFoundError, and what `check` raises."""
        user = await self.one(issuer, account_id)
        check(user)
        async with self._audit.acting(caller, Act(Action.USER_REMOVED, {"user": account_id})):
            await self.rows.remove(user, datetime.now(UTC))


class ScimGroups:
    """The same of groups; `prefix_of` gives what stands before the names of an issuer's groups."""

    def __init__(self, store: Store, audit: Audit, prefix_of: Callable[[str], Awaitable[str]]) -> None:
        self.rows, self._audit, self._prefix_of = ScimGroupRows(store), audit, prefix_of

    async def one(self, issuer: str, group_id: str) -> ScimGroup:
        """Give a group; raises NotFoundError."""
        found = await self.rows.one(issuer, group_id)
        if found is None:
            raise NotFoundError(f"The group {group_id}")
        return found

    async def create(self, caller: Caller, issuer: str, told: ToldGroup) -> ScimGroup:
        """Make a group; raises TakenError for a name, InvalidInputError for members that are not people."""
        now = datetime.now(UTC)
        group = await self._with(ScimGroup(new_id("grp"), issuer, None, "", "", "", now, now, 0), told)
        async with self._audit.acting(caller, _group_act(Action.GROUP_CREATED, None, group)):
            if not await self.rows.add(group):
                raise TakenError("there is a group of this name", "displayName")
        return group

    async def change(
        self, caller: Caller, issuer: str, group_id: str, changed: Callable[[ScimGroup], ToldGroup]
    ) -> ScimGroup:
        """Change a group as `ScimUsers.change` does a person; its members' rights follow within two seconds."""
        for _ in range(_TRIES):
            old = await self.one(issuer, group_id)
            new = await self._with(old, changed(old))
            if replace(new, version=old.version, updated_at=old.updated_at) == old:
                return old
            try:
                async with self._audit.acting(caller, _group_act(Action.GROUP_CHANGED, old, new)):
                    if not await self.rows.save(new, old):
                        raise TakenError("there is a group of this name", "displayName")
                return new
            except StaleReadError:
                continue
        raise StaleReadError

    async def remove(self, caller: Caller, issuer: str, group_id: str, check: Callable[[ScimGroup], None]) -> None:
        """Remove a group; raises NotFoundError, and what `check` raises."""
        group = await self.one(issuer, group_id)
        check(group)
        async with self._audit.acting(caller, _group_act(Action.GROUP_REMOVED, group, None)):
            await self.rows.remove(group)

    async def _with(self, old: ScimGroup, told: ToldGroup) -> ScimGroup:
        granted = await self._prefix_of(old.issuer) + told.name
        check_groups([told.name, granted])
        _check_texts(told.external_id)
        names = await self.rows.known(old.issuer, told.members)
        if strangers := [each for each in told.members if each not in names]:
            raise InvalidInputError(f"{strangers[0][:100]} is no user here", "members.value")
        members = tuple(sorted(names.items(), key=lambda member: (member[1], member[0])))
        at, version = _next(old)
        return replace(
            old,
            name=told.name,
            name_key=name_key(told.name),
            granted=granted,
            external_id=told.external_id,
            members=members,
            updated_at=at,
            version=version,
        )


def name_key(name: str) -> str:
    """Give a name as names are told apart: without case."""
    return unicodedata.normalize("NFKC", name).casefold()


def _with(old: ScimUser, told: Told) -> ScimUser:
    _check_texts(told.name, told.external_id, told.profile.email, told.profile.display_name)
    at, version = _next(old)
    return replace(
        old,
        name=told.name,
        name_key=name_key(told.name),
        external_id=told.external_id,
        profile=told.profile,
        is_active=told.is_active,
        body=told.body,
        updated_at=at,
        version=version,
    )


def _next(old: ScimUser | ScimGroup) -> tuple[datetime, int]:
    return datetime.now(UTC), old.version + 1


def _check_texts(*texts: str | None) -> None:
    for text in texts:
        if text is not None and not (0 < len(text) <= _TEXT_MAX and text.isprintable()):
            raise InvalidInputError(f"a text has 1 to {_TEXT_MAX} printable characters", "userName")


def _change(old: ScimUser, new: ScimUser) -> Act:
    action = Action.USER_CHANGED
    if old.is_active != new.is_active:
        action = Action.USER_ENABLED if new.is_active else Action.USER_DISABLED
    return Act(action, {"user": old.id}, {"before": _personal(old), "after": _personal(new)})


def _personal(user: ScimUser) -> dict[str, Any]:
    return {"name": user.name, "email": user.profile.email, "external_id": user.external_id}


def _group_act(action: Action, old: ScimGroup | None, new: ScimGroup | None) -> Act:
    group = new or old
    was, now = (each.member_ids if each else frozenset() for each in (old, new))
    told = {"group": group.name if group else "", "added": sorted(now - was), "removed": sorted(was - now)}
    return Act(action, {"group_id": group.id if group else ""}, told)
