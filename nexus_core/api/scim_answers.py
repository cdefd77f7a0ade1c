"""How SCIM 2.0 is answered (RFC 7644): its errors, versions, pages and filters."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Protocol, TypeVar

import orjson
from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from pydantic import ValidationError
from scim2_models import (
    Context,
    Error,
    ListResponse,
    PreconditionFailedException,
    SCIMException,
    ScimFilter,
    SearchRequest,
)
from scim2_models.path import CompareOperator, Comparison

from nexus_core.api.access import Identified
from nexus_core.api.errors import problem_of
from nexus_core.api.scim_schemas import POLICY
from nexus_core.errors import ForbiddenError, InvalidInputError, NexusError, TakenError
from nexus_core.governance.scim import name_key
from nexus_core.model.access import Caller
from nexus_core.store.scim_users import Equal

MEDIA_TYPE = "application/scim+json"
PAGE_MAX = 200
_PAGE = 100
_SCANNED = 500  # rows read at a time where a filter is applied here
_KEYS = {"id": "id", "externalid": "external_id"}
_NAMES = {"User": "username", "Group": "displayname"}

Kept = TypeVar("Kept")
Read = TypeVar("Read", covariant=True)


class Provisioner:
    """Who asks, and the identity provider whose people it manages."""

    def __init__(self, caller: Caller, issuer: str) -> None:
        self.caller, self.issuer = caller, issuer


async def provisioner(identity: Identified) -> Provisioner:
    """Give who manages the people of one provider; raises ForbiddenError."""
    if len(identity.issuers) != 1:
        raise ForbiddenError("managing people by SCIM", "a token with the one authority scim:ISSUER")
    return Provisioner(identity.caller, identity.issuers[0])


Provisioning = Annotated[Provisioner, Depends(provisioner)]
"""A route's parameter that receives for which provider people are managed."""


class ScimRoute(APIRoute):
    """A route whose failures are SCIM's errors."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Give the handler."""
        handler = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handler(request)
            except SCIMException as error:
                return _failed(error.to_error())
            except ValidationError as error:
                return _failed(Error.from_validation_errors(error)[0])
            except TakenError as error:
                return _failed(Error(status=HTTPStatus.CONFLICT, scim_type="uniqueness", detail=str(error)))
            except InvalidInputError as error:
                return _failed(Error(status=HTTPStatus.BAD_REQUEST, scim_type="invalidValue", detail=str(error)))
            except NexusError as error:
                problem = problem_of(error)
                return _failed(Error(status=problem.status, detail=problem.detail))

        return answer


def _failed(error: Error) -> Response:
    headers = {"WWW-Authenticate": "Bearer"} if error.status == HTTPStatus.UNAUTHORIZED else {}
    body = orjson.dumps(error.model_dump())
    return Response(body, error.status or HTTPStatus.BAD_REQUEST, headers, MEDIA_TYPE)


async def body_of(request: Request) -> Any:
    """Give a request's JSON; raises InvalidInputError."""
    try:
        return orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise InvalidInputError("the body is no JSON") from error


def base_of(request: Request) -> str:
    """Give the address of our SCIM routes, as who asks reaches them."""
    public = request.app.state.services.settings.api.public_url
    return f"{(public or str(request.base_url)).rstrip('/')}/scim/v2"


def shown(request: Request, resource: Any, context: Context, status: int = HTTPStatus.OK) -> Response:
    """Answer a resource with its version, or 304 if the one sent is still right."""
    asked = _asked(request, type(resource))
    headers = {"ETag": resource.meta.version, "Location": str(resource.meta.location)}
    if request.method == "GET" and _names(request.headers.get("if-none-match"), resource.meta.version):
        return Response(None, HTTPStatus.NOT_MODIFIED, headers)
    body = orjson.dumps(resource.model_dump(scim_ctx=context, response_parameters=asked))
    return Response(body, status, headers, MEDIA_TYPE)


def check_version(request: Request, resource: Any) -> None:
    """Raise PreconditionFailedException if a change is meant for another version."""
    sent = request.headers.get("if-match")
    if sent is not None and not _names(sent, resource.meta.version):
        raise PreconditionFailedException


def _names(sent: str | None, version: str) -> bool:
    named = [each.strip().removeprefix("W/") for each in (sent or "").split(",")]
    return "*" in named or version.removeprefix("W/") in named


def _asked(request: Request, model: Any) -> Any:
    return SearchRequest[model].model_validate(
        dict(request.query_params), scim_ctx=Context.RESOURCE_QUERY_REQUEST, scim_policy=POLICY
    )


async def _searched(request: Request, model: Any) -> Any:
    """Give what is asked for in the query, or in the body of a POST (RFC 7644 §3.4.3)."""
    if request.method != "POST":
        return _asked(request, model)
    body = await body_of(request)
    return SearchRequest[model].model_validate(body, scim_ctx=Context.SEARCH_REQUEST, scim_policy=POLICY)


class Rows(Protocol[Read]):
    """Reads what is listed."""

    async def some(self, issuer: str, limit: int, offset: int, equal: Equal | None = None) -> Sequence[Read]:
        """Give some, the oldest first."""
        ...

    async def count(self, issuer: str, equal: Equal | None = None) -> int:
        """Count them."""
        ...


async def listed(request: Request, model: Any, rows: Rows[Kept], issuer: str, show: Callable[[Kept], Any]) -> Response:
    """Answer a page of what matches the filter; what is not the equality of one key is compared with each."""
    asked = await _searched(request, model)
    start, count = asked.start_index or 1, min(PAGE_MAX, _PAGE if asked.count is None else asked.count)
    equal = _equal(model, asked.filter)
    if asked.filter is None or equal is not None:
        total = await rows.count(issuer, equal)
        page = [show(row) for row in await rows.some(issuer, count, start - 1, equal)]
    else:
        matching = await _matching(asked.filter, rows, issuer, show)
        total, page = len(matching), matching[start - 1 : start - 1 + count]
    answer = ListResponse[model](total_results=total, start_index=start, items_per_page=len(page), resources=page)
    told = answer.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=asked)
    return Response(orjson.dumps(told), media_type=MEDIA_TYPE)


async def _matching(of: ScimFilter[Any], rows: Rows[Kept], issuer: str, show: Callable[[Kept], Any]) -> list[Any]:
    found, offset = [], 0
    while some := await rows.some(issuer, _SCANNED, offset):
        found += [each for each in map(show, some) if of.match(each)]
        offset += len(some)
    return found


def _equal(model: Any, of: ScimFilter[Any] | None) -> Equal | None:
    """Give the key that a filter asks for, if it asks for nothing else."""
    node = of.ast if of is not None else None
    if not isinstance(node, Comparison) or node.op is not CompareOperator.eq or not isinstance(node.value, str):
        return None
    asked = node.attr_path.attr.lower() if node.attr_path.sub_attr is None else ""
    if asked == _NAMES[model.__name__]:
        return "name", name_key(node.value)
    return (_KEYS[asked], node.value) if asked in _KEYS else None
