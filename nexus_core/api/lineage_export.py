"""A lineage graph to take along: as CSV, JSON, SVG or PDF (docs/reports.md)."""

from __future__ import annotations

import csv
import io
from enum import StrEnum
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Response

from nexus_core.api.access import Reader
from nexus_core.api.graph import graph_json
from nexus_core.api.present_name import MOVED, PresentName
from nexus_core.api.services import UsesServices
from nexus_core.graph.read import read_lineage
from nexus_core.graph.read_answer import Direction, Granularity, LineageAnswer, LineageQuery
from nexus_core.model.audit import Act, Action
from nexus_core.model.names import DatasetName, FieldName
from nexus_core.model.naming import canonical, canonical_field
from nexus_core.reports.csv_form import safe_cell
from nexus_core.reports.drawing import draw
from nexus_core.reports.drawing_forms import to_pdf_drawing, to_svg
from nexus_core.store.dataset_access import lookup_in

router = APIRouter(prefix="/api/v1/reports", tags=["lineage"])

_HEADER = ("source", "target", "kind", "subtype", "job_namespace", "job", "origin", "expression")


class GraphForm(StrEnum):
    """In which form."""

    CSV = "csv"
    JSON = "json"
    SVG = "svg"
    PDF = "pdf"


_MEDIA = {
    GraphForm.CSV: "text/csv; charset=utf-8",
    GraphForm.JSON: "application/json",
    GraphForm.SVG: "image/svg+xml",
    GraphForm.PDF: "application/pdf",
}


@router.get(
    "/lineage",
    operation_id="exportLineage",
    response_class=Response,
    dependencies=[PresentName],
    responses=MOVED,
)
async def export_lineage(
    services: UsesServices,
    caller: Reader,
    namespace: Annotated[str, Query(min_length=1, max_length=2048)],
    name: Annotated[str, Query(min_length=1, max_length=2048)],
    field: Annotated[str | None, Query(min_length=1, max_length=2048)] = None,
    direction: Direction = Direction.BOTH,
    depth: Annotated[int, Query(ge=1, le=50)] = 5,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1_000,
    form: Annotated[GraphForm, Query(alias="format")] = GraphForm.SVG,
) -> Response:
    """Give the lineage around a dataset or field as a file; that it was made is in the audit log."""
    granularity = Granularity.FIELD if field else Granularity.DATASET
    query = LineageQuery(namespace, name, field, direction=direction, depth=depth, granularity=granularity, limit=limit)
    async with services.audit.acting(caller, Act(Action.REPORT_MADE, {"report": "lineage", "format": str(form)})):
        timeout_s = services.settings.graph.query_timeout_s
        answer = await read_lineage(services.graph, query, caller.scope, timeout_s, lookup_in(services.store))
        body = _written(answer, form, query)
    headers = {"Content-Disposition": f'attachment; filename="lineage.{form}"'}
    if form is GraphForm.SVG:
        headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return Response(body, media_type=_MEDIA[form], headers=headers)


def _written(answer: LineageAnswer, form: GraphForm, query: LineageQuery) -> bytes:
    if form is GraphForm.CSV:
        return _csv(answer)
    if form is GraphForm.JSON:
        return orjson.dumps(graph_json(answer))
    name = canonical(DatasetName(query.namespace, query.name))
    start = FieldName(name, canonical_field(name.namespace, query.field)).id if query.field else name.id
    drawing = draw(answer, start)
    return to_svg(drawing) if form is GraphForm.SVG else to_pdf_drawing(drawing, f"Lineage of {query.name}")


def _csv(answer: LineageAnswer) -> bytes:
    """Give an edge a line, between ids as the API has them; no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_HEADER)
    for edge in answer.edges:
        job = (edge.job_namespace or "", edge.job_name or "")
        row = (edge.source, edge.target, edge.kind, edge.subtype or "", *job, edge.origin or "", edge.expression or "")
        writer.writerow([safe_cell(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")
