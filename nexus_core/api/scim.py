"""SCIM 2.0 (RFC 7644): how an identity provider makes, changes and ends its people and groups here (docs/sso.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from scim2_models import Context, PatchOp

from nexus_core.api.scim_answers import (
    Provisioning,
    Rows,
    ScimRoute,
    base_of,
    body_of,
    check_version,
    listed,
    provisioner,
    shown,
)
from nexus_core.api.scim_schemas import POLICY, Group, User, shown_group, shown_user, told, told_group
from nexus_core.api.services import Services, UsesServices
from nexus_core.governance.scim import Told, ToldGroup
from nexus_core.model.access import Caller
from nexus_core.store.scim_groups import ScimGroup
from nexus_core.store.scim_users import ScimUser

router = APIRouter(
    prefix="/scim/v2", route_class=ScimRoute, dependencies=[Depends(provisioner)], include_in_schema=False
)

Kept = TypeVar("Kept")
Said = TypeVar("Said")
KeptOut = TypeVar("KeptOut", covariant=True)
SaidIn = TypeVar("SaidIn", contravariant=True)


class Keeping(Protocol[KeptOut, SaidIn]):
    """Keeps what a provider tells, as `ScimUsers` keeps people and `ScimGroups` groups."""

    @property
    def rows(self) -> Rows[KeptOut]:
        """What is listed."""
        ...

    async def one(self, issuer: str, resource_id: str, /) -> KeptOut:
        """Give one; raises NotFoundError."""
        ...

    async def create(self, caller: Caller, issuer: str, told: SaidIn, /) -> KeptOut:
        """Make one; raises TakenError, InvalidInputError."""
        ...

    async def change(
        self, caller: Caller, issuer: str, resource_id: str, changed: Callable[[KeptOut], SaidIn], /
    ) -> KeptOut:
        """Change one by what `changed` makes of it."""
        ...

    async def remove(self, caller: Caller, issuer: str, resource_id: str, check: Callable[[KeptOut], None], /) -> None:
        """Remove one, unless `check` raises."""
        ...


@dataclass(frozen=True, slots=True)
class _Kind(Generic[Kept, Said]):
    """A kind of resource: who keeps it, how it is shown, and what is told of it.

    `replaced` gives what a PUT means, of what was sent and what there is.
    """

    model: Any
    keeping: Callable[[Services], Keeping[Kept, Said]]
    shown: Callable[[Kept, str], Any]
    told: Callable[[Any, Kept | None], Said]
    replaced: Callable[[Any, Any], Any]

    async def listing(self, request: Request, services: UsesServices, by: Provisioning) -> Response:
        """List by filter, a page at a time."""
        rows = self.keeping(services).rows
        return await listed(request, self.model, rows, by.issuer, lambda kept: self._shown(request, kept))

    async def creating(self, request: Request, services: UsesServices, by: Provisioning) -> Response:
        """Make one; a person takes over the account of the external id, if there is one."""
        asked = await _asked(request, self.model, Context.RESOURCE_CREATION_REQUEST)
        made = await self.keeping(services).create(by.caller, by.issuer, self.told(asked, None))
        return shown(request, self._shown(request, made), Context.RESOURCE_CREATION_RESPONSE, 201)

    async def getting(self, request: Request, services: UsesServices, by: Provisioning, resource_id: str) -> Response:
        """Give one."""
        found = await self.keeping(services).one(by.issuer, resource_id)
        return shown(request, self._shown(request, found), Context.RESOURCE_QUERY_RESPONSE)

    async def replacing(self, request: Request, services: UsesServices, by: Provisioning, resource_id: str) -> Response:
        """Replace one."""
        asked = await _asked(request, self.model, Context.RESOURCE_REPLACEMENT_REQUEST)

        def replaced(old: Kept) -> Said:
            return self.told(self.replaced(asked, self._checked(request, old)), old)

        found = await self.keeping(services).change(by.caller, by.issuer, resource_id, replaced)
        return shown(request, self._shown(request, found), Context.RESOURCE_REPLACEMENT_RESPONSE)

    async def patching(self, request: Request, services: UsesServices, by: Provisioning, resource_id: str) -> Response:
        """Change parts of one, as who belongs to a group."""
        asked = await _asked(request, _patch_of(self.model), Context.RESOURCE_PATCH_REQUEST)

        def patched(old: Kept) -> Said:
            resource = self._checked(request, old)
            asked.patch(resource, scim_policy=POLICY)
            return self.told(resource, old)

        found = await self.keeping(services).change(by.caller, by.issuer, resource_id, patched)
        return shown(request, self._shown(request, found), Context.RESOURCE_PATCH_RESPONSE)

    async def removing(self, request: Request, services: UsesServices, by: Provisioning, resource_id: str) -> None:
        """Remove one; a person's account ends."""

        def check(kept: Kept) -> None:
            self._checked(request, kept)

        await self.keeping(services).remove(by.caller, by.issuer, resource_id, check)

    def _shown(self, request: Request, kept: Kept) -> Any:
        return self.shown(kept, base_of(request))

    def _checked(self, request: Request, kept: Kept) -> Any:
        """Give one as it is shown; raises PreconditionFailedException if the request is meant for another version."""
        resource = self._shown(request, kept)
        check_version(request, resource)
        return resource


async def _asked(request: Request, model: Any, context: Context) -> Any:
    return model.model_validate(await body_of(request), scim_ctx=context, scim_policy=POLICY)


def _patch_of(model: Any) -> Any:
    return PatchOp[model]


def _user_told(user: Any, old: ScimUser | None) -> Told:
    return told(user) if old is None else told(user, old.is_active)


def _user_replaced(asked: Any, before: Any) -> Any:
    new = asked.model_copy(deep=True)
    new.replace(before)
    return new


def _route(kind: _Kind[Any, Any]) -> None:
    every = f"/{kind.model.__name__}s"
    one = f"{every}/{{resource_id}}"
    for path, method, answering, status in (
        (every, "GET", kind.listing, 200),
        (f"{every}/.search", "POST", kind.listing, 200),
        (every, "POST", kind.creating, 201),
        (one, "GET", kind.getting, 200),
        (one, "PUT", kind.replacing, 200),
        (one, "PATCH", kind.patching, 200),
        (one, "DELETE", kind.removing, 204),
    ):
        router.add_api_route(path, answering, methods=[method], status_code=status)


_PEOPLE: _Kind[ScimUser, Told] = _Kind(
    User, lambda services: services.scim_users, shown_user, _user_told, _user_replaced
)
_GROUPS: _Kind[ScimGroup, ToldGroup] = _Kind(
    Group,
    lambda services: services.scim_groups,
    shown_group,
    lambda group, _: told_group(group),
    lambda asked, _: asked,
)
_route(_PEOPLE)
_route(_GROUPS)
