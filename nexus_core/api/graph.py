"""The lineage graph, as far as the caller sees it (lineage.md §4)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Response

from nexus_core.api.access import Reader
from nexus_core.api.kept_history import require_kept
from nexus_core.api.present_name import MOVED, PresentName
from nexus_core.api.schemas import GraphAnswer
from nexus_core.api.services import UsesServices
from nexus_core.errors import InvalidInputError
from nexus_core.graph.read import read_lineage
from nexus_core.graph.read_answer import (
    Asked,
    Direction,
    Granularity,
    LineageAnswer,
    LineageEdge,
    LineageNode,
    LineageQuery,
)
from nexus_core.model.moments import moment
from nexus_core.model.retention import ALL_KEPT, Horizon
from nexus_core.store.dataset_access import lookup_in

router = APIRouter(prefix="/api/v1/lineage", tags=["lineage"])

_NAME_MAX = 2048  # bytes, as at ingestion


@router.get(
    "/graph",
    operation_id="getLineageGraph",
    response_model=GraphAnswer,
    dependencies=[PresentName],
    responses=MOVED,
)
async def get_lineage_graph(
    services: UsesServices,
    caller: Reader,
    namespace: Annotated[str, Query(min_length=1, max_length=_NAME_MAX)],
    name: Annotated[str, Query(min_length=1, max_length=_NAME_MAX)],
    field: Annotated[str | None, Query(min_length=1, max_length=_NAME_MAX)] = None,
    kind: Asked = Asked.DATASET,
    direction: Direction = Direction.BOTH,
    depth: Annotated[int, Query(ge=1, le=50)] = 5,
    granularity: Annotated[Granularity | None, Query(description="Default: field if a field is asked for.")] = None,
    as_of: Annotated[datetime | None, Query(description="RFC 3339; what held then. Absent: now.")] = None,
    known_at: Annotated[
        datetime | None, Query(description="RFC 3339; as was known then, in order of acceptance. Absent: now.")
    ] = None,
    indirect: Annotated[bool, Query(description="Follow filters, joins, groupings and sorts too.")] = False,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1_000,
) -> Response:
    """Give what is reached from a dataset, a field or a job, and all edges among it."""
    _refuse(kind, field, granularity, as_of, known_at)
    query = LineageQuery(
        namespace=namespace,
        name=name,
        field=field,
        asked=kind,
        direction=direction,
        depth=depth,
        granularity=granularity or (Granularity.FIELD if field else Granularity.DATASET),
        as_of=as_of,
        known_at=known_at,
        indirect=indirect,
        limit=limit,
    )
    horizon = await require_kept(services, known_at, as_of=as_of)
    answer = await read_lineage(
        services.graph, query, caller.scope, services.settings.graph.query_timeout_s, lookup_in(services.store)
    )
    return Response(orjson.dumps(graph_json(answer, horizon)), media_type="application/json")


def _refuse(
    kind: Asked, field: str | None, granularity: Granularity | None, as_of: datetime | None, known_at: datetime | None
) -> None:
    for parameter, at in (("as_of", as_of), ("known_at", known_at)):
        if at is not None and at.tzinfo is None:
            raise InvalidInputError("a time needs its offset, such as 2026-01-01T00:00:00Z", f"$.query.{parameter}")
    if field is not None and (kind is Asked.JOB or granularity is Granularity.DATASET):
        raise InvalidInputError("a field asks for kind=dataset and granularity=field", "$.query.field")


def graph_json(answer: LineageAnswer, horizon: Horizon = ALL_KEPT) -> dict[str, Any]:
    """Give an answer in the form of `GraphAnswer`, without what is unknown; nothing begins before the horizon.

    Plain dictionaries, since pydantic would take as long as Neo4j for answers of thousands of edges.
    """
    kept_from = moment(horizon.valid_from) if horizon.valid_from else None
    return {
        "nodes": [_node(node) for node in answer.nodes],
        "edges": [_edge(edge, kept_from) for edge in answer.edges],
        "truncated": answer.truncated,
    }


def _node(node: LineageNode) -> dict[str, Any]:
    found, facts = node.found, node.facts
    if found is None:
        return {"id": node.id, "kind": node.kind}
    return _known(
        id=node.id,
        kind=node.kind,
        namespace=found.namespace,
        name=found.name,
        field=found.field,
        type=found.type or None,
        ordinal=found.ordinal,
        platform=facts and facts.platform,
        dataset_kind=facts and facts.dataset_kind,
        field_count=facts and facts.field_count,
        upstream_count=node.upstream_count,
        downstream_count=node.downstream_count,
    )


def _edge(edge: LineageEdge, kept_from: datetime | None) -> dict[str, Any]:
    begun = edge.valid_from
    return _known(
        source=edge.source,
        target=edge.target,
        kind=edge.kind,
        subtype=edge.subtype,
        job={"namespace": edge.job_namespace, "name": edge.job_name} if edge.job_name else None,
        origin=edge.origin,
        expression=edge.expression,
        inferred=edge.inferred or None,
        confidence=edge.confidence,
        valid_from=max(begun, kept_from) if begun and kept_from else begun,
        valid_to=edge.valid_to,
        event=edge.event,
    )


def _known(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
