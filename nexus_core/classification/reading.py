"""Reads what classes are computed from, under the names that stand for datasets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from nexus_core.classification.decided import Decided, Statement
from nexus_core.classification.links import Facts, Writing, facts_of
from nexus_core.model.aliases import Aliases, renamed_edge
from nexus_core.model.classes import Classes
from nexus_core.model.edge import Edge, node_key, unpack
from nexus_core.model.names import DatasetName
from nexus_core.model.timeline import Point
from nexus_core.store.class_facts import ClassStatementRow, definitions, statements
from nexus_core.store.ledger import Snapshot
from nexus_core.store.ledger_rows import EvidenceRow

Names = Collection[DatasetName]

_REDEFINING = "view"


@dataclass(slots=True)
class Reader:
    """One snapshot of a ledger."""

    ledger: Snapshot
    aliases: Aliases
    classes: Classes = field(default_factory=Classes)

    async def prepare(self) -> None:
        """Find out which classes are defined."""
        self.classes = await read_classes(self.ledger)

    def first(self, name: DatasetName) -> DatasetName:
        """Give the name that stands for a dataset."""
        return self.aliases.of(name)

    async def facts(self, names: Names) -> list[Facts]:
        """Give all that bears on datasets."""
        return await self._facts(names, await self.ledger.evidence_of_outputs(self._keys(names)))

    async def facts_of_readers(self, names: Names) -> list[Facts]:
        """Give, of each dataset that is written from any of these, what those bear on it who ever read them."""
        readings = await self.ledger.readings(self._keys(names))
        rows = await self.ledger.evidence(row.evidence_key for row in readings)
        outputs = {self.first(name) for row in rows if (name := _output(row)) is not None}
        return await self._facts(outputs, rows)

    async def readers(self, names: Names) -> set[DatasetName]:
        """Give the datasets that are written from any of these."""
        readings = await self.ledger.readings(self._keys(names))
        rows = await self.ledger.evidence(row.evidence_key for row in readings)
        return {self.first(name) for row in rows if (name := _output(row)) is not None}

    def keys_of(self, name: DatasetName) -> list[str]:
        """Give the keys of all names of a dataset."""
        return [node_key(one.id) for one in (self.aliases.members(name) if self.aliases else (name,))]

    def _keys(self, names: Names) -> list[str]:
        return [key for name in names for key in self.keys_of(name)]

    async def _facts(self, names: Names, rows: Sequence[EvidenceRow]) -> list[Facts]:
        writings: dict[DatasetName, list[Writing]] = defaultdict(list)
        for row in rows:
            if (name := _output(row)) is not None:
                writings[self.first(name)].append(_writing(row))
        every = (one for of in writings.values() for one in of)
        contents = await self.edges({content for one in every for point in one.points for content in point.value})
        decided = await self._decided(names)
        return [facts_of(name, writings[name], contents, decided[name]) for name in names]

    async def edges(self, contents: Collection[str]) -> Mapping[str, Sequence[Edge]]:
        """Give the edges of contents."""
        found = {row.fingerprint: unpack(row.body) for row in await self.ledger.contents(contents)}
        if not self.aliases:
            return found
        return {content: [renamed_edge(edge, self.aliases) for edge in of] for content, of in found.items()}

    async def _decided(self, names: Names) -> dict[DatasetName, Decided]:
        of = {key: name for name in names for key in self.keys_of(name)}
        told: dict[DatasetName, list[Statement]] = {name: [] for name in names}
        for row in await statements(self.ledger.connection, of):
            told[of[row.dataset_key]].append(_statement(row))
        return {name: Decided(found, self.classes) for name, found in told.items()}


async def read_classes(ledger: Snapshot) -> Classes:
    """Give the classes that are defined."""
    return defined_classes(await definitions(ledger.connection))


def defined_classes(rows: Iterable[ClassStatementRow]) -> Classes:
    """Give the classes that definitions add up to."""
    return Classes(
        (row.class_name, rank) for row in rows if isinstance(rank := orjson.loads(row.details).get("rank"), int)
    )


def _statement(row: ClassStatementRow) -> Statement:
    told = (row.accepted_at, row.event_id, row.field, row.act, row.class_name, row.principal)
    return Statement(*told, orjson.loads(row.details))


def _writing(row: EvidenceRow) -> Writing:
    points = [Point(at, tuple(value), *told) for at, value, *told in orjson.loads(row.versions)]
    job = (row.job_namespace, row.job_name) if row.job_namespace is not None and row.job_name else None
    redefines = row.principal_class == "harvest" and row.origin == _REDEFINING
    return Writing(row.evidence_key, row.origin, job, points, redefines)


def _output(row: EvidenceRow) -> DatasetName | None:
    if row.output_namespace is None or not row.output_name:
        return None
    return DatasetName(row.output_namespace, row.output_name)
