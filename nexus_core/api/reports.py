"""Reports for compliance and for stewards, as PDF, CSV or JSON (docs/reports.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Response

from nexus_core.api.access import Governor
from nexus_core.api.services import Services, UsesServices
from nexus_core.catalogue.personal import personal_fields
from nexus_core.errors import InvalidInputError
from nexus_core.model.access import Caller
from nexus_core.model.audit import Act, Action
from nexus_core.reports.csv_form import to_csv
from nexus_core.reports.document import Report
from nexus_core.reports.json_form import to_json
from nexus_core.reports.making import make_article_30, make_exposure, make_subject
from nexus_core.reports.pdf_form import to_pdf
from nexus_core.reports.stewarding import make_adherence, make_catalogue, make_quality
from nexus_core.store.dataset_access import lookup_in

router = APIRouter(prefix="/api/v1/reports", tags=["governance"])


class Kind(StrEnum):
    """Which report."""

    ARTICLE_30 = "article-30"
    SUBJECT = "subject"
    EXPOSURE = "exposure"
    CATALOGUE = "catalogue"
    ADHERENCE = "adherence"
    QUALITY = "quality"


class Form(StrEnum):
    """In which form."""

    PDF = "pdf"
    CSV = "csv"
    JSON = "json"


_FORMS: Mapping[Form, tuple[str, Callable[[Report], bytes]]] = {
    Form.PDF: ("application/pdf", to_pdf),
    Form.CSV: ("text/csv; charset=utf-8", to_csv),
    Form.JSON: ("application/json", to_json),
}


@router.get("/{kind}", operation_id="makeReport", response_class=Response)
async def make_report(
    services: UsesServices,
    caller: Governor,
    kind: Kind,
    form: Annotated[Form, Query(alias="format")] = Form.PDF,
    identifier: Annotated[str | None, Query(max_length=50, description="Of a subject report: email, …")] = None,
    days: Annotated[int, Query(ge=1, le=3650, description="Of an exposure report.")] = 90,
) -> Response:
    """Make a report of what the caller may see; that it was made is in the audit log."""
    if kind is Kind.SUBJECT and identifier is None:
        raise InvalidInputError("a subject report needs the kind of identifier", "$.query.identifier")
    target = {"report": str(kind), "format": str(form)}
    async with services.audit.acting(caller, Act(Action.REPORT_MADE, target)):
        report = await _made(services, caller, kind, identifier or "", days)
        media_type, write = _FORMS[form]
        body = write(report)
    file = f"{kind}-{report.made_at:%Y-%m-%d}.{form}"
    return Response(body, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{file}"'})


async def _made(services: Services, caller: Caller, kind: Kind, identifier: str, days: int) -> Report:
    if kind is Kind.SUBJECT:
        timeout_s = services.settings.graph.query_timeout_s
        return await make_subject(
            services.main, services.graph, identifier, caller, timeout_s, lookup_in(services.store)
        )
    if kind is Kind.CATALOGUE:
        return await make_catalogue(services.store, caller)
    if kind is Kind.ADHERENCE:
        return await make_adherence(services.store, services.main, caller)
    if kind is Kind.QUALITY:
        return await make_quality(services.store, await services.aliases.read(services.store), caller)
    personal = await personal_fields(services.store, services.main, caller.scope)
    if kind is Kind.ARTICLE_30:
        return await make_article_30(services.main, personal, caller)
    aliases = await services.aliases.read(services.store)
    return await make_exposure(services.store, aliases, personal, days, caller)
