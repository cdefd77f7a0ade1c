"""What a failing check reaches: everything downstream, what is read most first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nexus_core.errors import NotFoundError
from nexus_core.graph.connection import Graph
from nexus_core.graph.read import read_lineage
from nexus_core.graph.read_answer import Direction, Granularity, LineageAnswer, LineageQuery
from nexus_core.model.access import Scope
from nexus_core.model.aliases import Aliases
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName
from nexus_core.store.catalogue_labels import labels_of
from nexus_core.store.database import Store, reading
from nexus_core.store.dataset_access import lookup_in
from nexus_core.store.usage import read_counts

_DEPTH = 50
_NODES_MOST = 10_000
USAGE_DAYS = 30


@dataclass(frozen=True, slots=True)
class Reached:
    """A dataset downstream: the fields that come from the failing one (none if a whole dataset fails), its readers."""

    name: DatasetName
    kind: str | None
    fields: Sequence[str]
    owners: Sequence[str]
    read_count: int


@dataclass(frozen=True, slots=True)
class Blast:
    """All that is reached, the most read first; `hidden`: lineage leads on to what the caller may not see."""

    reached: Sequence[Reached]
    hidden: bool
    truncated: bool


async def read_blast(
    graph: Graph, store: Store, aliases: Aliases, scope: Scope, name: DatasetName, field: str | None, timeout_s: float
) -> Blast:
    """Follow lineage downstream of a dataset or field; what the graph does not have reaches nothing.

    Raises UnavailableError if Neo4j does not answer.
    """
    query = LineageQuery(
        namespace=name.namespace,
        name=name.name,
        field=field,
        direction=Direction.DOWNSTREAM,
        depth=_DEPTH,
        granularity=Granularity.FIELD if field else Granularity.DATASET,
        limit=_NODES_MOST,
    )
    try:
        answer = await read_lineage(graph, query, scope, timeout_s, lookup_in(store))
    except NotFoundError:
        return Blast((), hidden=False, truncated=False)
    fields, kinds = _reached(answer, name)
    return Blast(
        await _described(store, aliases, fields, kinds),
        any(node.found is None for node in answer.nodes),
        answer.truncated,
    )


def _reached(
    answer: LineageAnswer, start: DatasetName
) -> tuple[Mapping[DatasetName, list[str]], Mapping[DatasetName, str]]:
    fields: dict[DatasetName, list[str]] = {}
    kinds: dict[DatasetName, str] = {}
    for node in answer.nodes:
        if node.found is None or node.kind == "job":
            continue
        name = DatasetName(node.found.namespace, node.found.name)
        if name == start:
            continue
        of = fields.setdefault(name, [])
        if node.found.field is not None:
            of.append(node.found.field)
        if node.facts and node.facts.dataset_kind:
            kinds[name] = node.facts.dataset_kind
    return fields, kinds


async def _described(
    store: Store, aliases: Aliases, fields: Mapping[DatasetName, list[str]], kinds: Mapping[DatasetName, str]
) -> list[Reached]:
    keys = {name: [node_key(member.id) for member in aliases.members(name)] for name in fields}
    async with reading(store) as connection:
        counts = await read_counts(connection, [key for of in keys.values() for key in of], USAGE_DAYS)
        labels = await labels_of(connection, [node_key(name.id) for name in fields])
    found = [
        Reached(
            name,
            kinds.get(name),
            sorted(of),
            labels.get(node_key(name.id), {}).get("owner", []),
            sum(counts.get(key, 0) for key in keys[name]),
        )
        for name, of in fields.items()
    ]
    return sorted(found, key=lambda each: (-each.read_count, each.name))
