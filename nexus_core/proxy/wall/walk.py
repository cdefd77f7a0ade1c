"""The state of one judgement, and the way through the nodes of a statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from nexus_core.proxy.wall.grammar import FIELDS, MANY, ONE, PLAIN
from nexus_core.proxy.wall.names import Column, Names, Origins, Relation
from nexus_core.proxy.wall.refusal import Refusal
from nexus_core.proxy.wall.scope import Scope
from nexus_core.proxy.wall.text import Edits
from nexus_core.proxy.wall.tree import DEPTH_LIMIT, Node

Handler = Callable[["Walk", Node], None]

FILTERS, JOINS, GROUPS, DISTINCT, SORTS = "filters", "joins", "groups", "counts distinct values", "sorts"
"""What a statement may do with a column that is seen masked; all but the last may be refused by a policy."""


class Walk:
    """One text's judgement under way: what it reads, and the changes to its text."""

    def __init__(self, names: Names, text: bytes, handlers: Mapping[str, Handler]) -> None:
        self.names = names
        self.edits = Edits(text)
        self.scope = Scope()
        self.relations: dict[tuple[str, str], Relation] = {}
        self.read: set[Column] = set()
        self.inferred: set[tuple[str, Column]] = set()
        self.catalogue = False
        self.use = ""
        self.origins: set[Column] = set()
        self._handlers = handlers
        self._depth = 0

    def visit(self, node: Node) -> None:
        """Judge a node, written `{KIND: fields}`; an absent one is `{}`."""
        for kind, body in node.items():
            self.as_kind(kind, body)

    def visit_all(self, nodes: list[Node]) -> None:
        """Judge several nodes."""
        for node in nodes:
            for kind, body in node.items():
                self.as_kind(kind, body)

    def as_kind(self, kind: str, body: Node) -> None:
        """Judge the fields of a node of a kind."""
        self._depth += 1
        if self._depth > DEPTH_LIMIT:
            raise Refusal("The statement nests too deep")
        handler = self._handlers.get(kind)
        if handler is not None:
            handler(self, body)
        elif (known := FIELDS.get(kind)) is not None:
            self.fields(kind, known, body)
        else:
            raise Refusal(f"{kind} is not among what the proxy lets through", location=body.get("location", -1))
        self._depth -= 1

    def fields(self, kind: str, known: Mapping[str, str], body: Node) -> None:
        """Judge fields by what the grammar says of them."""
        for name, value in body.items():
            how = known.get(name)
            if how == PLAIN:
                continue
            if how == ONE:
                self.visit(value)
            elif how == MANY:
                self.visit_all(value)
            elif how is not None:
                self.as_kind(how, value)
            else:
                raise Refusal(f"{kind} with {name} is not among what the proxy lets through")

    def reads(self, origins: Origins) -> None:
        """Note that columns are read here."""
        if not origins:
            return
        self.read |= origins
        self.origins |= origins
        if self.use:
            for each in origins:
                if each.is_masked:
                    self.inferred.add((self.use, each))

    def reads_relation(self, relation: Relation) -> None:
        """Note that a relation is read."""
        if relation.of_catalogue:
            self.catalogue = True
        else:
            self.relations[relation.schema, relation.name] = relation

    def used(self, use: str) -> _Use:
        """Whatever is read meanwhile is used so; an outer use stays where the inner one is none."""
        return _Use(self, use)

    def origins_of(self, node: Node) -> Origins:
        """Judge an expression, and give the columns that its value comes from."""
        before, self.origins = self.origins, set()
        self.visit(node)
        found = frozenset(self.origins)
        self.origins = before | found
        return found


class _Use:
    """What a walk's reads are used for, until its end: a judgement that is refused goes no further."""

    __slots__ = ("_before", "_use", "_walk")

    def __init__(self, walk: Walk, use: str) -> None:
        self._walk, self._use, self._before = walk, use, walk.use

    def __enter__(self) -> None:
        self._walk.use = self._use or self._before

    def __exit__(self, *_: object) -> None:
        self._walk.use = self._before


def only(kind: str, body: Node, *known: str) -> None:
    """Refuse a node with fields that its code does not know."""
    if body.keys() <= _fields(known):
        return
    for name in body:
        if name not in known:
            raise Refusal(f"{kind} with {name} is not among what the proxy lets through")


@cache
def _fields(known: tuple[str, ...]) -> frozenset[str]:
    return frozenset(known)


def strings(nodes: list[Node]) -> list[str]:
    """Give the parts of a name; raises `Refusal` where one is no plain string."""
    try:
        return [node["String"].get("sval", "") for node in nodes]
    except KeyError as error:
        raise Refusal("A name has a part that the proxy does not know") from error
