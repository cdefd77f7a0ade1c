"""What our SCIM service can do, in its own words (RFC 7644 §4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from fastapi import APIRouter, Depends, HTTPException, Request, Response
from scim2_models import (
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    Context,
    ETag,
    Filter,
    ForbiddenException,
    ListResponse,
    Meta,
    NotFoundException,
    NotImplementedException,
    Patch,
    ResourceType,
    Schema,
    ServiceProviderConfig,
    Sort,
)

from nexus_core.api.scim_answers import MEDIA_TYPE, PAGE_MAX, ScimRoute, base_of, provisioner
from nexus_core.api.scim_schemas import Group, User

router = APIRouter(
    prefix="/scim/v2", route_class=ScimRoute, dependencies=[Depends(provisioner)], include_in_schema=False
)
_READ_ONLY = ("ServiceProviderConfig", "ResourceTypes", "Schemas")
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@router.get("/ServiceProviderConfig")
async def get_config(request: Request) -> Response:
    """Tell what is supported."""
    bearer = AuthenticationScheme(
        type="oauthbearertoken", name="Bearer token", description="`nexus token create NAME --authority scim:ISSUER`"
    )
    config = ServiceProviderConfig(
        patch=Patch(supported=True),
        bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
        filter=Filter(supported=True, max_results=PAGE_MAX),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=False),
        etag=ETag(supported=True),
        authentication_schemes=[bearer],
    )
    return _answer(_placed(config, f"{base_of(request)}/ServiceProviderConfig"))


@router.get("/ResourceTypes")
async def list_resource_types(request: Request) -> Response:
    """List what there is."""
    return _list(request, ResourceType, _resource_types(request))


@router.get("/ResourceTypes/{name}")
async def get_resource_type(request: Request, name: str) -> Response:
    """Give one of them."""
    return _one(request, _resource_types(request), name)


@router.get("/Schemas")
async def list_schemas(request: Request) -> Response:
    """List the attributes of what there is."""
    return _list(request, Schema, _schemas(request))


@router.get("/Schemas/{urn}")
async def get_schema(request: Request, urn: str) -> Response:
    """Give those of one."""
    return _one(request, _schemas(request), urn)


@router.api_route("/{path:path}", methods=_METHODS)
async def unknown(path: str) -> Response:
    """Answer what there is not, and what nobody may change."""
    if path.partition("/")[0] in _READ_ONLY:
        raise HTTPException(405, headers={"Allow": "GET"})
    if path == ".search":  # of people and groups at once
        raise NotImplementedException
    raise NotFoundException


def _resource_types(request: Request) -> list[ResourceType]:
    of = [ResourceType.from_resource(model) for model in (User, Group)]
    return [_placed(each, f"{base_of(request)}/ResourceTypes/{each.id}") for each in of]


def _schemas(request: Request) -> list[Schema]:
    of = [model.to_schema() for model in (User, Group)]
    return [_placed(each, f"{base_of(request)}/Schemas/{each.id}") for each in of]


def _placed(resource: Any, location: str) -> Any:
    resource.meta = Meta(resource_type=type(resource).__name__, location=location)
    return resource


def _refuse_filter(request: Request) -> None:
    """Refuse a filter, as RFC 7644 §4 asks."""
    if "filter" in request.query_params:
        raise ForbiddenException


def _one(request: Request, of: Sequence[Any], asked: str) -> Response:
    _refuse_filter(request)
    found = next((each for each in of if each.id == asked), None)
    if found is None:
        raise NotFoundException
    return _answer(found)


def _list(request: Request, model: Any, of: Sequence[Any]) -> Response:
    _refuse_filter(request)
    answer = ListResponse[model](total_results=len(of), start_index=1, items_per_page=len(of), resources=list(of))
    return _answer(answer)


def _answer(found: Any) -> Response:
    return Response(orjson.dumps(found.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE)), media_type=MEDIA_TYPE)
