"""The lineage graph, as far as the caller sees it (lineage.md §4)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Response

from nexus_core.api.access import Reader
from nexus_core.api.graph_labels import Describe, read_descriptions, undescribed
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
    labels: Annotated[
        bool, Query(description="Tell owners, tags, domain, certification and class of nodes, as of now.")
    ] = False,
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
    describe = await read_descriptions(services, answer) if labels else undescribed
    return Response(orjson.dumps(graph_json(answer, horizon, describe)), media_type="application/json")


def _refuse(
    kind: Asked, field: str | None, granularity: Granularity | None, as_of: datetime | None, known_at: datetime | None
) -> None:
    for parameter, at in (("as_of", as_of), ("known_at", known_at)):
        if at is not None and at.tzinfo is None:
            raise InvalidInputError("a time needs its offset, such as 2026-01-01T00:00:00Z", f"$.query.{parameter}")
    if field is not None and (kind is Asked.JOB or granularity is Granularity.DATASET):
        raise InvalidInputError("a field asks for kind=dataset and granularity=field", "$.query.field")


def graph_json(answer: LineageAnswer, horizon: Horizon = ALL_KEPT, describe: Describe = undescribed) -> dict[str, Any]:
    """Give an answer in the form of `GraphAnswer`, without what is unknown; nothing begins before the horizon.

    Plain dictionaries, since pydantic would take as long as Neo4j for answers of thousands of edges.
    """
    kept_from = moment(horizon.valid_from) if horizon.valid_from else None
    return {
        "nodes": [_node(node, describe) for node in answer.nodes],
        "edges": [_edge(edge, kept_from) for edge in answer.edges],
        "truncated": answer.truncated,
    }


def _node(node: LineageNode, describe: Describe) -> dict[str, Any]:
    id_, kind, found, facts, upstream_count, downstream_count = node
    if found is None:
        return {"id": id_, "kind": kind}
    shown: dict[str, Any] = {"id": id_, "kind": kind, "namespace": found.namespace, "name": found.name}
    if found.field is not None:
        shown |= _known({"field": found.field, "type": found.type or None, "ordinal": found.ordinal})
    if facts is not None:
        shown |= _known(facts._asdict())
    if upstream_count is not None:
        shown["upstream_count"] = upstream_count
    if downstream_count is not None:
        shown["downstream_count"] = downstream_count
    return shown | describe(found)


def _edge(edge: LineageEdge, kept_from: datetime | None) -> dict[str, Any]:
    """Write an edge; asking for each value costs a third of leaving out afterwards what is None."""
    source, target, kind, subtype, namespace, job, origin, event, expression, inferred, confidence, begun, ended = edge
    shown: dict[str, Any] = {"source": source, "target": target, "kind": kind}
    if subtype is not None:
        shown["subtype"] = subtype
    if job:
        shown["job"] = {"namespace": namespace, "name": job}
    if origin is not None:
        shown["origin"] = origin
    if expression is not None:
        shown["expression"] = expression
    if inferred:
        shown["inferred"] = True
    if confidence is not None:
        shown["confidence"] = confidence
    if begun is not None:
        shown["valid_from"] = max(begun, kept_from) if kept_from else begun
    if ended is not None:
        shown["valid_to"] = ended
    if event is not None:
        shown["event"] = event
    return shown


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
