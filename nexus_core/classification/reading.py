"""Reads what classes are computed from, under the names that stand for datasets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from nexus_core.classification.decided import Decided, Statement
from nexus_core.classification.links import Facts, Writing, facts_of
from nexus_core.model.aliases import Aliases, renamed_edge
from nexus_core.model.class_fields import REST
from nexus_core.model.classes import WHOLE, Classes, folded
from nexus_core.model.edge import Edge, EdgeKind, node_key
from nexus_core.model.names import DatasetName
from nexus_core.model.timeline import Point
from nexus_core.store.class_facts import ClassStatementRow, definitions, statements
from nexus_core.store.ledger import Snapshot
from nexus_core.store.ledger_rows import EvidenceRow

Names = Collection[DatasetName]
FieldsOf = Mapping[DatasetName, Collection[str]]

_REDEFINING = "view"


class Concerned(Protocol):
    """Tells which edges matter."""

    def has(self, edge: Sequence[Any]) -> bool:
        """Whether an edge does."""
        ...


class Taken:
    """Which fields of datasets lost their levels; all of a dataset that lost what concerns others of its fields."""

    def __init__(self, fields: FieldsOf) -> None:
        self._fields = _by_name(fields, _concerns_rest)

    def has(self, edge: Sequence[Any]) -> bool:
        """Whether an edge leads to one of them, or marks it."""
        fields = self._fields.get((edge[5], edge[6]), ())
        return fields is None or folded(edge[7]) in fields


class Moved:
    """Which fields of datasets have another level now; all of a dataset whose parts have levels of their own."""

    def __init__(self, fields: FieldsOf) -> None:
        self._fields = _by_name(fields, _concerns_others)

    def has(self, edge: Sequence[Any]) -> bool:
        """Whether an edge may carry one of them, or is a mark."""
        if edge[0] == EdgeKind.MARK:
            return True
        pair = (edge[2], edge[3])
        if pair not in self._fields:
            return False
        fields, asked = self._fields[pair], edge[4]
        return fields is None or not asked or "." in asked or folded(asked) in fields


def _by_name(fields: FieldsOf, concerns_all: Callable[[str], bool]) -> dict[tuple[str, str], frozenset[str] | None]:
    """Give fields by dataset, as edges name it; None where one of them concerns all of the dataset."""
    return {
        (name.namespace, name.name): None if any(map(concerns_all, of)) else frozenset(of)
        for name, of in fields.items()
    }


def _concerns_others(field: str) -> bool:
    return _concerns_rest(field) or "." in field


def _concerns_rest(field: str) -> bool:
    return field == WHOLE or field.startswith(REST)


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
        return self.aliases.of(name) if self.aliases else name

    async def facts(self, names: Names) -> list[Facts]:
        """Give all that bears on datasets."""
        return await self._facts(names, await self.ledger.evidence_of_outputs(self._keys(names)))

    async def facts_of_fields(self, taken: FieldsOf) -> list[Facts]:
        """Give what bears on some fields of datasets; the links to others may be there or not."""
        return await self._facts(taken, await self.ledger.evidence_of_outputs(self._keys(taken)), Taken(taken))

    async def facts_of_readers(self, moved: FieldsOf) -> list[Facts]:
        """Give, of each dataset that is written from any of these, what reaches it from their fields by who reads them.

        The links from other fields may be there or not.
        """
        readings = await self.ledger.readings(self._keys(moved))
        rows = await self.ledger.evidence(row.evidence_key for row in readings)
        outputs = {self.first(name) for row in rows if (name := _output(row)) is not None}
        return await self._facts(outputs, rows, Moved(moved))

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

    async def _facts(
        self, names: Names, rows: Sequence[EvidenceRow], concerned: Concerned | None = None
    ) -> list[Facts]:
        writings: dict[DatasetName, list[Writing]] = defaultdict(list)
        for row in rows:
            if (name := _output(row)) is not None:
                writings[self.first(name)].append(_writing(row))
        every = (one for of in writings.values() for one in of)
        contents = await self.edges(
            {content for one in every for point in one.points for content in point.value}, concerned
        )
        decided = await self._decided(names)
        return [facts_of(name, writings[name], contents, decided[name]) for name in names]

    async def edges(
        self, contents: Collection[str], concerned: Concerned | None = None
    ) -> Mapping[str, Sequence[Edge]]:
        """Give the edges of contents; only those that matter, if it is told which do."""
        found = {row.fingerprint: orjson.loads(row.body) for row in await self.ledger.contents(contents)}
        if self.aliases:
            renamed = {
                content: [renamed_edge(Edge(*edge), self.aliases) for edge in of] for content, of in found.items()
            }
            return {
                content: [edge for edge in of if concerned is None or concerned.has(edge)]
                for content, of in renamed.items()
            }
        return {
            content: [Edge(*edge) for edge in of if concerned is None or concerned.has(edge)]
            for content, of in found.items()
        }

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
