"""Which datasets a caller sees of those that one question meets: decided in Python, once for each.

What scopes ask of datasets beside their names lies in the SQL store, and is looked up for all that were met together.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from nexus_core.graph.read_answer import FoundNode
from nexus_core.model.access import UNKNOWN, Attributes, Scope
from nexus_core.model.names import DatasetName

Whose = Sequence[str]
"""What decides about a dataset: its namespace, and where that is not enough its name."""

Lookup = Callable[[Iterable[DatasetName]], Awaitable[Mapping[DatasetName, Attributes]]]
"""Gives what is known of datasets."""


async def nothing_known(_names: Iterable[DatasetName]) -> Mapping[DatasetName, Attributes]:
    """Know nothing, so that scopes which ask for more than names see nothing."""
    return {}


def whose(scope: Scope, node: str) -> str:
    """Give the Cypher of a `Whose` of a node that is a dataset or one of its fields."""
    return f"[{node}.namespace]" if scope.by_namespace else f"[{node}.namespace, {node}.name]"


_DECIDED_MOST = 100_000
_WHOLE_MOST = 1_000


@lru_cache(maxsize=64)
def _decided(_scope: Scope) -> dict[tuple[str, ...], bool]:
    """Give what a scope that decides by names alone was found to show, for all questions of this process."""
    return {}


@lru_cache(maxsize=64)
def _whole(_scope: Scope) -> set[str]:
    """Give the namespaces that a scope was found to show with all that they could have."""
    return set()


@dataclass(slots=True)
class Sight:
    """What a scope shows to one question; nothing needs to be asked of what lies in the namespaces `whole`."""

    scope: Scope
    lookup: Lookup = nothing_known
    whole: set[str] = field(init=False)
    _attributes: dict[DatasetName, Attributes] = field(default_factory=dict)
    _seen: dict[tuple[str, ...], bool] = field(init=False)

    def __post_init__(self) -> None:
        self.whole = _whole(self.scope)
        self._seen = {} if self.scope.needs_attributes else _decided(self.scope)
        if len(self._seen) > _DECIDED_MOST:
            self._seen.clear()

    async def learn(self, of: Iterable[Whose]) -> None:
        """Look up what is needed to decide about datasets; nothing if their names decide."""
        if not self.scope.needs_attributes:
            return
        named = {DatasetName(each[0], each[1]) for each in of if each[0] not in self.whole} - self._attributes.keys()
        wanted = [name for name in named if self.scope.may_see(name)]
        self._attributes |= dict.fromkeys(named, UNKNOWN)
        if wanted:
            self._attributes |= await self.lookup(wanted)

    async def learn_nodes(self, nodes: Iterable[FoundNode]) -> None:
        """Look up what is needed to decide about nodes that a traversal met."""
        await self.learn((node.namespace, node.name) for node in nodes if node.parent)

    def meet(self, namespaces: Iterable[str]) -> None:
        """Learn which of some namespaces are visible with all that they could have."""
        for namespace in set(namespaces) - self.whole:
            if len(self.whole) < _WHOLE_MOST and self.scope.sees_all_datasets(namespace):
                self.whole.add(namespace)

    def sees(self, of: Whose) -> bool:
        """Whether a dataset is visible."""
        if of[0] in self.whole:
            return True
        key = tuple(of[:1] if self.scope.by_namespace else of[:2])
        seen = self._seen.get(key)
        if seen is None:
            name = DatasetName(of[0], of[1] if len(of) > 1 else "")
            seen = self._seen[key] = self.scope.sees(name, self._attributes.get(name, UNKNOWN))
        return seen

    def sees_node(self, node: FoundNode) -> bool:
        """Whether a dataset or field that a traversal met is visible."""
        return self.sees((node.namespace, node.name))
