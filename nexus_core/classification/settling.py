"""Computes what a change of decisions or lineage does to classes, touching only what follows from it.

Each level stands on a decision or on one link (its parent), and parents never go round in a circle: a level is only
raised by what was raised before. So whatever lost its parent is found by following parents down, taken away with all
that stands on it, and computed anew from what is left (after Ramalingam and Reps, "An Incremental Algorithm for a
Generalization of the Shortest-Path Problem", 1996). A level that would end lower without a decision that lets it stays,
pinned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Set
from functools import partial
from typing import Protocol

from nexus_core.classification.decided import Decided
from nexus_core.classification.links import Facts, Link
from nexus_core.model.class_fields import REST, Fields, Node, Owned
from nexus_core.model.classes import OPEN, WHOLE, Classes, Level
from nexus_core.model.names import DatasetName
from nexus_core.store.classes import Connection, children, dataset_classes, read_fields


class Reading(Protocol):
    """Gives what bears on datasets, by the names that stand for them."""

    @property
    def classes(self) -> Classes:
        """The classes that are defined."""
        ...

    async def facts(self, names: Collection[DatasetName]) -> list[Facts]:
        """Give all that bears on datasets."""
        ...

    async def facts_of_fields(self, taken: Mapping[DatasetName, Collection[str]]) -> list[Facts]:
        """Give what bears on these fields of datasets, at least."""
        ...

    async def facts_of_readers(self, moved: Mapping[DatasetName, Collection[str]]) -> list[Facts]:
        """Give what reaches the datasets that are written from any of these, from those fields at least."""
        ...

    def keys_of(self, name: DatasetName) -> list[str]:
        """Give the keys of all names of a dataset."""
        ...


class Settling:
    """One computation; afterwards `fields` are the levels of all datasets that it looked at, `changed` their keys."""

    def __init__(self, reading: Reading, enforced: Connection) -> None:
        self._reading, self._enforced = reading, enforced
        self.fields: dict[str, Fields] = {}
        self.names: dict[str, DatasetName] = {}
        self.changed: set[str] = set()
        self.gone: set[str] = set()
        """Keys of names that stand for no dataset any more."""
        self._moved: dict[str, set[str]] = defaultdict(set)
        self.raised_by_past: set[str] = set()
        """Keys of datasets that were raised by links that do not hold now."""
        self.facts: list[Facts] = []
        """What bears on the datasets that were to be looked at."""
        self.decided: dict[str, Decided] = {}
        """Decisions by dataset key, of all whose levels may have become lower."""

    async def run(self, names: Collection[DatasetName]) -> None:
        """Bring these datasets, and all that follows from them, up to date."""
        self.facts = await self._reading.facts(names)
        await self._load_with_sources(self.facts)
        await self._join_names(names)
        lost = self._lost()
        before = await self._take_away(lost)
        again: dict[str, set[str]] = defaultdict(set)
        for key, field in before:
            again[key].add(field)
        for facts in self.facts:
            again.pop(facts.key, None)
        await self._name(again.keys())
        taken = {self.names[key]: again[key] for key in sorted(again) if key in self.names}
        around = await self._reading.facts_of_fields(taken)
        await self._load_with_sources(around)
        await self._raise_from(self._higher(self._applied([*self.facts, *around]), before))
        self._note_cuts()
        await self._raise_from(self._pin(lost, before))

    async def _load_with_sources(self, found: Iterable[Facts]) -> None:
        of = list(found)
        self.decided |= {facts.key: facts.decided for facts in of}
        self.names |= {facts.key: facts.name for facts in of}
        links = [link for facts in of for side in (facts.held, facts.wanted) for link in side.links]
        self.names |= {link.source.dataset_key: link.source_name for link in links}
        await self._load({*(facts.key for facts in of), *(link.source.dataset_key for link in links)})

    async def _load(self, keys: Collection[str]) -> None:
        missing = set(keys) - self.fields.keys()
        self.fields |= {key: Fields() for key in missing}
        self.fields |= await read_fields(self._enforced, missing, self._reading.classes)

    async def _name(self, keys: Set[str]) -> None:
        rows = await dataset_classes(self._enforced, keys - self.names.keys())
        self.names |= {row.dataset_key: row.dataset for row in rows}

    async def _join_names(self, names: Iterable[DatasetName]) -> None:
        """Put what was enforced of names that another one stands for now to that one."""
        for name in names:
            first, *others = self._reading.keys_of(name)
            await self._load(others)
            for key in others:
                for field, owned in self.fields[key].owned.items():
                    known = self.fields[first].owned.get(field)
                    if known is None or known.level < owned.level:
                        self._put(Node(first, field), owned)
                if self.fields[key].owned:
                    self.gone.add(key)
                self.fields[key] = Fields()

    def _lost(self) -> dict[Node, bool]:
        """Give the levels that nothing supports any more, and whether each may be lowered."""
        lost: dict[Node, bool] = {}
        for facts in self.facts:
            links: dict[str, list[Link]] = defaultdict(list)
            for link in facts.held.links:
                links[link.target].append(link)
            for field, owned in self.fields[facts.key].owned.items():
                may_lower = self._may_lower(facts, field, owned)
                if (may_lower or not owned.pinned) and not self._is_supported(facts, links[field], field, owned):
                    lost[Node(facts.key, field)] = may_lower
        return lost

    def _is_supported(self, facts: Facts, links: Collection[Link], field: str, owned: Owned) -> bool:
        if owned.pinned:
            return False
        if owned.parent is None:
            return facts.held.base.get(field, OPEN) >= owned.level
        if owned.parent.dataset_key in self.gone:
            return False
        own = (link for link in links if link.source.dataset_key == owned.parent.dataset_key)
        return any(self._holder(link) == owned.parent and self.arriving(link) >= owned.level for link in own)

    def _may_lower(self, facts: Facts, field: str, owned: Owned) -> bool:
        if facts.cut(field) > owned.cut:
            return True
        writing = facts.writings.get(owned.origin.get("writing", ""))
        since = max((point.since for point in writing.points if point.value), default=0) if writing else 0
        return bool(writing and writing.redefines and since > owned.origin.get("since", 0))

    async def _take_away(self, lost: Collection[Node]) -> dict[Node, Owned]:
        """Take away levels and all that stands on them; gives what they were."""
        taken: dict[Node, Owned] = {}
        frontier = set(lost)
        while frontier:
            for node in frontier:
                taken[node] = self.fields[node.dataset_key].owned.pop(node.field)
                self.changed.add(node.dataset_key)
            stored = await children(self._enforced, {node.dataset_key for node in frontier})
            await self._load(stored)
            frontier = self._standing_on(frontier)
        return taken

    def _standing_on(self, nodes: Collection[Node]) -> set[Node]:
        loaded = ((key, field, owned) for key, of in self.fields.items() for field, owned in of.owned.items())
        return {Node(key, field) for key, field, owned in loaded if owned.parent in nodes}

    def _applied(self, found: Collection[Facts]) -> set[str]:
        """Apply until nothing changes, since some of these read others of them; gives the keys of those raised."""
        last = {facts.key for facts in found if self._apply(facts)}
        raised, readers = set(last), _readers(found) if last else {}
        while last:
            reached = ((facts, link) for key in last for facts, link in readers.get(key, ()))
            last = {facts.key for facts, link in reached if self._lift(facts, link.target, self.arriving(link), link)}
            raised |= last
        return raised

    def _higher(self, keys: Iterable[str], before: Mapping[Node, Owned]) -> set[str]:
        """Give the keys of datasets with a level above what it was: who reads the others has what they brought."""
        return {key for key in keys if any(map(partial(self._is_higher, before, key), self._moved[key]))}

    def _is_higher(self, before: Mapping[Node, Owned], key: str, field: str) -> bool:
        was, now = before.get(Node(key, field)), self.fields[key].owned.get(field)
        return now is not None and (was is None or now.level > was.level)

    async def _raise_from(self, keys: Collection[str]) -> None:
        """Raise whatever follows from datasets that were raised, a step downstream at a time."""
        raised = set(keys)
        while raised:
            moved = {self.names[key]: self._moved.pop(key, {WHOLE}) for key in raised}
            found = await self._reading.facts_of_readers(moved)
            self.names |= {facts.key: facts.name for facts in found}
            await self._load({facts.key for facts in found})
            raised = {facts.key for facts in found if self._apply(facts)}

    def _apply(self, facts: Facts) -> bool:
        """Raise a dataset's levels by what is known of its sources; tells whether any was."""
        raised = [self._lift(facts, field, level, None) for field, level in facts.held.base.items()]
        known = (link for link in facts.held.links if link.source.dataset_key in self.fields)
        raised += [self._lift(facts, link.target, self.arriving(link), link) for link in known]
        return any(raised)

    def _lift(self, facts: Facts, field: str, level: Level, link: Link | None) -> bool:
        known = self.fields[facts.key].owned.get(field)
        if level <= (known.level if known else OPEN):
            return False
        cut = facts.cut(field)
        parent = self._holder(link) if link else None
        if link is not None and not facts.holds_now(link):
            self.raised_by_past.add(facts.key)
        self._put(Node(facts.key, field), Owned(level, parent, False, cut, _origin(facts, link)))
        return True

    def _put(self, node: Node, owned: Owned) -> None:
        self.fields[node.dataset_key].owned[node.field] = owned
        self._moved[node.dataset_key].add(node.field)
        self.changed.add(node.dataset_key)

    def arriving(self, link: Link) -> Level:
        """Give what arrives through a link now."""
        return link.level(self.fields[link.source.dataset_key].level_of(link.source.field), self._reading.classes)

    def _holder(self, link: Link) -> Node | None:
        key = link.source.dataset_key
        holder = self.fields[key].holder_of(link.source.field)
        return Node(key, holder) if holder is not None else None

    def _note_cuts(self) -> None:
        """Note how far decisions were taken into account, so that each lets something be lowered once."""
        for facts in self.facts:
            for field, owned in list(self.fields[facts.key].owned.items()):
                if (cut := facts.cut(field)) > owned.cut:
                    told = (owned.level, owned.parent, owned.pinned, cut, owned.origin)
                    self._put(Node(facts.key, field), Owned(*told))

    def _pin(self, lost: Mapping[Node, bool], before: Mapping[Node, Owned]) -> set[str]:
        """Keep the levels that would be lower and may not; gives the keys of their datasets."""
        pinned: set[str] = set()
        for node, may_lower in lost.items():
            known = self.fields[node.dataset_key].owned.get(node.field)
            was = before[node]
            if not may_lower and (known is None or known.level < was.level):
                self._put(node, Owned(was.level, None, True, was.cut, was.origin))
                pinned.add(node.dataset_key)
        return pinned


def _readers(found: Iterable[Facts]) -> dict[str, list[tuple[Facts, Link]]]:
    """Give, by the key of a dataset, what reads it."""
    readers: dict[str, list[tuple[Facts, Link]]] = defaultdict(list)
    for facts in found:
        for link in facts.held.links:
            readers[link.source.dataset_key].append((facts, link))
    return readers


def _origin(facts: Facts, link: Link | None) -> dict[str, object]:
    if link is None:
        return {}
    writing = facts.writings[link.writing]
    told: dict[str, object] = {
        "writing": link.writing,
        "since": link.since,
        "job": writing.job,
        "from": writing.origin,
        "event": link.event_id,
        "subtype": link.subtype,
        "source": [link.source_name.namespace, link.source_name.name, link.source.field],
    }
    return told | ({"known": link.known} if link.target.startswith(REST) else {})
