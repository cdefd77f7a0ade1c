"""Retirements: what ended or is held, and what stewards decide about it. Decisions are events in the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from nexus_core.api.access import Identified, Steward
from nexus_core.api.deciding import decide
from nexus_core.api.retirement_schemas import (
    ClosingRequest,
    Decided,
    GuardSetting,
    JobRef,
    ObjectName,
    RetiredObject,
    RetirementRequest,
    RetirementSummary,
    StaleOutputOf,
    StaleOutputs,
    VerdictRequest,
)
from nexus_core.api.services import Services, UsesServices
from nexus_core.catalogue.retirements import visible_retirements
from nexus_core.catalogue.stale import stale_outputs
from nexus_core.errors import ForbiddenError, InvalidInputError, NotFoundError
from nexus_core.governance.identity import Identity
from nexus_core.graph.read_jobs import read_job_sight
from nexus_core.model.access import Caller, Permission
from nexus_core.model.decision import DecidedObject, Decision, ObjectKind
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.naming import canonical, canonical_namespace
from nexus_core.model.retirement import (
    CLOSE,
    DEFAULT_LEAST,
    DEFAULT_SHARE,
    RETIREMENT,
    RetiredBy,
    RetiredKind,
    RetirementState,
)
from nexus_core.store import catalogue
from nexus_core.store.dataset_access import lookup_in, visible_in
from nexus_core.store.retirements import Retirement, guard_of, retirement, retirements
from nexus_core.store.stale import Patience

router = APIRouter(prefix="/api/v1/retirements", tags=["lifecycle"])

_SHOWN = 1_000
Source = Annotated[str, Query(min_length=1, max_length=2048, description="The source's dataset namespace.")]


@router.get("", operation_id="listRetirements")
async def list_retirements(
    services: UsesServices,
    caller: Steward,
    state: Annotated[
        Literal["held", "ended", "undone"], Query(description="Only those with objects in this state.")
    ] = "held",
    source: Source | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[RetirementSummary]:
    """List the newest retirements: by default those that wait for a steward."""
    wanted = canonical_namespace(source) if source else None
    scope, size = caller.scope_of(Permission.CURATE), limit
    while True:
        found = await retirements(services.store, RetirementState(state), wanted, size)
        shown = [each for each in await visible_retirements(services.store, scope, found) if each.has(state)]
        if len(shown) >= limit or len(found) < size:
            return [_summary(each) for each in shown[:limit]]
        size *= 4


@router.post("", operation_id="retire", status_code=201)
async def retire(services: UsesServices, identity: Identified, _caller: Steward, asked: RetirementRequest) -> Decided:
    """Retire datasets and jobs, or restore them: they end, or are back, at a moment. 404 names the first unknown."""
    for each in asked.objects:
        await _require(services, identity, each)
    at = _aware(asked.at or datetime.now(UTC))
    objects = tuple(DecidedObject(each.namespace, each.name, each.kind) for each in asked.objects)
    decision = Decision(RETIREMENT, asked.action, objects, canonical_namespace(objects[0].namespace))
    return await _decide(services, identity, decision, at)


@router.get("/guard", operation_id="getRetirementGuard")
async def get_guard(services: UsesServices, caller: Steward, source: Source) -> GuardSetting:
    """Give how much one harvest of a source may retire before it is held."""
    found = await guard_of(services.store, canonical_namespace(source))
    if found is None or not caller.scope_of(Permission.CURATE).sees_whole(canonical_namespace(source)):
        return GuardSetting(source=source, share=DEFAULT_SHARE, least=DEFAULT_LEAST)
    return GuardSetting(source=source, share=found.share, least=found.least, since=found.since)


@router.put("/guard", operation_id="setRetirementGuard")
async def set_guard(services: UsesServices, identity: Identified, caller: Steward, asked: GuardSetting) -> Decided:
    """Set how much harvests of a source may retire, from `since` (default now) on."""
    if not caller.scope_of(Permission.CURATE).sees_whole(canonical_namespace(asked.source)):
        raise ForbiddenError(f"limits of {asked.source}", "the permission curate for all of that source")
    details = {"share": asked.share, "least": asked.least}
    decision = Decision(RETIREMENT, "guard", (), canonical_namespace(asked.source), details)
    return await _decide(services, identity, decision, asked.since or datetime.now(UTC))


@router.get("/stale", operation_id="listStaleOutputs")
async def list_stale(
    services: UsesServices,
    caller: Steward,
    runs: Annotated[int | None, Query(ge=1, le=100_000, description="Absent: NEXUS_RETENTION__STALE_RUNS.")] = None,
    days: Annotated[int | None, Query(ge=1, le=100_000, description="Absent: NEXUS_RETENTION__STALE_DAYS.")] = None,
) -> list[StaleOutputs]:
    """List outputs that later runs of their job did not write, where nothing tells whether its source changed."""
    kept = services.settings.retention
    patience = Patience(runs or kept.stale_runs, days or kept.stale_days)
    found = await stale_outputs(services.store, patience, caller.scope_of(Permission.CURATE))
    return [
        StaleOutputs(
            job=JobRef(namespace=job.namespace, name=job.name),
            outputs=[
                StaleOutputOf(
                    namespace=each.output.namespace,
                    name=each.output.name,
                    seen_at=each.seen_at,
                    run_count=each.run_count,
                    last_run_at=each.last_run_at,
                )
                for each in of
            ],
        )
        for job, of in groupby(found, key=attrgetter("job"))
    ]


@router.post("/outputs", operation_id="closeOutputs", status_code=201)
async def close_outputs(
    services: UsesServices, identity: Identified, _caller: Steward, asked: ClosingRequest
) -> Decided:
    """Say that a job no longer writes outputs: what it claims of them ends. Its next run that writes one revives it."""
    for each in asked.outputs:
        await _require(services, identity, ObjectName(namespace=each.namespace, name=each.name))
    at = _aware(asked.at or datetime.now(UTC))
    objects = tuple(DecidedObject(each.namespace, each.name) for each in asked.outputs)
    job = {"namespace": asked.job.namespace, "name": asked.job.name}
    decision = Decision(RETIREMENT, CLOSE, objects, f"{asked.job.namespace} {asked.job.name}", {"job": job})
    return await _decide(services, identity, decision, at)


@router.get("/{retirement_id}", operation_id="getRetirement")
async def get_retirement(services: UsesServices, caller: Steward, retirement_id: str) -> RetirementSummary:
    """Give one retirement."""
    return _summary(await _found(services, caller, retirement_id))


@router.post("/{retirement_id}/confirm", operation_id="confirmRetirement", status_code=201)
async def confirm(
    services: UsesServices, identity: Identified, caller: Steward, retirement_id: str, asked: VerdictRequest
) -> Decided:
    """Let objects that a harvest lacked end, at the time of that harvest: those that are held, or were undone."""
    found = await _found(services, caller, retirement_id)
    if found.by is not RetiredBy.HARVEST:
        raise InvalidInputError("is no harvest's retirement: only those are held", "$.path.retirement_id")
    possible = (RetirementState.HELD,) if asked.objects is None else (RetirementState.HELD, RetirementState.UNDONE)
    return await _judge(services, identity, found, "confirm", asked, possible)


@router.post("/{retirement_id}/undo", operation_id="undoRetirement", status_code=201)
async def undo(
    services: UsesServices, identity: Identified, caller: Steward, retirement_id: str, asked: VerdictRequest
) -> Decided:
    """Take ends back, or refuse those that are held; edges hold again as if the object had never ended.

    What a harvest lacked is then kept until a harvest lists it again.
    """
    found = await _found(services, caller, retirement_id)
    return await _judge(services, identity, found, "undo", asked, (RetirementState.HELD, RetirementState.ENDED))


async def _judge(
    services: Services,
    identity: Identity,
    of: Retirement,
    action: str,
    asked: VerdictRequest,
    possible: Collection[RetirementState],
) -> Decided:
    meant = None if asked.objects is None else {_name(each) for each in asked.objects}
    objects = tuple(
        DecidedObject(each.namespace, each.name, ObjectKind.JOB if each.kind is RetiredKind.JOB else ObjectKind.DATASET)
        for each in of.objects
        if each.state in possible and (meant is None or (each.namespace, each.name) in meant)
    )
    if not objects:
        raise NotFoundError(f"An object of the retirement {of.id} that it is possible for")
    details: dict[str, Any] = {"harvest" if of.by is RetiredBy.HARVEST else "event": of.id}
    if of.job is not None:
        details["job"] = {"namespace": of.job.namespace, "name": of.job.name}
    return await _decide(
        services, identity, Decision(RETIREMENT, action, objects, of.source, details), datetime.now(UTC)
    )


async def _decide(services: Services, identity: Identity, decision: Decision, at: datetime) -> Decided:
    return Decided(id=await decide(services, identity, decision, at), object_count=len(decision.objects))


async def _found(services: Services, caller: Caller, retirement_id: str) -> Retirement:
    """Give what is visible of a retirement; raises NotFoundError if nothing is."""
    found = await retirement(services.store, retirement_id)
    scope = caller.scope_of(Permission.CURATE)
    shown = await visible_retirements(services.store, scope, [found]) if found else []
    if not shown:
        raise NotFoundError(f"The retirement {retirement_id}")
    return shown[0]


async def _require(services: Services, identity: Identity, each: ObjectName) -> None:
    """Raise NotFoundError for a dataset or job that is unknown or invisible."""
    job, scope = each.kind is ObjectKind.JOB, identity.caller.scope_of(Permission.CURATE)
    name = JobName(each.namespace, each.name) if job else canonical(DatasetName(each.namespace, each.name))
    visible = whole = True
    if isinstance(name, JobName):
        timeout_s = services.settings.graph.query_timeout_s
        visible, whole = await read_job_sight(services.graph, name, scope, timeout_s, lookup_in(services.store))
    else:
        visible = bool(await visible_in(services.store, scope, [name]))
    if not visible or await catalogue.owner(services.store, node_key(name.id), jobs=job) is None:
        raise NotFoundError(f"{each.kind} {each.name} in {each.namespace}")
    if not whole:
        raise ForbiddenError(f"deciding about {each.name}", "the permission curate for all that it touches")


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise InvalidInputError("has no offset: end it with Z or, for example, +01:00", "$.at")
    return at


def _name(each: ObjectName) -> tuple[str, str]:
    if each.kind is ObjectKind.JOB:
        return each.namespace, each.name
    name = canonical(DatasetName(each.namespace, each.name))
    return name.namespace, name.name


def _summary(of: Retirement) -> RetirementSummary:
    return RetirementSummary(
        id=of.id,
        by=of.by,
        source=of.source,
        at=of.at,
        known_at=of.known_at,
        counts=_counts(each.state for each in of.objects),
        object_count=len(of.objects),
        objects=[
            RetiredObject(namespace=each.namespace, name=each.name, kind=each.kind, state=each.state)
            for each in of.objects[:_SHOWN]
        ],
        job=JobRef(namespace=of.job.namespace, name=of.job.name) if of.job else None,
        scope=of.scope,
        covered_count=of.covered_count,
        share=of.share,
        least=of.least,
    )


def _counts(states: Iterable[RetirementState]) -> dict[str, int]:
    return dict(sorted(Counter(state.value for state in states).items()))
