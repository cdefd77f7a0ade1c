"""What is enforced of a field and why: its path back to a decision, and what else may give it away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from nexus_core.classification.links import ROW_SUBTYPES, Facts, in_force
from nexus_core.classification.reading import Reader, read_classes
from nexus_core.errors import NotFoundError
from nexus_core.model.access import Scope
from nexus_core.model.aliases import Aliases
from nexus_core.model.class_fields import Fields, Node
from nexus_core.model.classes import OPEN, PUBLIC, Classes, Level, folded
from nexus_core.model.edge import EdgeKind, node_key
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from nexus_core.store.classes import Connection, RequestRow, dataset_classes, read_fields, requests_of
from nexus_core.store.database import Store, snapshot
from nexus_core.store.dataset_access import visible_of
from nexus_core.store.ledger import Ledger

_HOPS_MOST = 100
_RISKS_MOST = 100


@dataclass(frozen=True, slots=True)
class Hop:
    """A field that a class comes from, and how it reaches the one before; None for what the caller may not see.

    `field` "" is the whole dataset or, where `origin` names known fields, all but those.
    """

    name: DatasetName | None
    field: str = ""
    level: Level | None = None
    origin: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Risk:
    """That a classified field decides which rows a dataset has, or their order."""

    name: DatasetName
    field: str
    subtype: str
    level: Level


@dataclass(frozen=True, slots=True)
class FieldClass:
    """What is enforced of a field, since which generation, why, and what may give it away.

    `is_public`: a steward said so, and nothing classifies it.
    """

    name: DatasetName
    field: str
    level: Level
    is_public: bool
    generation: int
    pinned: bool
    path: list[Hop]
    risks: list[Risk]
    request: RequestRow | None
    suspects: list[str]
    """Keys of the datasets whose fields are suspected to reach it, by which a suspicion is rejected."""

    @property
    def class_name(self) -> str:
        """The class, or UNDECIDED."""
        return PUBLIC if self.is_public else self.level.name


async def read_field_class(
    main: Store, ledger: Store, aliases: Aliases, scope: Scope, asked: DatasetName, field: str
) -> FieldClass:
    """Read what is enforced of a field, or of the whole dataset for "".

    Raises NotFoundError for a dataset that is unknown, invisible or was never classified.
    """
    name, field = aliases.of(canonical(asked)), folded(field)
    missing = NotFoundError(f"dataset {asked.name} in {asked.namespace}")
    async with Ledger(ledger).reading() as seen, snapshot(main) as enforced:
        if not await visible_of(seen.connection, scope, [name]):
            raise missing
        reader = Reader(seen, aliases, await read_classes(seen))
        rows = await dataset_classes(enforced, [node_key(name.id)])
        if not rows:
            raise missing
        return await _Asking(enforced, seen.connection, reader, scope).field(name, field, rows[0].generation)


class _Asking:
    def __init__(self, enforced: Connection, ledger: Connection, reader: Reader, scope: Scope) -> None:
        self._enforced, self._ledger, self._reader, self._scope = enforced, ledger, reader, scope

    async def field(self, name: DatasetName, field: str, generation: int) -> FieldClass:
        key = node_key(name.id)
        fields = (await read_fields(self._enforced, [key], self._classes)).get(key, Fields())
        holder = fields.holder_of(field)
        path = [hop async for hop in self._path(Node(key, holder), fields)] if holder is not None else []
        asked = {row.field: row for row in await requests_of(self._enforced, [key])}
        (facts,) = await self._reader.facts([name])
        level = fields.level_of(field)
        return FieldClass(
            name,
            field,
            level,
            level == OPEN and facts.decided.is_public(field),
            generation,
            holder is not None and fields.owned[holder].pinned,
            path,
            await self._risks(facts),
            asked.get(field),
            _suspects(fields, field),
        )

    @property
    def _classes(self) -> Classes:
        return self._reader.classes

    async def _path(self, node: Node | None, fields: Fields) -> AsyncIterator[Hop]:
        """Give what a level stands on, hop by hop, as far as the caller may see."""
        for _ in range(_HOPS_MOST):
            if node is None:
                return
            rows = await dataset_classes(self._enforced, [node.dataset_key])
            if not rows or not await visible_of(self._ledger, self._scope, [rows[0].dataset]):
                yield Hop(None)
                return
            owned = fields.owned.get(node.field)
            if owned is None:
                return
            yield Hop(rows[0].dataset, node.field, owned.level, owned.origin)
            node = owned.parent
            if node is not None:
                key = node.dataset_key
                fields = (await read_fields(self._enforced, [key], self._classes)).get(key, Fields())

    async def _risks(self, facts: Facts) -> list[Risk]:
        """Give the classified fields that what writes a dataset filters, joins, groups or sorts by now."""
        contents = {content for one in facts.writings.values() for content in in_force(one, 0, now=True)}
        edges = [edge for of in (await self._reader.edges(contents)).values() for edge in of]
        rows = [edge for edge in edges if edge.subtype in ROW_SUBTYPES and edge.kind == EdgeKind.INDIRECT]
        asked = {
            (DatasetName(edge.source_namespace, edge.source_name), edge.source_field, edge.subtype) for edge in rows
        }
        visible = await visible_of(self._ledger, self._scope, {one[0] for one in asked})
        shown = [one for one in sorted(asked) if one[0] in visible]
        fields = await read_fields(self._enforced, {node_key(one[0].id) for one in shown}, self._classes)
        found = [(one, fields.get(node_key(one[0].id), Fields()).level_of(one[1])) for one in shown]
        return [Risk(*one, level) for one, level in found if level.rank > 0][:_RISKS_MOST]


def _suspects(fields: Fields, field: str) -> list[str]:
    found = {
        owned.parent.dataset_key
        for name, owned in fields.owned.items()
        if not owned.level.certain and owned.parent is not None and Fields([(name, owned)]).holder_of(field)
    }
    return sorted(found)
