"""What the catalogue knows of a source's columns, under every name that each ever had.

Whoever renames or swaps columns or tables makes another thing bear a name that was classified. What is masked follows
the thing and the name both: a column has the strongest of what policies say of each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from nexus_core.masking.source_objects import SourceCatalogue, SourceRelation
from nexus_core.model.aliases import Aliases
from nexus_core.model.names import DatasetName
from nexus_core.model.naming_tables import joined
from nexus_core.model.policy import Column

Name = tuple[str, str, str]
"""Schema, relation and column."""

Identities = Mapping[tuple[int, int], Collection[Name]]
"""Names by the oid of the relation and the number of the column."""


@dataclass(frozen=True, slots=True)
class Known:
    """Columns of the catalogue, by the names that stand for datasets, and the names that columns had."""

    namespace: str
    database: str
    columns: Mapping[DatasetName, Mapping[str, Column]]
    aliases: Aliases = field(default_factory=Aliases)
    identities: Identities = field(default_factory=dict)

    def of(self, relation: SourceRelation, number: int, name: str) -> tuple[Column | None, tuple[Column, ...]]:
        """Give what is known of a column by its name now, None for nothing, and by each name that it had."""
        now = self._find((relation.schema, relation.name, name))
        had = self.identities.get((relation.oid, number), ())
        before = (self._find(each) for each in had if each != (relation.schema, relation.name, name))
        return now, tuple(each for each in before if each is not None and each.class_name is not None)

    def dataset(self, schema: str, relation: str) -> DatasetName:
        """Give the name that stands for a relation."""
        return self.aliases.of(DatasetName(self.namespace, joined(self.database, schema, relation)))

    def _find(self, name: Name) -> Column | None:
        return self.columns.get(self.dataset(name[0], name[1]), {}).get(name[2])


async def by_dataset(columns: AsyncIterable[Column]) -> dict[DatasetName, dict[str, Column]]:
    """Put columns by dataset and field; a column of the catalogue is one in the source by its exact name only."""
    found: dict[DatasetName, dict[str, Column]] = defaultdict(dict)
    async for column in columns:
        found[column.dataset][column.field] = column
    return dict(found)


def names_now(catalogue: SourceCatalogue) -> Iterable[tuple[int, int, str, str, str]]:
    """Give oid, number and name of every column."""
    for relation in catalogue.relations.values():
        for column in relation.columns:
            yield relation.oid, column.number, relation.schema, relation.name, column.name
