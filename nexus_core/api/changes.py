"""What changed: between two moments, or in the life of one dataset or field (lineage.md §4)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse

from nexus_core.api.access import Reader
from nexus_core.api.cursors import closed, opened
from nexus_core.api.kept_history import require_kept
from nexus_core.api.present_name import MOVED, PresentName
from nexus_core.api.schemas import ChangesAnswer
from nexus_core.api.services import Services, UsesServices
from nexus_core.catalogue.changes import Change, EdgeSide, FieldSide
from nexus_core.catalogue.changes_cause import Reason, read_reasons
from nexus_core.catalogue.changes_diff import DiffQuery, Place, read_diff, stream_diff
from nexus_core.catalogue.changes_history import HistoryQuery, Mark, read_history
from nexus_core.catalogue.changes_walk import Window
from nexus_core.errors import InvalidInputError
from nexus_core.graph.read import read_lineage
from nexus_core.graph.read_answer import LineageQuery
from nexus_core.graph.read_edges import asked_at
from nexus_core.model.access import Caller, Scope
from nexus_core.model.aliases import Aliases
from nexus_core.model.moments import moment
from nexus_core.model.names import DatasetName, FieldName
from nexus_core.model.naming import canonical_namespace

router = APIRouter(prefix="/api/v1/lineage", tags=["lineage"])

_NDJSON = "application/x-ndjson"
_NAME_MAX = 2048  # bytes, as at ingestion
_WITHIN_MOST = 10_000  # datasets around the one asked for, as in the graph

_KnownAt = Annotated[
    datetime | None, Query(description="RFC 3339; as was known then, in order of acceptance. Absent: now.")
]
_Cursor = Annotated[str | None, Query(max_length=10_000, description="`next` of the page before.")]
_Limit = Annotated[int, Query(ge=1, le=10_000, description="Most rows of a page.")]


@router.get(
    "/diff",
    operation_id="getLineageDiff",
    response_model=ChangesAnswer,
    dependencies=[PresentName],
    responses=MOVED,
)
async def get_lineage_diff(
    services: UsesServices,
    caller: Reader,
    start: Annotated[datetime, Query(alias="from", description="RFC 3339; the earlier moment.")],
    end: Annotated[datetime | None, Query(alias="to", description="RFC 3339; the later one. Absent: now.")] = None,
    namespace: Annotated[
        str | None, Query(min_length=1, max_length=_NAME_MAX, description="Without `name`: all its datasets.")
    ] = None,
    name: Annotated[
        str | None, Query(min_length=1, max_length=_NAME_MAX, description="A dataset, and what is around it.")
    ] = None,
    depth: Annotated[int, Query(ge=1, le=50, description="Most hops from the dataset, at either moment.")] = 5,
    known_at: _KnownAt = None,
    cursor: _Cursor = None,
    limit: _Limit = 500,
    accept: Annotated[str, Header()] = "",
) -> Response:
    """Give what differs between two moments; with `Accept: application/x-ndjson` all of it, a change a line."""
    end = end or datetime.now(UTC)
    _check_times({"from": start, "to": end, "known_at": known_at})
    if start >= end:
        raise InvalidInputError("must be before `to`; exchange the two", "$.query.from")
    await require_kept(services, known_at, **{"from": start})
    window = Window(asked_at(start), asked_at(end), asked_at(known_at))
    within, aliases = None, await services.aliases.read(services.store)
    if name is not None:
        if namespace is None:
            raise InvalidInputError("a name needs its namespace", "$.query.namespace")
        within = await _around(services, caller.scope, LineageQuery(namespace, name, depth=depth), start, end, known_at)
    query = DiffQuery(window, caller.scope, aliases, _spaces(namespace, aliases), within)
    place = None if cursor is None else Place(*opened(cursor, (str, str, str)))
    if _NDJSON in accept:
        return StreamingResponse(_lines(services, caller, query, place), media_type=_NDJSON)
    page = await read_diff(services.store, query, place, limit)
    following = closed(page.next.namespace, page.next.name, page.next.row) if page.next else None
    return await _answer(services, caller, page.rows, following)


@router.get(
    "/history",
    operation_id="getLineageHistory",
    response_model=ChangesAnswer,
    dependencies=[PresentName],
    responses=MOVED,
)
async def get_lineage_history(
    services: UsesServices,
    caller: Reader,
    namespace: Annotated[str, Query(min_length=1, max_length=_NAME_MAX)],
    name: Annotated[str, Query(min_length=1, max_length=_NAME_MAX)],
    field: Annotated[str | None, Query(min_length=1, max_length=_NAME_MAX)] = None,
    known_at: _KnownAt = None,
    cursor: _Cursor = None,
    limit: _Limit = 100,
) -> Response:
    """Give what changed in a dataset's schema, in the edges into it and out of it, or of one field: newest first."""
    _check_times({"known_at": known_at})
    kept = await require_kept(services, known_at)
    query = HistoryQuery(DatasetName(namespace, name), field, asked_at(known_at), caller.scope, kept.valid_from)
    mark = None if cursor is None else Mark(*opened(cursor, (int, str)))
    page = await read_history(services.store, await services.aliases.read(services.store), query, mark, limit)
    following = closed(page.next.at, page.next.row) if page.next else None
    return await _answer(services, caller, page.rows, following)


def _spaces(namespace: str | None, aliases: Aliases) -> list[str]:
    """Give all spellings of a namespace; none where all namespaces are asked for."""
    if namespace is None:
        return []
    first = aliases.space(canonical_namespace(namespace))
    return aliases.spaces.get(first, [first])


def _check_times(times: Mapping[str, datetime | None]) -> None:
    for parameter, at in times.items():
        if at is not None and at.tzinfo is None:
            raise InvalidInputError("a time needs its offset, such as 2026-01-01T00:00:00Z", f"$.query.{parameter}")


async def _around(
    services: Services, scope: Scope, query: LineageQuery, start: datetime, end: datetime, known_at: datetime | None
) -> frozenset[DatasetName]:
    """Give the visible datasets that the graph has around one at either moment."""
    found: set[DatasetName] = set()
    for at in (start, end):
        asked = LineageQuery(
            query.namespace, query.name, depth=query.depth, as_of=at, known_at=known_at, limit=_WITHIN_MOST
        )
        answer = await read_lineage(services.graph, asked, scope, services.settings.graph.query_timeout_s)
        found |= {DatasetName(node.found.namespace, node.found.name) for node in answer.nodes if node.found}
    return frozenset(found)


async def _answer(services: Services, caller: Caller, rows: Sequence[Change], following: str | None) -> Response:
    changes = await _told(services, caller, rows)
    return Response(orjson.dumps({"changes": changes, "next": following}), media_type="application/json")


async def _lines(services: Services, caller: Caller, query: DiffQuery, place: Place | None) -> AsyncIterator[bytes]:
    async for rows in stream_diff(services.store, query, place):
        for change in await _told(services, caller, rows):
            yield orjson.dumps(change, option=orjson.OPT_APPEND_NEWLINE)


async def _told(services: Services, caller: Caller, rows: Sequence[Change]) -> list[dict[str, Any]]:
    """Give rows in the form of `Change` of the schemas; plain dictionaries, since there may be thousands."""
    events = {row.cause.event_id for row in rows}
    aliases = await services.aliases.read(services.store)
    reasons = await read_reasons(services.store, services.log, events, caller.scope, aliases)
    return [_row(row.told, reasons.get(row.cause.event_id)) for row in rows]


def _row(change: Change, reason: Reason | None) -> dict[str, Any]:
    return {
        "op": change.op,
        "what": change.what,
        "at": moment(change.cause.at),
        "dataset": change.output.id,
        "before": change.before and _side(change.output, change.before),
        "after": change.after and _side(change.output, change.after),
        "cause": {
            "event": change.cause.event_id or None,
            "run": reason and reason.run_id,
            "sql": reason.sql if reason and not change.is_private else None,
        },
    }


def _side(output: DatasetName, side: EdgeSide | FieldSide) -> dict[str, Any]:
    if isinstance(side, FieldSide):
        told = {"id": FieldName(output, side.field).id, "namespace": output.namespace, "name": output.name}
        return {**told, "field": side.field, "type": side.type or None}
    edge, job = side.edge, side.job
    known = {
        "source": _end(DatasetName(edge.source_namespace, edge.source_name), edge.source_field),
        "target": _end(output, edge.target_field),
        "kind": edge.kind,
        "subtype": edge.subtype,
        "job": {"namespace": job.namespace, "name": job.name} if job else None,
        "origin": side.origin,
        "expression": edge.expression,
        "inferred": edge.inferred,
        "confidence": edge.confidence,
    }
    return {key: value for key, value in known.items() if value}


def _end(dataset: DatasetName, field: str) -> str:
    return FieldName(dataset, field).id if field else dataset.id
