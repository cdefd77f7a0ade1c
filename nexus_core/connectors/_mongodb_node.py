"""Where a value of a MongoDB document comes from: a tree that follows the document's own, pure and immutable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Literal

from nexus_core.connectors.objects import FieldLink
from nexus_core.model.names import DatasetName

Kind = Literal["DIRECT", "INDIRECT"]
Path = tuple[str, ...]
_STRENGTH = {"IDENTITY": 0, "TRANSFORMATION": 1, "AGGREGATION": 2}


@dataclass(frozen=True, slots=True)
class Ref:
    """A field of a collection, by its path (empty: the whole document), and how a value uses it."""

    dataset: DatasetName
    path: Path
    type: Kind = "DIRECT"
    subtype: str = "IDENTITY"

    def under(self, name: str) -> Ref:
        """Give the field nested in it."""
        return replace(self, path=(*self.path, name))

    def used(self, subtype: str) -> Ref:
        """Give it as used in another expression: the stronger change stays, what is indirect stays so."""
        if self.type == "INDIRECT" or _STRENGTH.get(subtype, 0) <= _STRENGTH.get(self.subtype, 0):
            return self
        return replace(self, subtype=subtype)

    def indirectly(self, subtype: str) -> Ref:
        """Give it as what affects a value, or which rows there are, without being part of it."""
        return self if self.type == "INDIRECT" else replace(self, type="INDIRECT", subtype=subtype)

    def link(self, name: str | None) -> FieldLink | None:
        """Give it as a link of a field; a whole document is no field."""
        if not self.path:
            return None
        return FieldLink(name, self.dataset, ".".join(self.path), self.type, self.subtype)


class Inside(Enum):
    """What is known of a value's fields that are not listed: those of its sources, none, or only where all is from."""

    OPEN = "open"
    CLOSED = "closed"
    SOLID = "solid"


@dataclass(frozen=True, slots=True)
class Node:
    """A value: its sources, and what differs below it; an array stands for its elements, as in MongoDB's paths."""

    refs: frozenset[Ref] = frozenset()
    children: Mapping[str, Node] = field(default_factory=dict)
    inside: Inside = Inside.CLOSED
    gone: bool = False

    def at(self, path: Iterable[str]) -> Node:
        """Give the value at a path."""
        node = self
        for name in path:
            node = node._child(name)
        return node

    def _child(self, name: str) -> Node:
        if name in self.children:
            return self.children[name]
        if self.inside is Inside.CLOSED:
            return GONE
        refs = frozenset(ref.under(name) for ref in self.refs) if self.inside is Inside.OPEN else self.refs
        return Node(refs, {}, self.inside)

    def having(self, path: Path, value: Node) -> Node:
        """Give the document with the value at a path replaced."""
        if not path:
            return value
        child = self._child(path[0])
        inner = Node() if child.gone else child
        return replace(self, children={**self.children, path[0]: inner.having(path[1:], value)})

    def used(self, subtype: str) -> Node:
        """Give the value with each of its sources used in another expression."""
        refs = frozenset(ref.used(subtype) for ref in self.refs)
        return replace(self, refs=refs, children={name: each.used(subtype) for name, each in self.children.items()})

    def without(self, dataset: DatasetName) -> Node:
        """Give the value without what a collection gives itself unchanged."""
        refs = frozenset(ref for ref in self.refs if ref.dataset != dataset or ref.subtype != "IDENTITY")
        return replace(self, refs=refs, children={name: each.without(dataset) for name, each in self.children.items()})

    def all_refs(self) -> frozenset[Ref]:
        """Give the sources of the value and of everything listed below it."""
        return self.refs.union(*(each.all_refs() for each in self.children.values()))

    def solid(self, subtype: str, more: Iterable[Ref] = ()) -> Node:
        """Give what is computed from the value as a whole."""
        return computed({ref.used(subtype) for ref in self.all_refs()} | set(more))

    def affected(self, refs: Iterable[Ref]) -> Node:
        """Give the value with more sources, which affect it."""
        return replace(self, refs=self.refs | frozenset(refs))

    def names(self, prefix: Path = ()) -> Iterator[Path]:
        """Give the paths that are listed, outer before inner."""
        for name, child in self.children.items():
            if not child.gone:
                yield (*prefix, name)
                yield from child.names((*prefix, name))


GONE = Node(gone=True)


def document(dataset: DatasetName) -> Node:
    """Give the documents of a collection as they are stored."""
    return Node(frozenset({Ref(dataset, ())}), {}, Inside.OPEN)


def computed(refs: Iterable[Ref]) -> Node:
    """Give a value that is computed from sources, or from none."""
    found = frozenset(refs)
    return Node(found, {}, Inside.SOLID if found else Inside.CLOSED)


def union(left: Node, right: Node) -> Node:
    """Give a value that is sometimes the one and sometimes the other."""
    if left.gone or right.gone:
        return right if left.gone else left
    names = [*left.children, *(name for name in right.children if name not in left.children)]
    children = {name: union(left.at((name,)), right.at((name,))) for name in names}
    return Node(left.refs | right.refs, children, _looser(left.inside, right.inside))


def overlaid(below: Node, above: Node) -> Node:
    """Give a document whose fields come from `above` where it has them, as `$mergeObjects` does."""
    if above.inside is Inside.CLOSED:
        return replace(below, children={**below.children, **above.children})
    return union(below, above)


def _looser(left: Inside, right: Inside) -> Inside:
    if Inside.SOLID in (left, right):
        return Inside.SOLID
    return Inside.OPEN if Inside.OPEN in (left, right) else Inside.CLOSED
