"""SCIM 2.0 (RFC 7644): how an identity provider makes, changes and ends its people and groups here (docs/sso.md)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from scim2_models import Context, PatchOp

from nexus_core.api.scim_answers import (
    Provisioning,
    ScimRoute,
    base_of,
    body_of,
    check_version,
    listed,
    provisioner,
    shown,
)
from nexus_core.api.scim_schemas import POLICY, Group, User, shown_group, shown_user, told, told_group
from nexus_core.api.services import UsesServices
from nexus_core.governance.scim import Told, ToldGroup
from nexus_core.store.scim_groups import ScimGroup
from nexus_core.store.scim_users import ScimUser

router = APIRouter(
    prefix="/scim/v2", route_class=ScimRoute, dependencies=[Depends(provisioner)], include_in_schema=False
)


@router.get("/Users")
@router.post("/Users/.search")
async def list_users(request: Request, services: UsesServices, by: Provisioning) -> Response:
    """List people by filter, a page at a time."""
    return await listed(
        request, User, services.scim_users.rows, by.issuer, lambda user: shown_user(user, base_of(request))
    )


@router.post("/Users")
async def create_user(request: Request, services: UsesServices, by: Provisioning) -> Response:
    """Make a person, who takes over the account of the external id, if there is one."""
    asked = await _asked(request, User, Context.RESOURCE_CREATION_REQUEST)
    made = await services.scim_users.create(by.caller, by.issuer, told(asked))
    return shown(request, shown_user(made, base_of(request)), Context.RESOURCE_CREATION_RESPONSE, 201)


@router.get("/Users/{user_id}")
async def get_user(request: Request, services: UsesServices, by: Provisioning, user_id: str) -> Response:
    """Give a person."""
    found = await services.scim_users.one(by.issuer, user_id)
    return shown(request, shown_user(found, base_of(request)), Context.RESOURCE_QUERY_RESPONSE)


@router.put("/Users/{user_id}")
async def replace_user(request: Request, services: UsesServices, by: Provisioning, user_id: str) -> Response:
    """Replace a person."""
    asked = await _asked(request, User, Context.RESOURCE_REPLACEMENT_REQUEST)

    def replaced(old: ScimUser) -> Told:
        before = shown_user(old, base_of(request))
        check_version(request, before)
        new = asked.model_copy(deep=True)
        new.replace(before)
        return told(new, old.is_active)

    found = await services.scim_users.change(by.caller, by.issuer, user_id, replaced)
    return shown(request, shown_user(found, base_of(request)), Context.RESOURCE_REPLACEMENT_RESPONSE)


@router.patch("/Users/{user_id}")
async def patch_user(request: Request, services: UsesServices, by: Provisioning, user_id: str) -> Response:
    """Change parts of a person."""
    asked = await _asked(request, PatchOp[User], Context.RESOURCE_PATCH_REQUEST)

    def patched(old: ScimUser) -> Told:
        resource = shown_user(old, base_of(request))
        check_version(request, resource)
        asked.patch(resource, scim_policy=POLICY)
        return told(resource, old.is_active)

    found = await services.scim_users.change(by.caller, by.issuer, user_id, patched)
    return shown(request, shown_user(found, base_of(request)), Context.RESOURCE_PATCH_RESPONSE)


@router.delete("/Users/{user_id}", status_code=204)
async def remove_user(request: Request, services: UsesServices, by: Provisioning, user_id: str) -> None:
    """Forget a person and end the account."""
    await services.scim_users.remove(
        by.caller, by.issuer, user_id, lambda user: check_version(request, shown_user(user, base_of(request)))
    )


@router.get("/Groups")
@router.post("/Groups/.search")
async def list_groups(request: Request, services: UsesServices, by: Provisioning) -> Response:
    """List groups by filter, a page at a time."""
    return await listed(
        request, Group, services.scim_groups.rows, by.issuer, lambda group: shown_group(group, base_of(request))
    )


@router.post("/Groups")
async def create_group(request: Request, services: UsesServices, by: Provisioning) -> Response:
    """Make a group."""
    asked = await _asked(request, Group, Context.RESOURCE_CREATION_REQUEST)
    made = await services.scim_groups.create(by.caller, by.issuer, told_group(asked))
    return shown(request, shown_group(made, base_of(request)), Context.RESOURCE_CREATION_RESPONSE, 201)


@router.get("/Groups/{group_id}")
async def get_group(request: Request, services: UsesServices, by: Provisioning, group_id: str) -> Response:
    """Give a group."""
    found = await services.scim_groups.one(by.issuer, group_id)
    return shown(request, shown_group(found, base_of(request)), Context.RESOURCE_QUERY_RESPONSE)


@router.put("/Groups/{group_id}")
async def replace_group(request: Request, services: UsesServices, by: Provisioning, group_id: str) -> Response:
    """Replace a group."""
    asked = await _asked(request, Group, Context.RESOURCE_REPLACEMENT_REQUEST)

    def replaced(old: ScimGroup) -> ToldGroup:
        check_version(request, shown_group(old, base_of(request)))
        return told_group(asked)

    found = await services.scim_groups.change(by.caller, by.issuer, group_id, replaced)
    return shown(request, shown_group(found, base_of(request)), Context.RESOURCE_REPLACEMENT_RESPONSE)


@router.patch("/Groups/{group_id}")
async def patch_group(request: Request, services: UsesServices, by: Provisioning, group_id: str) -> Response:
    """Change parts of a group, as who belongs to it."""
    asked = await _asked(request, PatchOp[Group], Context.RESOURCE_PATCH_REQUEST)

    def patched(old: ScimGroup) -> ToldGroup:
        resource = shown_group(old, base_of(request))
        check_version(request, resource)
        asked.patch(resource, scim_policy=POLICY)
        return told_group(resource)

    found = await services.scim_groups.change(by.caller, by.issuer, group_id, patched)
    return shown(request, shown_group(found, base_of(request)), Context.RESOURCE_PATCH_RESPONSE)


@router.delete("/Groups/{group_id}", status_code=204)
async def remove_group(request: Request, services: UsesServices, by: Provisioning, group_id: str) -> None:
    """Remove a group."""
    await services.scim_groups.remove(
        by.caller, by.issuer, group_id, lambda group: check_version(request, shown_group(group, base_of(request)))
    )


async def _asked(request: Request, model: Any, context: Context) -> Any:
    return model.model_validate(await body_of(request), scim_ctx=context, scim_policy=POLICY)
