"""Roles: built in and of one's own, who has them where, and the rights that they add up to (docs/access.md)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from nexus_core.errors import ForbiddenError, InvalidInputError, NotFoundError
from nexus_core.governance.grants import ALL_BUT_RAW, EVERY_AUTHORITY, Rights
from nexus_core.governance.scopes import read_scope, scope_json
from nexus_core.governance.secrets import new_id
from nexus_core.model.access import ADMIN_ROLE, Grant, Permission, Reach, Scope
from nexus_core.model.audit import Act, Action
from nexus_core.model.envelope import Authority
from nexus_core.store import roles as rows
from nexus_core.store.account_users import UserRows
from nexus_core.store.database import Store
from nexus_core.store.roles import ACCOUNT, GROUP, BindingRow, RoleRow

BUILT_IN: Mapping[str, frozenset[Permission]] = {
    ADMIN_ROLE: ALL_BUT_RAW,
    "steward": frozenset({Permission.READ, Permission.CURATE, Permission.GOVERN}),
    "analyst": frozenset({Permission.READ}),
    "viewer": frozenset({Permission.READ}),
    "auditor": frozenset({Permission.READ, Permission.AUDIT}),
    "producer": frozenset({Permission.INGEST}),
}
"""Roles that there are everywhere; who runs the platform has no right to raw events or clear data by that."""

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}\Z")
_SUBJECT_MOST, _PURPOSE_MOST = 500, 1000


@dataclass(frozen=True, slots=True)
class Role:
    """A role; `built_in` ones cannot be changed."""

    name: str
    permissions: frozenset[Permission]
    built_in: bool


@dataclass(frozen=True, slots=True)
class Binding:
    """That an account (by id) or a group (by name) has a role within a scope, until it expires.

    `created_by` is an account's id, "" where it was done on the machine itself.
    """

    id: str
    role: str
    subject_kind: str
    subject: str
    scope: Scope
    purpose: str
    expires_at: datetime | None
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """A binding that somebody asks for."""

    role: str
    subject_kind: str
    subject: str
    scope: Scope
    purpose: str = ""
    expires_at: datetime | None = None


class Roles:
    """Makes and ends roles and bindings, and adds up what accounts have. Raises UnavailableError if the store fails."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def rights_of_account(self, account_id: str, groups: Collection[str] = ()) -> Rights:
        """Add up the bindings of an account and of its groups as of now; without any it may do nothing."""
        found, own = await rows.bindings_of(self._store, account_id, groups, datetime.now(UTC))
        permissions = {**{row.name: _permissions(row) for row in own}, **BUILT_IN}
        bindings = [(_binding(row), permissions.get(row.role, frozenset())) for row in found]
        return Rights(tuple(_grant(binding, allowed) for binding, allowed in bindings), _authority(bindings))

    async def rights_now(self, account_id: str) -> Rights:
        """Add up the bindings of an account and of the groups that it is in."""
        return await self.rights_of_account(account_id, await UserRows(self._store).live_groups(account_id))

    async def all(self) -> list[Role]:
        """Give all roles, the built-in ones first."""
        own = [Role(row.name, _permissions(row), built_in=False) for row in await rows.all_roles(self._store)]
        return [*(Role(name, permissions, built_in=True) for name, permissions in BUILT_IN.items()), *own]

    async def create(self, name: str, permissions: Iterable[str], by: str = "") -> Role:
        """Make a role. Raises InvalidInputError for a name or permission that cannot be, or a role that there is."""
        role = Role(_checked_name(name), _read(permissions), built_in=False)
        written = orjson.dumps(sorted(role.permissions)).decode()
        if name in BUILT_IN or not await rows.add_role(self._store, RoleRow(name, written, by, datetime.now(UTC))):
            raise InvalidInputError(f"there is a role {name} already", "$.name")
        return role

    async def change(self, name: str, permissions: Iterable[str], by: str = "") -> Role:
        """Replace what a role of one's own allows; who has it has the new rights at once.

        Raises NotFoundError, InvalidInputError, and ForbiddenError for a role that `by` has.
        """
        role = Role(name, _read(permissions), built_in=False)
        if name in BUILT_IN:
            raise InvalidInputError(f"{name} is built in", "$.name")
        if by and name in {grant.role for grant in (await self.rights_now(by)).grants}:
            raise ForbiddenError("changing a role that you have", "another admin, who does it")
        limited = any(each.role == name and not each.scope.everything for each in await self.bindings())
        if Permission.ADMIN in role.permissions and limited:
            raise InvalidInputError("holds admin, but a scope limits a binding of the role", "$.permissions")
        written = orjson.dumps(sorted(role.permissions)).decode()
        if not await rows.change_role(self._store, name, written):
            raise NotFoundError(f"The role {name}")
        return role

    async def delete(self, name: str) -> None:
        """Remove a role that nobody has; raises InvalidInputError for another, NotFoundError for an unknown one."""
        if name in BUILT_IN:
            raise InvalidInputError(f"{name} is built in", "$.name")
        if not await rows.drop_role(self._store, name):
            if name not in {row.name for row in await rows.all_roles(self._store)}:
                raise NotFoundError(f"The role {name}")
            raise InvalidInputError(f"somebody has the role {name}: end its bindings first", "$.name")

    async def bindings(self) -> list[Binding]:
        """Give all bindings, expired ones too, the oldest first."""
        return [_binding(row) for row in await rows.all_bindings(self._store)]

    async def bind(self, wanted: Wanted, by: str = "") -> Binding:
        """Give an account or group a role. Raises InvalidInputError for what cannot be, ForbiddenError for oneself."""
        await self._check(wanted)
        own = {ACCOUNT: {by}, GROUP: await UserRows(self._store).live_groups(by) if by else ()}
        if wanted.subject in own[wanted.subject_kind]:
            raise ForbiddenError("giving yourself a role", "another admin, who does it")
        scope, now = scope_json(wanted.scope), datetime.now(UTC)
        row = BindingRow(
            id=new_id("rb"),
            role=wanted.role,
            subject_kind=wanted.subject_kind,
            subject=wanted.subject,
            scope=scope,
            purpose=wanted.purpose,
            expires_at=wanted.expires_at,
            created_by=by,
            created_at=now,
        )
        await rows.add_binding(self._store, row)
        return _binding(row)

    async def unbind(self, binding_id: str) -> None:
        """End a binding; raises NotFoundError."""
        if not await rows.drop_binding(self._store, binding_id):
            raise NotFoundError(f"The binding {binding_id}")

    async def _check(self, wanted: Wanted) -> None:
        role = next((each for each in await self.all() if each.name == wanted.role), None)
        if role is None:
            raise InvalidInputError("is no role; `nexus role list` tells which there are", "$.role")
        if Permission.ADMIN in role.permissions and not wanted.scope.everything:
            raise InvalidInputError("limits a role that manages rights, which could lift every limit", "$.scope")
        if not 0 < len(wanted.subject) <= _SUBJECT_MOST or len(wanted.purpose) > _PURPOSE_MOST:
            raise InvalidInputError(f"is empty, or longer than {_SUBJECT_MOST} characters", "$.subject")
        if wanted.subject_kind not in (ACCOUNT, GROUP):
            raise InvalidInputError("is neither account nor group", "$.subject_kind")
        if wanted.subject_kind == ACCOUNT and not await rows.is_account(self._store, wanted.subject):
            raise InvalidInputError("is no account's id", "$.subject")
        if wanted.expires_at is not None and (
            wanted.expires_at.tzinfo is None or wanted.expires_at <= datetime.now(UTC)
        ):
            raise InvalidInputError("is past, or has no offset", "$.expires_at")


def binding(wanted: Wanted) -> Act:
    """Give what the audit log says of giving a role."""
    target = {"role": wanted.role, "subject_kind": wanted.subject_kind}
    ends = {"expires_at": wanted.expires_at.isoformat()} if wanted.expires_at else {}
    told = {"subject": wanted.subject, "scope": scope_json(wanted.scope), "purpose": wanted.purpose}
    return Act(Action.ROLE_BOUND, {**target, **ends}, told)


def _checked_name(name: str) -> str:
    if not _NAME.match(name):
        raise InvalidInputError("is no name: a small letter, then at most 62 of a-z, 0-9, _ and -", "$.name")
    return name


def _read(permissions: Iterable[str]) -> frozenset[Permission]:
    try:
        found = frozenset(map(Permission, permissions))
    except ValueError as error:
        known = ", ".join(sorted(Permission))
        raise InvalidInputError(f"holds what is no permission; there are {known}", "$.permissions") from error
    if not found:
        raise InvalidInputError("is empty", "$.permissions")
    return found


def _permissions(row: RoleRow) -> frozenset[Permission]:
    return frozenset(map(Permission, orjson.loads(row.permissions)))


def _binding(row: BindingRow) -> Binding:
    told = {name: getattr(row, name) for name in row.__slots__}
    return Binding(**{**told, "scope": read_scope(row.scope)})


def _grant(of: Binding, permissions: frozenset[Permission]) -> Grant:
    by = f" of the group {of.subject}" if of.subject_kind == GROUP else ""
    return Grant(permissions, of.scope, of.role, f"the role {of.role} by the binding {of.id}{by}")


def _authority(bindings: Sequence[tuple[Binding, frozenset[Permission]]]) -> Authority:
    """Give what events of the account may say, where a token would say `producer:NAMESPACES:DATASETS`.

    Limits to domains or classes cannot hold for events, which may tell of what nobody knows yet: such allow none.
    """
    if any(Permission.ADMIN in permissions for _, permissions in bindings):
        return EVERY_AUTHORITY
    ingest, harvest = (_reaches(bindings, each) for each in (Permission.INGEST, Permission.HARVEST))
    return Authority(
        jobs=tuple(pattern for reach in ingest for pattern in _patterns(reach.namespaces)),
        outputs=tuple(pattern for reach in ingest for pattern in _patterns(reach.datasets)),
        harvest=tuple(pattern for reach in harvest if reach.by_namespace for pattern in _patterns(reach.namespaces)),
        curator=any(of.scope.everything and Permission.CURATE in permissions for of, permissions in bindings),
    )


def _reaches(bindings: Sequence[tuple[Binding, frozenset[Permission]]], permission: Permission) -> Sequence[Reach]:
    found = (reach for of, permissions in bindings if permission in permissions for reach in of.scope.reaches)
    return [reach for reach in found if not reach.needs_attributes]


def _patterns(patterns: tuple[str, ...] | None) -> tuple[str, ...]:
    return ("*",) if patterns is None else patterns
