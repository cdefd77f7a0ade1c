"""The glossary, domains and data products: lists; each is edited as the facet `content` (docs/curation.md)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from nexus_core.api.access import Reader
from nexus_core.api.curating import shown_value
from nexus_core.api.curation_schemas import CuratedObject, CuratedObjects
from nexus_core.api.services import Services, UsesServices
from nexus_core.governance.curation import tag_of
from nexus_core.model.access import Caller
from nexus_core.model.curation import Facet, SubjectKind
from nexus_core.store.curation import Version, objects_of

router = APIRouter(prefix="/api/v1", tags=["curation"])

_After = Annotated[str, Query(max_length=100, description="The name behind which the page starts.")]
_Limit = Annotated[int, Query(ge=1, le=500)]


@router.get("/glossary", operation_id="listTerms")
async def list_terms(services: UsesServices, caller: Reader, after: _After = "", limit: _Limit = 100) -> CuratedObjects:
    """List the terms of the glossary by name, with their relations."""
    return await _page(services, caller, SubjectKind.TERM, after, limit)


@router.get("/domains", operation_id="listDomains")
async def list_domains(
    services: UsesServices, caller: Reader, after: _After = "", limit: _Limit = 100
) -> CuratedObjects:
    """List the domains by name."""
    return await _page(services, caller, SubjectKind.DOMAIN, after, limit)


@router.get("/products", operation_id="listProducts")
async def list_products(
    services: UsesServices, caller: Reader, after: _After = "", limit: _Limit = 100
) -> CuratedObjects:
    """List the data products by name, each with those of its datasets that you may see."""
    return await _page(services, caller, SubjectKind.PRODUCT, after, limit)


async def _page(services: Services, caller: Caller, kind: SubjectKind, after: str, limit: int) -> CuratedObjects:
    found = await objects_of(services.main, kind, after, limit + 1)
    items = [_item(each, await shown_value(services, caller, Facet.CONTENT, each.value)) for each in found[:limit]]
    return CuratedObjects(items=items, next=items[-1].name if len(found) > limit else None)


def _item(version: Version, value: dict[str, Any]) -> CuratedObject:
    return CuratedObject(
        kind=version.kind,
        name=version.name,
        value=value,
        etag=tag_of(version),
        version=version.version,
        changed_at=version.at,
    )
