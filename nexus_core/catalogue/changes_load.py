"""Reads what a walk through changes needs from the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import orjson

from nexus_core.catalogue.changes import Change
from nexus_core.catalogue.changes_walk import GONE, THERE, Evidence, Facts, Output, Window
from nexus_core.model.access import Scope
from nexus_core.model.aliases import Aliases, renamed_edge
from nexus_core.model.edge import Edge, EdgeKind, node_key, unpack
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.timeline import Fact, Point, Points, greatest, history
from nexus_core.store.dataset_access import visible_of
from nexus_core.store.ledger import Snapshot
from nexus_core.store.ledger_rows import EvidenceRow, ExistenceRow


@dataclass(frozen=True, slots=True)
class Loaded:
    """Outputs with what they refer to."""

    outputs: Sequence[Output]
    facts: Facts

    async def shown(self, ledger: Snapshot, rows: Iterable[Change], window: Window, scope: Scope) -> list[Change]:
        """Give the rows all of whose datasets a scope sees, and note those whose event tells of more than that."""
        found = list(rows)
        if scope.everything:
            return found
        points = [point for output in self.outputs for one in output.evidence for point in one.within(window)]
        sources = [(point.event_id, self._sources(point)) for point in points]
        named = {name for of in (*(row.datasets for row in found), *(each for _, each in sources)) for name in of}
        seen = await visible_of(ledger.connection, scope, named)
        private = {event_id for event_id, each in sources if not each <= seen}
        return [replace(row, is_private=row.cause.event_id in private) for row in found if row.datasets <= seen]

    def _sources(self, point: Point[tuple[str, ...]]) -> set[DatasetName]:
        edges = (edge for content in point.value for edge in self.facts.edges[content])
        return {DatasetName(edge.source_namespace, edge.source_name) for edge in edges if edge.source_name}


async def load(
    ledger: Snapshot,
    aliases: Aliases,
    evidence: Mapping[DatasetName, Sequence[EvidenceRow]],
    schemas: Mapping[DatasetName, Mapping[str, Points]],
    window: Window,
    only_from: DatasetName | None = None,
) -> Loaded:
    """Read the contents that a window shows of outputs, and which of their datasets ever ended.

    Outputs go by the names that stand for them, and so do the edges. `only_from` leaves out those of all other sources.
    """
    outputs = [Output(name, [_evidence(row) for row in rows], schemas.get(name, {})) for name, rows in evidence.items()]
    edges = await _edges(ledger, outputs, window)
    if aliases:
        edges = {content: [renamed_edge(edge, aliases) for edge in of] for content, of in edges.items()}
    if only_from is not None:
        edges = {content: [edge for edge in of if edge[2:4] == _pair(only_from)] for content, of in edges.items()}
    sources = {edge[2:4] for of in edges.values() for edge in of}
    names = {*evidence, *(DatasetName(*source) for source in sources if source[1])}
    fields = await _fields(ledger, outputs)
    return Loaded(outputs, Facts(edges, fields, await existence_of(ledger, aliases, names)))


async def schemas_of(
    ledger: Snapshot, aliases: Aliases, names: Iterable[DatasetName]
) -> dict[DatasetName, dict[str, Points]]:
    """Give the change points of datasets' schemas by principal class, under all their names together; nothing for
    what no event names.
    """
    of_names: dict[DatasetName, list[dict[str, Points]]] = defaultdict(list)
    firsts = keys_of(aliases, names)
    for row in await ledger.datasets(firsts):
        of_names[firsts[row.dataset_key]].append(_schemas(row.timelines))
    return {name: told[0] if len(told) == 1 else _joined(told) for name, told in of_names.items()}


async def existence_of(ledger: Snapshot, aliases: Aliases, names: Iterable[DatasetName]) -> dict[DatasetName, Points]:
    """Give the change points of the existence, under all their names together, of those datasets that ever ended."""
    firsts = keys_of(aliases, names)
    rows: dict[str, list[ExistenceRow]] = defaultdict(list)
    for row in await ledger.existence(firsts):
        rows[row.subject_key].append(row)
    of_names: dict[DatasetName, list[dict[str, Points]]] = defaultdict(list)
    for key, of in rows.items():
        of_names[firsts[key]].append({"": history(map(_existence, of), greatest)})
    return {name: (told[0] if len(told) == 1 else _joined(told))[""] for name, told in of_names.items()}


def keys_of(aliases: Aliases, names: Iterable[DatasetName]) -> dict[str, DatasetName]:
    """Give the keys of all names that datasets have, each with the name that stands for it."""
    return {node_key(one.id): name for name in names for one in (aliases.members(name) if aliases else (name,))}


def _joined(told: Iterable[Mapping[str, Points]]) -> dict[str, Points]:
    facts: dict[str, list[Fact[str]]] = defaultdict(list)
    for of in told:
        for name, points in of.items():
            facts[name] += [Fact(*point) for point in points]
    return {name: history(each, greatest) for name, each in facts.items()}


def _evidence(row: EvidenceRow) -> Evidence:
    job = JobName(row.job_namespace, row.job_name) if row.job_namespace is not None and row.job_name else None
    return Evidence(row.evidence_key, row.origin, job, points_of(row))


def points_of(row: EvidenceRow) -> list[Point[tuple[str, ...]]]:
    """Give the change points of what an evidence claims, as fingerprints of contents."""
    points = orjson.loads(row.versions)
    return [Point(at, tuple(contents), event_id, since, until) for at, contents, event_id, since, until in points]


async def _edges(ledger: Snapshot, outputs: Iterable[Output], window: Window) -> dict[str, Sequence[Edge]]:
    shown = (point for output in outputs for one in output.evidence for point in one.within(window))
    rows = await ledger.contents({content for point in shown for content in point.value})
    return {row.fingerprint: [edge for edge in unpack(row.body) if edge.kind != EdgeKind.MARK] for row in rows}


async def _fields(ledger: Snapshot, outputs: Iterable[Output]) -> dict[str, Sequence[tuple[str, str]]]:
    points = (point for output in outputs for of in output.schemas.values() for point in of)
    rows = await ledger.contents({point.value for point in points})
    return {row.fingerprint: [(field, type_) for field, type_ in orjson.loads(row.body)] for row in rows}


def _schemas(timelines: bytes) -> dict[str, Points]:
    classes = orjson.loads(timelines).get("schema", {})
    return {name: [Point(*point) for point in points] for name, points in classes.items()}


def _existence(row: ExistenceRow) -> Fact[str]:
    return Fact(row.valid_at, THERE if row.exists else GONE, row.event_id, row.since, row.until)


def _pair(name: DatasetName) -> tuple[str, str]:
    return name.namespace, name.name
