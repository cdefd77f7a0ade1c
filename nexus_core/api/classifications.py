"""Classes of fields: what is enforced and why, what waits to be lowered, and the decisions of stewards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import zip_longest
from operator import attrgetter
from typing import Annotated, Any

from fastapi import APIRouter, Query

from nexus_core.api.access import Identified, Reader, check_step_up
from nexus_core.api.classifications_schemas import (
    ClassDecided,
    ClassDecision,
    ClassDefinition,
    ClassifiedDataset,
    ClassifiedDatasets,
    FieldClassification,
    InferenceRisk,
    Lowering,
    Lowerings,
    PathJob,
    PathStep,
    TaggedClass,
    TaggedClasses,
)
from nexus_core.api.cursors import closed, opened
from nexus_core.api.deciding import decide as send
from nexus_core.api.present_name import MOVED, PresentName
from nexus_core.api.services import Services, UsesServices
from nexus_core.catalogue.paging import visible_page
from nexus_core.classification.asking import FieldClass, Hop, read_field_class
from nexus_core.classification.deciding import Asked, decision, definition
from nexus_core.classification.reading import read_classes
from nexus_core.classification.sentence import sentence
from nexus_core.errors import ForbiddenError, InvalidInputError, NotFoundError
from nexus_core.events.decision import may_decide
from nexus_core.governance.identity import Identity
from nexus_core.model.access import Permission, Scope
from nexus_core.model.class_fields import REST
from nexus_core.model.classes import CLASSIFICATION, HIGHEST_RANK, PUBLIC, Act
from nexus_core.model.decision import Decision
from nexus_core.model.moments import moment
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from nexus_core.store.class_proposals import TaggedRow, tagged
from nexus_core.store.classes import DatasetClassRow, RequestRow, classified, read_generation, requests
from nexus_core.store.database import reading
from nexus_core.store.dataset_access import visible_in
from nexus_core.store.ledger import Ledger

router = APIRouter(prefix="/api/v1/classifications", tags=["governance"])

_Part = Annotated[str, Query(min_length=1, max_length=2048)]
_Cursor = Annotated[str | None, Query(max_length=6000)]
_Limit = Annotated[int, Query(ge=1, le=500)]


@router.get("", operation_id="listClassifications")
async def list_classified(
    services: UsesServices,
    caller: Reader,
    classification: Annotated[list[str], Query(max_length=50, description="Any of these; repeat it.")] = [],  # noqa: B006
    cursor: _Cursor = None,
    limit: _Limit = 100,
) -> ClassifiedDatasets:
    """List datasets that hold something classified, by name, and the classes that there are."""
    async with Ledger(services.store).reading() as ledger:
        ranks = (await read_classes(ledger)).ranks
    wanted = classification or [name for name in ranks if name != PUBLIC]
    namespace, name = opened(cursor, (str, str)) if cursor else ("", "")
    async with reading(services.main) as connection:
        generation = await read_generation(connection)

        async def some(last: DatasetClassRow | None, count: int) -> Sequence[DatasetClassRow]:
            after = (last.namespace, last.name) if last else (namespace, name)
            return await classified(connection, wanted, count, after)

        page = await visible_page(services.store, caller.scope, some, attrgetter("dataset"), limit)
    rows = page.rows
    return ClassifiedDatasets(
        items=[
            ClassifiedDataset(
                namespace=row.namespace, name=row.name, classification=row.class_name, suspected=row.suspected
            )
            for row in rows
        ],
        classes=[ClassDefinition(name=name, rank=rank) for name, rank in sorted(ranks.items(), key=lambda of: of[1])],
        generation=generation.generation,
        complete_at=moment(generation.complete_at),
        next=closed(rows[-1].namespace, rows[-1].name) if page.more else None,
    )


@router.get("/field", operation_id="getFieldClassification", dependencies=[PresentName], responses=MOVED)
async def get_field(
    services: UsesServices,
    caller: Reader,
    namespace: _Part,
    name: _Part,
    field: Annotated[str, Query(max_length=2048, description="Empty for the whole dataset.")] = "",
) -> FieldClassification:
    """Give the class that is enforced of a field, the path that it comes by, and what may give it away."""
    aliases = await services.aliases.read(services.store)
    asked = DatasetName(namespace, name)
    return _answer(await read_field_class(services.main, services.store, aliases, caller.scope, asked, field))


@router.get("/lowerings", operation_id="listLowerings")
async def list_lowerings(
    services: UsesServices, caller: Reader, cursor: _Cursor = None, limit: _Limit = 100
) -> Lowerings:
    """List classes that could be lower and wait for a steward to approve it."""
    key, field = opened(cursor, (str, str)) if cursor else ("", "")
    async with reading(services.main) as connection:

        async def some(last: RequestRow | None, count: int) -> Sequence[RequestRow]:
            return await requests(connection, count, (last.dataset_key, last.field) if last else (key, field))

        page = await visible_page(services.store, caller.scope, some, attrgetter("dataset"), limit)
    last = page.rows[-1] if page.more else None
    return Lowerings(
        items=[_lowering(row) for row in page.rows],
        next=closed(last.dataset_key, last.field) if last else None,
    )


@router.get("/tagged", operation_id="listTaggedClasses")
async def list_tagged(
    services: UsesServices, caller: Reader, cursor: _Cursor = None, limit: _Limit = 100
) -> TaggedClasses:
    """List classes that tags of events propose: a tag classifies nothing until a steward decides."""
    key, field = opened(cursor, (str, str)) if cursor else ("", "")
    aliases = await services.aliases.read(services.store)
    async with reading(services.store) as connection:

        async def some(last: TaggedRow | None, count: int) -> Sequence[TaggedRow]:
            return await tagged(connection, count, (last.dataset_key, last.field) if last else (key, field))

        page = await visible_page(services.store, caller.scope, some, lambda row: aliases.of(row.dataset), limit)
    last = page.rows[-1] if page.more else None
    return TaggedClasses(
        items=[_tagged(row, aliases.of(row.dataset)) for row in page.rows],
        next=closed(last.dataset_key, last.field) if last else None,
    )


@router.post("/decisions", operation_id="decideClassification", status_code=201)
async def decide(services: UsesServices, identity: Identified, asked: ClassDecision) -> ClassDecided:
    """Decide about classes; needs the permission govern, there, or the curator authority.

    The decision is an event, which counts once it is merged.
    """
    where = _deciding_where(identity)
    aliases = await services.aliases.read(services.store)
    name, account = DatasetName(asked.namespace, asked.name), identity.caller.account_id
    if not await visible_in(services.store, where, [aliases.of(canonical(name))]):
        raise NotFoundError(f"dataset {asked.name} in {asked.namespace}")
    told = Asked(Act(asked.action), name, asked.fields, asked.class_name, _details(asked), account)
    return await _send(services, identity, await decision(services.main, services.store, aliases, told))


@router.put("/classes/{name}", operation_id="defineClass", status_code=201)
async def define(
    services: UsesServices,
    identity: Identified,
    name: str,
    rank: Annotated[int, Query(ge=1, le=HIGHEST_RANK, description="Confidential has 100, PII 200.")],
) -> ClassDecided:
    """Define a class, or raise its rank; needs the permission govern everywhere, or the curator authority."""
    if not _deciding_where(identity).everything:
        raise ForbiddenError("a decision about classes of everything", "the permission govern without a limit of scope")
    if not name.strip() or len(name) > 100:
        raise InvalidInputError("must be 1 to 100 characters", "$.path.name")
    return await _send(services, identity, definition(name, rank))


def _tagged(row: TaggedRow, name: DatasetName) -> TaggedClass:
    return TaggedClass(
        namespace=name.namespace,
        name=name.name,
        field=row.field,
        classification=row.class_name,
        event=row.event_id,
    )


def _deciding_where(identity: Identity) -> Scope:
    """Give where the caller may decide; raises ForbiddenError for who may nowhere."""
    caller = identity.caller
    if caller.may(Permission.GOVERN):
        return caller.scope_of(Permission.GOVERN)
    if may_decide(identity.authority, CLASSIFICATION):
        return caller.scope
    check_step_up(identity)
    raise ForbiddenError("a decision about classes", "the permission govern or the authority curator")


async def _send(services: Services, identity: Identity, decided: Decision) -> ClassDecided:
    return ClassDecided(event=await send(services, identity, decided, datetime.now(UTC)))


def _details(asked: ClassDecision) -> dict[str, Any]:
    if asked.action == "breaker":
        if asked.job is None or asked.breaks is None or asked.class_name is None:
            raise InvalidInputError("a breaker needs job, breaks and class", "$.job")
        return {"job": [asked.job.namespace, asked.job.name], "breaks": asked.breaks, "least": asked.least}
    if asked.action == "unbreak":
        if asked.breaker is None:
            raise InvalidInputError("the event of the breaker is missing", "$.breaker")
        return {"breaker": asked.breaker}
    return {}


def _answer(found: FieldClass) -> FieldClassification:
    return FieldClassification(
        namespace=found.name.namespace,
        name=found.name.name,
        field=found.field,
        classification=found.class_name,
        suspected=not found.level.certain,
        generation=found.generation,
        pinned=found.pinned,
        path=[_step(hop, source) for hop, source in zip_longest(found.path, found.path[1:])],
        sentence=sentence(found),
        risks=[
            InferenceRisk(
                namespace=risk.name.namespace,
                name=risk.name.name,
                field=risk.field,
                kind=risk.subtype,
                classification=risk.level.name,
            )
            for risk in found.risks
        ],
        lowering=_lowering(found.request) if found.request else None,
    )


def _step(hop: Hop, source: Hop | None) -> PathStep:
    """Show a hop; what brought the class from a dataset that is hidden is hidden too."""
    if hop.name is None or hop.level is None:
        return PathStep(hidden=True)
    is_told = source is None or source.name is not None
    origin, is_rest = hop.origin or {}, hop.field.startswith(REST)
    job = origin.get("job") if is_told else None
    return PathStep(
        namespace=hop.name.namespace,
        name=hop.name.name,
        field="" if is_rest else hop.field,
        classification=hop.level.name,
        suspected=not hop.level.certain,
        rest=is_rest,
        known=list(origin.get("known", ())),
        job=PathJob(namespace=job[0], name=job[1]) if job else None,
        event=origin.get("event") if is_told else None,
    )


def _lowering(row: RequestRow) -> Lowering:
    return Lowering(
        namespace=row.namespace,
        name=row.name,
        field=row.field,
        classification=row.from_class,
        suspected=row.from_suspected,
        becomes=row.to_class,
        reason=row.reason,
    )
