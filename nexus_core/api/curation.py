"""Curated metadata: texts, owners, tags, certification, domains, terms; history and revert (docs/curation.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from nexus_core.api.access import Reader
from nexus_core.api.curating import check_domain, curation, editable, make, readable, readable_all, shown_value
from nexus_core.api.curation_schemas import (
    Curated,
    CuratedEdit,
    CuratedEdits,
    CuratedFacet,
    CuratedResult,
    CuratedResults,
    CuratedRevert,
    CuratedValue,
    CuratedVersion,
)
from nexus_core.api.services import Services, UsesServices
from nexus_core.catalogue.markdown import html_of
from nexus_core.catalogue.subjects import FoundSubject
from nexus_core.errors import ForbiddenError, InvalidInputError
from nexus_core.governance.curation import Edit, Edited, latest, tag_of
from nexus_core.model.access import Caller, Permission
from nexus_core.model.curation import LISTS, Facet, Subject, SubjectKind, subject
from nexus_core.store.curation import Version, account_names, current_of, versions_of

router = APIRouter(prefix="/api/v1/curated", tags=["curation"])

_Part = Annotated[str, Query(max_length=2048)]
_Name = Annotated[str, Query(min_length=1, max_length=2048)]
_IfMatch = Annotated[str | None, Header(description="The facet's ETag; `*` takes whatever there is.")]


@router.get("", operation_id="getCurated")
async def get_curated(
    services: UsesServices,
    caller: Reader,
    name: _Name,
    kind: SubjectKind = SubjectKind.DATASET,
    namespace: _Part = "",
    field: _Part = "",
) -> Curated:
    """Give what is curated of a dataset, field, job, term, domain or product; edits show at once."""
    found = await readable(services, caller, subject(kind, namespace, name, field))
    of = found.subject
    versions = [each for each in await current_of(services.main, found.keys) if each.field == of.field]
    by = await account_names(services.main, [each.account_id for each in versions])
    held = {facet: latest(each for each in versions if each.facet == facet) for facet in sorted(of.facets)}
    facets = [await shown(services, caller, of, facet, version, by) for facet, version in held.items()]
    return Curated(kind=of.kind, namespace=of.namespace, name=of.name, field=of.field, facets=facets)


@router.get("/facet", operation_id="getCuratedFacet")
async def get_facet(
    services: UsesServices,
    caller: Reader,
    response: Response,
    name: _Name,
    facet: Facet,
    kind: SubjectKind = SubjectKind.DATASET,
    namespace: _Part = "",
    field: _Part = "",
) -> CuratedFacet:
    """Give one facet with its ETag."""
    found = await readable(services, caller, subject(kind, namespace, name, field))
    of = found.subject
    mine = [each for each in await current_of(services.main, found.keys) if (each.field, each.facet) == (field, facet)]
    version = latest(mine)
    response.headers["ETag"] = f'"{tag_of(version)}"'
    by = await account_names(services.main, [version.account_id] if version else [])
    return await shown(services, caller, of, facet, version, by)


@router.put("/facet", operation_id="putCurated")
async def put_curated(
    services: UsesServices,
    caller: Reader,
    response: Response,
    asked: CuratedValue,
    name: _Name,
    facet: Facet,
    kind: SubjectKind = SubjectKind.DATASET,
    namespace: _Part = "",
    field: _Part = "",
    if_match: _IfMatch = None,
) -> CuratedFacet:
    """Say what a facet is from now on, if it is still as its ETag says; 412 if it is not. Needs `curate`."""
    _may_curate(caller)
    (found,) = await editable(services, caller, [subject(kind, namespace, name, field)])
    edit = Edit(found.subject, facet, asked.value, expected=_expected(if_match), keys=found.keys, path="$.value")
    return await _answered(services, caller, response, edit, "edit")


@router.post("/revert", operation_id="revertCurated")
async def revert_curated(
    services: UsesServices,
    caller: Reader,
    response: Response,
    asked: CuratedRevert,
    name: _Name,
    facet: Facet,
    kind: SubjectKind = SubjectKind.DATASET,
    namespace: _Part = "",
    field: _Part = "",
    if_match: _IfMatch = None,
) -> CuratedFacet:
    """Let an earlier version of a facet hold again; that is a new version, so it can be reverted too."""
    _may_curate(caller)
    (found,) = await editable(services, caller, [subject(kind, namespace, name, field)])
    plain = Edit(found.subject, facet, expected=_expected(if_match), keys=found.keys, path="$.event")
    edit = await curation(services).earlier(plain, asked.event)
    return await _answered(services, caller, response, edit, "revert")


@router.get("/history", operation_id="listCuratedVersions")
async def list_versions(
    services: UsesServices,
    caller: Reader,
    name: _Name,
    facet: Facet,
    kind: SubjectKind = SubjectKind.DATASET,
    namespace: _Part = "",
    field: _Part = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[CuratedVersion]:
    """List the versions of a facet, the newest first: who changed it when, from what to what."""
    found = await readable(services, caller, subject(kind, namespace, name, field))
    rows = await versions_of(services.main, found.keys, field, facet, limit + 1)
    befores = [version.value for version, _ in rows[1:]] + [None]
    return [
        CuratedVersion(
            version=version.version,
            at=version.at,
            by=by,
            source=version.source,
            before=await shown_value(services, caller, facet, before),
            after=await shown_value(services, caller, facet, version.value),
            event=version.event_id,
        )
        for (version, by), before in zip(rows[:limit], befores, strict=False)
    ]


@router.post("/edits", operation_id="editCurated")
async def edit_curated(services: UsesServices, caller: Reader, asked: CuratedEdits) -> CuratedResults:
    """Make many edits together, or none; a dry run tells what would change. Needs `curate` for each."""
    _may_curate(caller)
    edits = await edits_of(services, caller, asked.edits)
    done = await make(services, caller, edits, dry=asked.dry_run)
    return CuratedResults(results=[result_of(each) for each in done], dry_run=asked.dry_run)


async def edits_of(services: Services, caller: Caller, asked: Sequence[CuratedEdit]) -> list[Edit]:
    """Read edits that the caller may make."""
    edits = _edits(asked, await editable(services, caller, [each.subject for each in asked]))
    await check_domains(services, caller, edits)
    return edits


async def check_domains(services: Services, caller: Caller, edits: Sequence[Edit]) -> None:
    """Raise ForbiddenError where a dataset would go into a domain, or out of all, that the caller does not curate."""
    scope = caller.scope_of(Permission.CURATE)
    if not scope.needs_attributes:
        return
    for edit in edits:
        if edit.facet is Facet.DOMAIN:
            domain = str(edit.value.get("name")) if edit.value else None
            await check_domain(services, scope, edit.subject, domain)


async def plain_edits(services: Services, caller: Caller, asked: Sequence[CuratedEdit]) -> list[Edit]:
    """Read edits of what the caller may read, for somebody else to make."""
    return _edits(asked, await readable_all(services, caller, [each.subject for each in asked]))


def _edits(asked: Sequence[CuratedEdit], found: Sequence[FoundSubject]) -> list[Edit]:
    return [_edit(each, of, f"$.edits[{index}]") for index, (each, of) in enumerate(zip(asked, found, strict=True))]


def _edit(asked: CuratedEdit, found: FoundSubject, path: str) -> Edit:
    add, remove = tuple(asked.add), tuple(asked.remove)
    if (add or remove) and (asked.value is not None or asked.facet not in LISTS):
        raise InvalidInputError("either sets a value or changes a list", path)
    return Edit(found.subject, asked.facet, asked.value, add, remove, asked.etag, found.keys, path)


def result_of(done: Edited) -> CuratedResult:
    """Tell what became of an edit."""
    of = done.edit.subject
    return CuratedResult(
        kind=of.kind,
        namespace=of.namespace,
        name=of.name,
        field=of.field,
        facet=done.edit.facet,
        changed=done.changed,
        before=None if done.before is None else done.before.value,
        after=None if done.after is None else done.after.value,
        etag=tag_of(done.after),
    )


async def shown(
    services: Services, caller: Caller, of: Subject, facet: Facet, version: Version | None, by: dict[str, str]
) -> CuratedFacet:
    """Describe a facet as it is now."""
    if version is None:
        return CuratedFacet(facet=facet, field=of.field, etag=tag_of(None))
    value = await shown_value(services, caller, facet, version.value)
    text = value.get("text" if facet is Facet.DESCRIPTION else "description") if value else None
    return CuratedFacet(
        facet=facet,
        field=of.field,
        value=value,
        etag=tag_of(version),
        version=version.version,
        changed_at=version.at,
        changed_by=by.get(version.account_id),
        source=version.source,
        html=html_of(text) if text else None,
    )


async def _answered(services: Services, caller: Caller, response: Response, edit: Edit, source: str) -> CuratedFacet:
    await check_domains(services, caller, [edit])
    (done,) = await make(services, caller, [edit], source)
    response.headers["ETag"] = f'"{tag_of(done.after)}"'
    by = {caller.account_id: caller.name}
    return await shown(services, caller, edit.subject, edit.facet, done.after, by)


def _may_curate(caller: Caller) -> None:
    if not caller.may(Permission.CURATE):
        raise ForbiddenError("this request", f"the permission {Permission.CURATE}")


def _expected(if_match: str | None) -> str | None:
    """Read `If-Match`; None takes whatever there is."""
    if if_match is None:
        raise InvalidInputError("is missing: send the facet's ETag, or * to overwrite whatever there is", "$.if-match")
    tag = if_match.strip().removeprefix("W/").strip('"')
    return None if tag == "*" else tag
