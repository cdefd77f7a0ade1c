"""What somebody wants to curate, found in the catalogue under the name that stands for it."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from nexus_core.catalogue.identity import Known, load_known
from nexus_core.catalogue.merged import fields_of, merge
from nexus_core.errors import NotFoundError
from nexus_core.model.access import UNKNOWN, Attributes, Scope
from nexus_core.model.aliases import Aliases
from nexus_core.model.curation import Subject, SubjectKind
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName
from nexus_core.store.catalogue import load_owners
from nexus_core.store.database import Store, reading
from nexus_core.store.dataset_access import attributes_of, visible_of


@dataclass(frozen=True, slots=True)
class FoundSubject:
    """A subject by its present name, and the keys of all its names."""

    subject: Subject
    keys: tuple[str, ...]


async def find_subjects(store: Store, aliases: Aliases, scope: Scope, asked: Sequence[Subject]) -> list[FoundSubject]:
    """Find datasets, fields and jobs that a scope sees, in the order asked; what is curated only is its own name.

    Raises NotFoundError, for what is hidden the same one as for what is not there.
    """
    jobs = {of.key for of in asked if of.kind is SubjectKind.JOB and sees_jobs(scope, of.namespace)}
    names = {aliases.of(DatasetName(of.namespace, of.name)) for of in asked if of.kind is SubjectKind.DATASET}
    async with reading(store) as connection:
        present = await load_owners(connection, True, jobs)
        known = await load_known(connection, await visible_of(connection, scope, names), aliases)
    fields = {_name(each): _fields(each) for each in known}
    return [_found(of, aliases, present, fields) for of in asked]


async def visible_datasets(
    store: Store, aliases: Aliases, scope: Scope, names: Iterable[DatasetName]
) -> set[DatasetName]:
    """Give those of some names whose dataset a scope sees."""
    standing = {name: aliases.of(name) for name in names}
    async with reading(store) as connection:
        seen = await visible_of(connection, scope, set(standing.values()))
    return {name for name, first in standing.items() if first in seen}


async def attributes_in(store: Store, scope: Scope, name: DatasetName) -> Attributes:
    """Give what is known of a dataset that a scope asks for."""
    async with reading(store) as connection:
        return (await attributes_of(connection, scope, [name])).get(name, UNKNOWN)


def sees_jobs(scope: Scope, namespace: str) -> bool:
    """Whether a scope sees all that the jobs of a namespace tell."""
    return scope.sees_whole(namespace)


def _found(
    of: Subject, aliases: Aliases, jobs: Container[str], datasets: Mapping[DatasetName, Collection[str]]
) -> FoundSubject:
    if of.kind is not SubjectKind.DATASET:
        if of.kind is SubjectKind.JOB and of.key not in jobs:
            raise NotFoundError(str(of))
        return FoundSubject(of, (of.key,))
    name = aliases.of(DatasetName(of.namespace, of.name))
    fields = datasets.get(name)
    if fields is None or (of.field and fields and of.field not in fields):
        raise NotFoundError(str(of))
    keys = tuple(node_key(member.id) for member in aliases.members(name))
    return FoundSubject(replace(of, namespace=name.namespace, name=name.name), keys)


def _name(known: Known) -> DatasetName:
    return DatasetName(known.owner.namespace, known.owner.name)


def _fields(known: Known) -> Collection[str]:
    return {field.name for field in fields_of(merge(known.slots))}
