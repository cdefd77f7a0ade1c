"""Curated metadata as CSV: exported for a spreadsheet, and imported after a dry run (docs/curation.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from nexus_core.api.access import Reader
from nexus_core.api.body import read_body
from nexus_core.api.curating import curation, editable, make
from nexus_core.api.curation import check_domains, result_of
from nexus_core.api.curation_schemas import CsvProblem, CsvResult
from nexus_core.api.services import Services, UsesServices
from nexus_core.catalogue.curated_changes import cells_of, edits_of_row
from nexus_core.catalogue.curated_rows import CuratedRow, read_job_rows, read_rows
from nexus_core.catalogue.search import find_datasets
from nexus_core.errors import ConflictError, ForbiddenError, InvalidInputError, NexusError, NotFoundError
from nexus_core.governance.curation import Edit
from nexus_core.governance.curation_csv import COLUMNS, LIST_COLUMNS, ROWS_MAX, CsvRow, join, read_csv, write_csv
from nexus_core.model.access import Caller
from nexus_core.model.audit import Act, Action
from nexus_core.model.curation import Subject, SubjectKind, subject
from nexus_core.model.names import DatasetName, JobName
from nexus_core.store.catalogue import jobs_named

router = APIRouter(prefix="/api/v1/curated", tags=["curation"])

_Filter = Annotated[list[str], Query(max_length=50, description="Any of these; repeat the parameter.")]
_PAGE = 200
_REFUSALS = (InvalidInputError, NotFoundError, ForbiddenError, ConflictError)
_BODY: dict[str, Any] = {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}
_EXPORTED: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}}
_REFUSED: dict[int | str, dict[str, Any]] = {422: {"model": CsvResult, "description": "Rows are wrong: none is made."}}


@router.get("/csv", operation_id="exportCurated", response_class=Response, responses=_EXPORTED)
async def export_csv(
    services: UsesServices,
    caller: Reader,
    q: Annotated[str, Query(max_length=500)] = "",
    platform: _Filter = [],  # noqa: B006 — FastAPI copies defaults
    tag: _Filter = [],  # noqa: B006
    owner: _Filter = [],  # noqa: B006
    domain: _Filter = [],  # noqa: B006
    fields: Annotated[bool, Query(description="With a row for each field.")] = False,
    jobs: Annotated[
        bool, Query(description="With jobs whose name has the words; the filters are of datasets.")
    ] = False,
) -> Response:
    """Give what is shown of the datasets that a search finds, as CSV; 422 for more than 5,000 rows."""
    filters = {"platform": platform, "tag": tag, "owner": owner, "domain": domain}
    names = await _found(services, caller, q, filters)
    rows = await read_rows(services.store, services.main, await services.aliases.read(services.store), names)
    shown = [row for of, row in rows.items() if fields or not of.field]
    if jobs:
        named = await jobs_named(services.store, caller.scope, q, ROWS_MAX + 1)
        shown += (await read_job_rows(services.store, services.main, named)).values()
    _check_count(len(shown))
    await services.audit.record(caller, Act(Action.CURATION_EXPORTED, {"rows": str(len(shown))}))
    headers = {"Content-Disposition": 'attachment; filename="curated.csv"', "Cache-Control": "no-store"}
    return Response(write_csv(map(_cells, shown)), headers=headers, media_type="text/csv; charset=utf-8")


@router.post("/csv", operation_id="importCurated", openapi_extra={"requestBody": _BODY}, responses=_REFUSED)
async def import_csv(
    services: UsesServices,
    caller: Reader,
    request: Request,
    response: Response,
    dry_run: bool = True,
    partial: Annotated[bool, Query(description="Make the edits of right rows although others are wrong.")] = False,
) -> CsvResult:
    """Make shown what the rows say; without `dry_run=false` only tell what would change, and what is wrong by row."""
    rows = read_csv(await read_body(request, services.settings.api.event_max_bytes))
    edits, problems = await _planned(services, caller, rows)
    edits = await _possible(services, caller, edits, problems)
    refused = bool(problems) and not partial
    done = await make(services, caller, edits, "import", dry=dry_run or refused)
    if refused and not dry_run:
        response.status_code = 422
    results = [result_of(each) for each in done if each.changed]
    made = 0 if dry_run or refused else len(results)
    return CsvResult(
        dry_run=dry_run,
        row_count=len(rows),
        edit_count=made,
        results=results,
        problems=sorted(problems, key=lambda each: each.row),
    )


async def _planned(services: Services, caller: Caller, rows: Sequence[CsvRow]) -> tuple[list[Edit], list[CsvProblem]]:
    """Give the edits of the rows whose dataset the caller may curate, and what is wrong with the others."""
    named, problems = _subjects(rows)
    present = await _present(services, caller, named, problems)
    edits: list[Edit] = []
    for row, of in named:
        if of not in present:
            continue
        try:
            edits += edits_of_row(row, present[of])
        except InvalidInputError as error:
            problems.append(_problem(row.number, error))
    return edits, problems


def _subjects(rows: Sequence[CsvRow]) -> tuple[list[tuple[CsvRow, Subject]], list[CsvProblem]]:
    named: list[tuple[CsvRow, Subject]] = []
    problems: list[CsvProblem] = []
    seen: set[Subject] = set()
    for row in rows:
        try:
            of = subject(SubjectKind.JOB if row.is_job else SubjectKind.DATASET, *row.place)
            if of in seen:
                raise InvalidInputError("stands in two rows", f"$.row[{row.number}].name")
            seen.add(of)
            named.append((row, of))
        except InvalidInputError as error:
            problems.append(_problem(row.number, error))
    return named, problems


async def _present(
    services: Services, caller: Caller, named: Sequence[tuple[CsvRow, Subject]], problems: list[CsvProblem]
) -> dict[Subject, CuratedRow]:
    """Give what there is of the rows' subjects, by the names in the rows."""
    asked = [of for _, of in named]
    try:
        found = dict(zip(asked, await editable(services, caller, asked), strict=True))
    except (NotFoundError, ForbiddenError):  # of which rows that is so is found out one by one
        found = {}
        for row, of in named:
            try:
                (found[of],) = await editable(services, caller, [of])
            except (NotFoundError, ForbiddenError) as error:
                problems.append(_problem(row.number, error))
    rows = await _rows(services, [each.subject for each in found.values()])
    blank = {of: rows[each.subject] for of, each in found.items() if each.subject in rows}
    for row, of in named:
        if of in found and of not in blank:
            problems.append(_problem(row.number, NotFoundError(str(of))))
    return blank


async def _rows(services: Services, subjects: Sequence[Subject]) -> dict[Subject, CuratedRow]:
    names = {DatasetName(of.namespace, of.name) for of in subjects if of.kind is SubjectKind.DATASET}
    jobs = {JobName(of.namespace, of.name) for of in subjects if of.kind is SubjectKind.JOB}
    aliases = await services.aliases.read(services.store)
    rows = await read_rows(services.store, services.main, aliases, names)
    return rows | await read_job_rows(services.store, services.main, jobs)


async def _possible(
    services: Services, caller: Caller, edits: Sequence[Edit], problems: list[CsvProblem]
) -> list[Edit]:
    """Give the edits that can be made together, and add what is wrong with each of the others."""
    if await _refusal(services, caller, edits) is None:
        return list(edits)
    possible = []
    for edit in edits:
        error = await _refusal(services, caller, [edit])
        if error is None:
            possible.append(edit)
        else:
            problems.append(_problem(int(edit.path.partition("[")[2].partition("]")[0]), error))
    return possible


async def _refusal(services: Services, caller: Caller, edits: Sequence[Edit]) -> NexusError | None:
    try:
        await check_domains(services, caller, edits)
        await curation(services).edit(caller.account_id, edits, dry=True)
    except _REFUSALS as error:
        return error
    return None


async def _found(services: Services, caller: Caller, q: str, filters: dict[str, list[str]]) -> list[DatasetName]:
    names: list[DatasetName] = []
    cursor: str | None = None
    while True:
        page = await find_datasets(services.store, caller.scope, q, filters, cursor, _PAGE)
        names += [DatasetName(match.namespace, match.name) for match, _ in page.matches]
        _check_count(len(names))
        cursor = page.next
        if cursor is None:
            return names


def _check_count(count: int) -> None:
    if count > ROWS_MAX:
        raise InvalidInputError(f"more than {ROWS_MAX} rows: narrow the search", "$.query")


def _cells(row: CuratedRow) -> list[str]:
    of = row.subject
    shown = {name: join(value) if name in LIST_COLUMNS else value for name, value in cells_of(row).items()}
    cells = {
        "kind": of.kind.value,
        "namespace": of.namespace,
        "name": of.name,
        "field": of.field,
        "etag": row.tag,
        **shown,
    }
    return [cells[column] for column in COLUMNS]


def _problem(row: int, error: NexusError) -> CsvProblem:
    column = getattr(error, "path", "").rpartition(".")[2] if "]." in getattr(error, "path", "") else None
    return CsvProblem(row=row, column=column, problem=getattr(error, "reason", str(error)))
