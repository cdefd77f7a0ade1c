"""Which datasets a caller sees of those that one question meets: decided in Python, once for each.

Where names alone do not decide, attributes of datasets are read in one query for all that were met together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from nexus_core.graph.read_answer import FoundNode
from nexus_core.graph.read_session import ReadSession
from nexus_core.model.access import UNKNOWN, Attributes, Scope
from nexus_core.model.names import DatasetName

_ATTRIBUTES = """
UNWIND $met.keys AS key MATCH (d:Dataset {key: key})
WHERE d.domain IS NOT NULL OR d.class_name IS NOT NULL
RETURN collect([key, d.domain, d.class_name, coalesce(d.access_generation, 0)]) AS rows
"""
_ALL_ATTRIBUTES = """
MATCH (d:Dataset) WHERE d.domain IS NOT NULL OR d.class_name IS NOT NULL
RETURN collect([d.key, d.domain, d.class_name, coalesce(d.access_generation, 0)]) AS rows
"""

Whose = Sequence[str]
"""What decides about a dataset: its namespace, and where that is not enough its name and key."""


def whose(scope: Scope, node: str, key: str) -> str:
    """Give the Cypher of a `Whose` of a node that is a dataset or one of its fields; `key` is that of the dataset."""
    return f"[{node}.namespace]" if scope.by_namespace else f"[{node}.namespace, {node}.name, {key}]"


@dataclass(slots=True)
class Sight:
    """What a scope shows to one question."""

    session: ReadSession
    scope: Scope
    _attributes: dict[str, Attributes] = field(default_factory=dict)
    _seen: dict[tuple[str, ...], bool] = field(default_factory=dict)

    async def learn(self, of: Iterable[Whose]) -> None:
        """Read what is needed to decide about datasets; nothing, and no round trip, if their names decide."""
        if not self.scope.needs_attributes:
            return
        keys = {each[2] for each in of} - self._attributes.keys()
        if keys:
            self._attributes |= dict.fromkeys(keys, UNKNOWN)
            rows = await self.session.rows("sight", _ATTRIBUTES, {"met": {"keys": sorted(keys)}})
            self._note(rows)

    async def learn_nodes(self, nodes: Iterable[FoundNode]) -> None:
        """Read what is needed to decide about nodes that a traversal met."""
        await self.learn((node.namespace, node.name, node.parent) for node in nodes if node.parent)

    async def learn_all(self) -> None:
        """Read what is needed to decide about every dataset."""
        if self.scope.needs_attributes:
            self._note(await self.session.rows("sight of all", _ALL_ATTRIBUTES, {}))

    def sees(self, of: Whose) -> bool:
        """Whether a dataset is visible."""
        key = (of[0],) if self.scope.by_namespace else (of[0], of[1])
        seen = self._seen.get(key)
        if seen is None:
            name = DatasetName(of[0], of[1] if len(of) > 1 else "")
            told = self._attributes.get(of[2], UNKNOWN) if len(of) > 2 else UNKNOWN
            seen = self._seen[key] = self.scope.sees(name, told)
        return seen

    def sees_node(self, node: FoundNode) -> bool:
        """Whether a dataset or field that a traversal met is visible."""
        return self.sees((node.namespace, node.name, node.parent))

    def _note(self, rows: Iterable[Sequence[Any]]) -> None:
        self._attributes |= {key: Attributes(*told) for key, *told in rows}
