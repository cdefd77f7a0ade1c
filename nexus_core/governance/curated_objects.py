"""What curated metadata refers to: domains and terms that must be there, and glossary relations without circles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nexus_core.errors import InvalidInputError
from nexus_core.model.curation import Facet, Subject, SubjectKind, subject
from nexus_core.store import curation as rows
from nexus_core.store.catalogue import Connection
from nexus_core.store.curation import Version

if TYPE_CHECKING:
    from nexus_core.governance.curation import Edit

_BROADER_MAX = 100  # terms above a term


async def check_references(connection: Connection, edits: Sequence[Edit]) -> None:
    """Raise InvalidInputError for an edit that names a domain or term which is not there after all the edits."""
    made = {edit.subject: edit.value for edit in edits if edit.facet is Facet.CONTENT}
    wanted = {(of, edit.path) for edit in edits for of in _referred(edit)}
    present = {version.subject_key for version in await _present(connection, {of for of, _ in wanted})}
    for of, path in sorted(wanted):
        if (made[of] is None) if of in made else (of.key not in present):
            raise InvalidInputError(f"there is no {of}", path)
    for edit in edits:
        if edit.subject.kind is SubjectKind.TERM and edit.value is not None:
            await _check_circle(connection, edit, made)


async def check_unused(connection: Connection, edited: Iterable[tuple[Subject, Version | None]]) -> None:
    """Raise InvalidInputError where a domain is taken away that a dataset belongs to."""
    gone = {of for of, after in edited if of.kind is SubjectKind.DOMAIN and after is not None and after.body is None}
    for of in sorted(gone):
        if await rows.has_domain(connection, of.name):
            raise InvalidInputError(f"datasets belong to the {of}: give them another one first", "$.value")


def _referred(edit: Edit) -> Iterator[Subject]:
    value: Mapping[str, Any] = edit.value or {}
    if edit.facet is Facet.DOMAIN and value:
        yield subject(SubjectKind.DOMAIN, "", str(value.get("name")))
    if edit.facet is Facet.TERMS:
        for name in (*edit.add, *value.get("add", ())):
            yield subject(SubjectKind.TERM, "", name)
    if edit.subject.kind is SubjectKind.TERM:
        for relation in value.get("relations", ()):
            yield subject(SubjectKind.TERM, "", relation["term"])


async def _present(connection: Connection, subjects: Iterable[Subject]) -> list[Version]:
    found = await rows.current_versions(connection, [of.key for of in subjects])
    return [version for version in found if version.body is not None]


async def _check_circle(connection: Connection, edit: Edit, made: Mapping[Subject, Mapping[str, Any] | None]) -> None:
    """Walk up the broader terms, level by level: none may lead back."""
    level = _broader(edit.value)
    for _ in range(_BROADER_MAX):
        if edit.subject in level:
            raise InvalidInputError(f"{edit.subject} would be broader than itself", edit.path)
        if not level:
            return
        stored = {version.subject_key: version.value for version in await _present(connection, level)}
        level = {above for of in level for above in _broader(made[of] if of in made else stored.get(of.key))}
    raise InvalidInputError(f"more than {_BROADER_MAX} terms lie above {edit.subject}", edit.path)


def _broader(value: Mapping[str, Any] | None) -> set[Subject]:
    relations = (value or {}).get("relations", ())
    return {subject(SubjectKind.TERM, "", each["term"]) for each in relations if each["kind"] == "broader"}
