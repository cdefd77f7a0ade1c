"""Which fields may hold personal data: proposals of harvests, which classify nothing by themselves."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from nexus_core.api.access import Reader
from nexus_core.api.services import UsesServices
from nexus_core.catalogue.hints import read_hints
from nexus_core.errors import InvalidInputError
from nexus_core.model.names import DatasetName
from nexus_core.model.personal import PersonalData

router = APIRouter(prefix="/api/v1/classifications", tags=["governance"])

_Part = Annotated[str | None, Query(min_length=1, max_length=2048)]


class ClassificationProposal(BaseModel):
    """That a field may hold a kind of personal data, with what speaks for it."""

    namespace: str
    name: str
    field: str
    data: PersonalData
    score: Annotated[int, Field(ge=0, le=100, description="How sure it is.")]
    reason: str
    event: Annotated[str, Field(description="The harvest's event that says so.")]


class ClassificationProposals(BaseModel):
    """A page of proposals; `next` is the `cursor` of the following one."""

    items: list[ClassificationProposal]
    next: str | None


@router.get("/proposals", operation_id="listClassificationProposals")
async def list_proposals(
    services: UsesServices,
    caller: Reader,
    namespace: _Part = None,
    name: _Part = None,
    score: Annotated[int, Query(ge=0, le=100, description="The lowest score.")] = 50,
    cursor: Annotated[str | None, Query(max_length=3000)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> ClassificationProposals:
    """List fields that may hold personal data, the surest first: of all datasets, or of one."""
    if (namespace is None) != (name is None):
        raise InvalidInputError("namespace and name belong together", "$.query")
    asked = DatasetName(namespace, name) if namespace and name else None
    aliases = await services.aliases.read(services.store)
    page = await read_hints(services.store, aliases, caller.scope, asked, score, cursor, limit)
    return ClassificationProposals(
        items=[
            ClassificationProposal(
                namespace=row.namespace,
                name=row.name,
                field=row.field,
                data=PersonalData(row.data),
                score=row.score,
                reason=row.reason,
                event=row.event_id,
            )
            for row in page.hints
        ],
        next=page.next,
    )
