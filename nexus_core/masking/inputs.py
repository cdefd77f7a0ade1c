"""All that decides what people see of a source, read at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from nexus_core.catalogue.policy_columns import policy_columns
from nexus_core.governance.policies import keeping
from nexus_core.governance.policies.document import policy_set
from nexus_core.masking.audiences import Audience, read_people
from nexus_core.masking.classified import Known, by_dataset
from nexus_core.masking.source_objects import SourceCatalogue
from nexus_core.masking.sources import Source
from nexus_core.model.aliases import Aliases
from nexus_core.model.names import DatasetName
from nexus_core.model.policy import Column, PolicySet
from nexus_core.projection.active import ActiveProjection
from nexus_core.sql.condition import condition_of
from nexus_core.store import masking as rows
from nexus_core.store.classes import Generation, read_generation
from nexus_core.store.database import Store, reading

Columns = dict[DatasetName, dict[str, Column]]


@dataclass(frozen=True, slots=True)
class Inputs:
    """Policies, people, classes; `token` is equal where nothing changed that decides anything."""

    policies: PolicySet
    audiences: dict[str, Audience]
    attributes: frozenset[str]
    columns: Columns
    aliases: Aliases
    classes: Generation
    token: str


async def read_inputs(main: Store, active: ActiveProjection, source: Source) -> Inputs:
    """Read all but the source itself; raises UnavailableError if a store fails."""
    kept = await keeping.active(main)
    policies = policy_set(kept.document) if kept else PolicySet()
    attributes = attributes_of(policies)
    audiences = (await read_people(main)).audiences(attributes)
    async with reading(main) as connection:
        classes = await read_generation(connection)
    projection = await active.current()
    aliases = await projection.aliases.read(projection.store)
    namespaces = _namespaces(source, aliases)
    columns = await by_dataset(policy_columns(projection.store, main, namespaces))
    version, names = kept.version.version if kept else 0, projection.aliases.generation
    told = (version, sorted(audiences), sorted(attributes), sorted(columns.items()), names)
    return Inputs(policies, audiences, attributes, columns, aliases, classes, sha256(repr(told).encode()).hexdigest())


async def known_of(main: Store, source: Source, inputs: Inputs, catalogue: SourceCatalogue) -> Known:
    """Put what the catalogue knows to what the source has, under all names that its columns had."""
    had = await rows.identities(main, source.name)
    return Known(source.namespace, catalogue.database, inputs.columns, inputs.aliases, had)


def attributes_of(policies: PolicySet) -> frozenset[str]:
    """Give the attributes that row filters ask for."""
    return frozenset(name for each in policies.row_filters for name in condition_of(each.where).parameters)


def _namespaces(source: Source, aliases: Aliases) -> frozenset[str]:
    """Give where the catalogue may have the source's relations, under the names that stand for them."""
    own = {source.namespace, aliases.space(source.namespace)}
    return frozenset(own | {first.namespace for first in aliases.datasets})
