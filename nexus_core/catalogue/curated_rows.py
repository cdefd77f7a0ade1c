"""Datasets, fields and jobs as rows of a table that people edit: what is shown of each, from whoever says it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nexus_core.catalogue import merged
from nexus_core.catalogue.curated import slots_of
from nexus_core.catalogue.identity import Known, load_known
from nexus_core.model.aliases import Aliases
from nexus_core.model.curation import Facet, Subject, SubjectKind
from nexus_core.model.edge import digest_of, node_key
from nexus_core.model.names import DatasetName, JobName
from nexus_core.store.catalogue import Owner, jobs_of
from nexus_core.store.curation import Version, current_of
from nexus_core.store.database import Store, reading


@dataclass(frozen=True, slots=True)
class ShownValues:
    """What is shown; a field has no owners, certification and domain, a job no domain and terms."""

    description: str = ""
    owners: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    certification: str = ""
    certification_note: str = ""
    domain: str = ""
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CuratedRow:
    """A dataset, field or job with what is shown of it, and the versions of what is curated, by facet."""

    subject: Subject
    keys: tuple[str, ...]
    shown: ShownValues
    versions: Mapping[Facet, Version]

    @property
    def tag(self) -> str:
        """What tells whether any of the shown values has changed."""
        told = self.shown
        return digest_of([told.description, told.owners, told.tags, told.certification, told.certification_note,
                          told.domain, told.terms])[:16]  # fmt: skip


async def read_rows(
    store: Store, main: Store, aliases: Aliases, names: Iterable[DatasetName]
) -> dict[Subject, CuratedRow]:
    """Give datasets by the names that stand for them, each followed by its fields; who sees them is decided before."""
    async with reading(store) as connection:
        known = await load_known(connection, names, aliases)
    members = {_name(one): _keys(aliases, _name(one)) for one in known}
    versions = await current_of(main, [key for keys in members.values() for key in keys])
    by_key: dict[str, list[Version]] = {}
    for version in versions:
        by_key.setdefault(version.subject_key, []).append(version)
    rows: dict[Subject, CuratedRow] = {}
    for one in known:
        keys = members[_name(one)]
        rows |= {row.subject: row for row in _rows(one, keys, [v for key in keys for v in by_key.get(key, ())])}
    return rows


async def read_job_rows(store: Store, main: Store, names: Iterable[JobName]) -> dict[Subject, CuratedRow]:
    """Give jobs by their names; who sees them is decided before."""
    found = await jobs_of(store, {node_key(name.id) for name in names})
    versions: dict[str, list[Version]] = {}
    for version in await current_of(main, list(found)):
        versions.setdefault(version.subject_key, []).append(version)
    rows = [_job_row(owner, slots, versions.get(key, ())) for key, (owner, slots) in sorted(found.items())]
    return {row.subject: row for row in rows}


def _job_row(owner: Owner, slots: Mapping[str, Any], versions: Sequence[Version]) -> CuratedRow:
    facets = merged.merge({**slots, **slots_of(versions)})
    state, note = merged.certification_of(facets)
    owners, tags = tuple(merged.owners_of(facets)), tuple(merged.tags_of(facets))
    shown = ShownValues(merged.description_of(facets) or "", owners, tags, state or "", note or "")
    of = Subject(SubjectKind.JOB, owner.name, owner.namespace)
    return CuratedRow(of, (owner.key,), shown, _of_field(versions, ""))


def _rows(known: Known, keys: tuple[str, ...], versions: Sequence[Version]) -> Iterator[CuratedRow]:
    facets = merged.merge({**known.slots, **slots_of(versions)})
    state, note = merged.certification_of(facets)
    shown = ShownValues(
        merged.description_of(facets) or "",
        tuple(merged.owners_of(facets)),
        tuple(merged.tags_of(facets)),
        state or "",
        note or "",
        merged.domain_of(facets) or "",
        tuple(merged.terms_of(facets)),
    )
    name = _name(known)
    yield CuratedRow(_subject(name, ""), keys, shown, _of_field(versions, ""))
    for field in merged.fields_of(facets):
        of_field = ShownValues(
            description=field.description or "",
            tags=tuple(merged.tags_of(facets, field.name)),
            terms=tuple(merged.terms_of(facets, field.name)),
        )
        yield CuratedRow(_subject(name, field.name), keys, of_field, _of_field(versions, field.name))


def _of_field(versions: Sequence[Version], field: str) -> dict[Facet, Version]:
    mine = sorted((v for v in versions if v.field == field), key=lambda each: (each.at, each.event_id))
    return {Facet(each.facet): each for each in mine}


def _subject(name: DatasetName, field: str) -> Subject:
    return Subject(SubjectKind.DATASET, name.name, name.namespace, field)


def _name(known: Known) -> DatasetName:
    return DatasetName(known.owner.namespace, known.owner.name)


def _keys(aliases: Aliases, name: DatasetName) -> tuple[str, ...]:
    return tuple(node_key(member.id) for member in aliases.members(name))
