"""The catalogue: search, and one dataset."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Query, Response

from nexus_core.api.access import Reader
from nexus_core.api.present_name import MOVED, PresentName
from nexus_core.api.schemas import (
    DatasetDetail,
    DatasetPage,
    DatasetSummary,
    FacetCount,
    FieldDetail,
    JobSummary,
    Lifecycle,
    RecentChange,
    SchemaVersion,
)
from nexus_core.api.services import Services, UsesServices
from nexus_core.api.usage_schemas import UsageSummary
from nexus_core.catalogue import merged
from nexus_core.catalogue.detail import Dataset, TouchingJob, read_dataset
from nexus_core.catalogue.search import Page, find_datasets
from nexus_core.classification.enforced import read_enforced
from nexus_core.model.aliases import Aliases
from nexus_core.model.classes import PUBLIC, UNDECIDED
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.naming import canonical_field
from nexus_core.model.naming import platform as platform_of
from nexus_core.store.catalogue_search import Match, Quality
from nexus_core.store.recent_changes import recently_changed
from nexus_core.store.retirements import Lifecycle as KnownLifecycle
from nexus_core.store.stale import Patience
from nexus_core.usage import Usage, Uses, read_usage

router = APIRouter(prefix="/api/v1", tags=["catalogue"])

_USAGE_DAYS = 30
_Filter = Annotated[list[str], Query(max_length=50, description="Any of these; repeat the parameter.")]


@router.get("/datasets", operation_id="searchDatasets")
async def search_datasets(
    services: UsesServices,
    caller: Reader,
    q: Annotated[str, Query(max_length=500, description="Words of names, fields, descriptions, owners, tags.")] = "",
    platform: _Filter = [],  # noqa: B006 — FastAPI copies defaults
    kind: _Filter = [],  # noqa: B006
    tag: _Filter = [],  # noqa: B006
    owner: _Filter = [],  # noqa: B006
    classification: _Filter = [],  # noqa: B006
    domain: _Filter = [],  # noqa: B006
    certification: _Filter = [],  # noqa: B006
    term: _Filter = [],  # noqa: B006
    quality: Annotated[
        list[Quality], Query(max_length=50, description="By what its checks found last: any of these.")
    ] = [],  # noqa: B006
    cursor: Annotated[str | None, Query(max_length=5000)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> DatasetPage:
    """Search datasets as you type: every word must be found, as a prefix or, in names, anywhere."""
    filters: dict[str, Sequence[str]] = {
        "platform": platform,
        "kind": kind,
        "tag": tag,
        "owner": owner,
        "classification": classification,
        "domain": domain,
        "certification": certification,
        "term": term,
        "quality": quality,
    }
    page = await find_datasets(services.store, caller.scope, q, filters, cursor, limit)
    return DatasetPage(
        items=[_summary(page, match, fields) for match, fields in page.matches],
        facets={
            name: [FacetCount(value=value, count=count) for value, count in counts]
            for name, counts in page.facets.items()
        },
        total=page.total,
        total_capped=page.capped,
        next=page.next,
    )


@router.get("/datasets/recent", operation_id="listRecentChanges")
async def list_recent_changes(
    services: UsesServices, caller: Reader, limit: Annotated[int, Query(ge=1, le=100)] = 10
) -> list[RecentChange]:
    """Give the datasets that changed last, the latest first, of the newest 20,000 changes."""
    found = await recently_changed(services.store, caller.scope, limit, datetime.now(UTC))
    return [RecentChange(id=DatasetName(each.namespace, each.name).id, **each._asdict()) for each in found]


@router.get(
    "/datasets/one",
    operation_id="getDataset",
    response_model=DatasetDetail,
    dependencies=[PresentName],
    responses=MOVED,
)
async def get_dataset(
    services: UsesServices,
    caller: Reader,
    namespace: Annotated[str, Query(min_length=1, max_length=2048)],
    name: Annotated[str, Query(min_length=1, max_length=2048)],
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Give everything known of one dataset; 304 if the ETag sent is still right."""
    asked = DatasetName(namespace, name)
    timeout_s = services.settings.graph.query_timeout_s
    aliases = await services.aliases.read(services.store)
    kept = services.settings.retention
    patience = Patience(kept.stale_runs, kept.stale_days)
    dataset = await read_dataset(
        services.store, services.graph, aliases, caller.scope, asked, timeout_s, patience, services.main
    )
    usage = await read_usage(services.store, aliases, caller.scope, asked, _USAGE_DAYS)
    classes = await _classes(services, aliases, dataset)
    body = orjson.dumps(_detail(dataset, usage, classes).model_dump())
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if if_none_match is not None and etag in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def _summary(page: Page, match: Match, fields: Sequence[str]) -> DatasetSummary:
    name = DatasetName(match.namespace, match.name)
    return DatasetSummary(
        id=name.id,
        namespace=match.namespace,
        name=match.name,
        platform=match.platform,
        kind=match.kind,
        description=match.description,
        owners=list(match.labels["owner"]),
        tags=list(match.labels["tag"]),
        classification=match.class_name,
        domain=next(iter(match.labels["domain"]), None),
        certification=next(iter(match.labels["certification"]), None),
        terms=list(match.labels["term"]),
        curated=list(match.labels["curated"]),
        field_count=len(match.fields),
        matched=list(fields),
        updated_at=match.updated_at,
        lifecycle=_lifecycle(page.lifecycles.get(name.id)),
    )


def _lifecycle(known: KnownLifecycle | None) -> Lifecycle | None:
    if known is None:
        return None
    state = "dropped" if known.state == "dropped" else "unharvested"
    return Lifecycle(state=state, since=known.since, event=known.event)


async def _classes(services: Services, aliases: Aliases, dataset: Dataset) -> Callable[[str], str]:
    """Give the enforced class by field, "" for the highest; UNDECIDED while the dataset is not classified yet."""
    key = node_key(dataset.name.id)
    keys = {node_key(one.id): key for one in aliases.members(dataset.name)}
    found = await read_enforced(services.main, services.store, keys)

    def class_of(field: str) -> str:
        effective = found.get((key, canonical_field(dataset.name.namespace, field)))
        return effective.class_name if effective else UNDECIDED

    return class_of


def _detail(dataset: Dataset, usage: Usage, class_of: Callable[[str], str]) -> DatasetDetail:
    closed = [each.name for each in merged.fields_of(dataset.facets) if class_of(each.name) != PUBLIC]
    facets = merged.without_values(dataset.facets, closed)
    dataset = replace(dataset, facets=facets)
    rows, size = merged.size_of(facets)
    definition, dialect = dataset.definition
    certification, note = merged.certification_of(facets)
    return DatasetDetail(
        id=dataset.name.id,
        namespace=dataset.name.namespace,
        name=dataset.name.name,
        platform=platform_of(dataset.name.namespace),
        kind=merged.kind_of(facets),
        description=merged.description_of(facets),
        owners=merged.owners_of(facets),
        tags=merged.tags_of(facets),
        classification=class_of(""),
        domain=merged.domain_of(facets),
        certification=certification,
        certification_note=note,
        terms=merged.terms_of(facets),
        sources={name: list(classes) for name, classes in dataset.sources.items()},
        fields=[_field(dataset, field, usage, class_of(field.name)) for field in merged.fields_of(facets)],
        definition=definition,
        definition_dialect=dialect or (platform_of(dataset.name.namespace) if definition else None),
        row_count=rows,
        size_bytes=size,
        upstream_count=dataset.touches.dataset[0],
        downstream_count=dataset.touches.dataset[1],
        jobs=[_job(job, dataset.stale) for job in dataset.jobs],
        versions=[
            SchemaVersion(valid_from=each.valid_from, field_count=each.field_count, fingerprint=each.fingerprint)
            for each in dataset.versions
        ],
        facets=dict(facets),
        first_seen_at=dataset.first_seen_at,
        updated_at=dataset.last_seen_at,
        lifecycle=_lifecycle(dataset.lifecycle),
        usage=_usage(usage.dataset),
    )


def _usage(uses: Uses | None) -> UsageSummary | None:
    if uses is None:
        return None
    return UsageSummary(count=uses.count, account_count=len(uses.by_account), last_day=uses.last_day)


def _field(dataset: Dataset, field: merged.Field, usage: Usage, class_name: str) -> FieldDetail:
    facts = merged.column_facts(dataset.facets, field.name)
    nullable, default = facts.get("nullable"), facts.get("default")
    uses = usage.fields.get(canonical_field(dataset.name.namespace, field.name))
    upstream, downstream = dataset.touches.fields.get(canonical_field(dataset.name.namespace, field.name), (0, 0))
    return FieldDetail(
        name=field.name,
        type=field.type,
        ordinal=field.ordinal,
        description=field.description,
        nullable=nullable if isinstance(nullable, bool) else None,
        default=default if isinstance(default, str) else None,
        primary_key=field.name in merged.primary_key_of(dataset.facets),
        tags=merged.tags_of(dataset.facets, field.name),
        classification=class_name,
        terms=merged.terms_of(dataset.facets, field.name),
        description_curated=merged.is_described(dataset.facets, field.name),
        upstream_count=upstream,
        downstream_count=downstream,
        read_count=uses.count if uses else 0,
        **asdict(merged.statistics_of(dataset.facets, field.name)),
    )


def _job(job: TouchingJob, stale: Mapping[JobName, datetime]) -> JobSummary:
    at = job.run.get("at")
    return JobSummary(
        namespace=job.name.namespace,
        name=job.name.name,
        role="writes" if job.role == "writes" else "reads",
        integration=merged.text_of(job.facets.get("jobType", {}).get("integration")),
        job_type=job.job_type,
        sql=merged.sql_of(job.facets)[0],
        last_run_at=datetime.fromisoformat(at) if at else None,
        last_state=job.run.get("state"),
        airflow_url=job.run.get("airflow_url"),
        stale_since=stale.get(job.name) if job.role == "writes" else None,
    )
