"""Every dataset that anything names, for what looks for names: near-misses, orphans, aliases of whole namespaces."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import product, starmap
from typing import NamedTuple

from nexus_core.catalogue.near_miss import Reason, leaf_key, near_misses, whole_key
from nexus_core.model.aliases import Pair, State
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from nexus_core.store.ledger import Ledger
from nexus_core.store.ledger_lease import Held
from nexus_core.store.ledger_rows import Changes
from nexus_core.store.ledger_subjects import ALONE
from nexus_core.store.names import names_alike, names_to_compare, save_proposals
from nexus_core.store.names_rows import NamedRow, PairRow
from nexus_core.worker.cache import Cache
from nexus_core.worker.said import Said

_KEPT = 32_768
_COMPARED_AT_ONCE = 500
_COMPARING = 0  # the partition whose holder compares names, so that one worker does


class _Flags(NamedTuple):
    """What is known of a name; once true it stays so."""

    mentioned: bool = False
    described: bool = False
    harvested: bool = False

    def also(self, other: _Flags) -> _Flags:
        """Give what is known by either."""
        if self == other:
            return self
        return _Flags(*(one or two for one, two in zip(self, other, strict=True)))


_EVERY = {flags: flags for flags in starmap(_Flags, product((False, True), repeat=3))}
"""One object for each, since tens of thousands of names have one."""


class KnownNames:
    """The names that the store has, as far as remembered, so that only new ones are written."""

    def __init__(self) -> None:
        self._stored: Cache[_Flags] = Cache(_KEPT)
        self.links: Cache[tuple[int, str]] = Cache(_KEPT)
        self.all_compared = False

    def rows(
        self, events: Iterable[Said], outputs: Iterable[DatasetName], sources: Iterable[DatasetName]
    ) -> list[NamedRow]:
        """Give the rows to write for what events say, and for the ends of edges."""
        flags: dict[DatasetName, _Flags] = dict.fromkeys((*outputs, *sources), _Flags())
        for said in events:
            harvests = said.principal_class == "harvest"
            for raw in said.datasets:
                _add(flags, raw, _Flags(mentioned=True))
            for raw in said.schemas:
                _add(flags, raw, _Flags(described=True, harvested=harvests))
            for raw in said.kinds:
                _add(flags, raw, _Flags(harvested=harvests))
        return [_row(name, told) for name, told in flags.items() if self._adds(name, told)]

    def committed(self, rows: Iterable[NamedRow]) -> None:
        """Remember what the store now holds."""
        for row in rows:
            known = self._stored.get(row.dataset_key)
            told = _Flags(row.mentioned, row.described, row.harvested)
            self._stored.put(row.dataset_key, _EVERY[told.also(known) if known else told])
            self.all_compared = self.all_compared and known is not None

    def _adds(self, name: DatasetName, told: _Flags) -> bool:
        known = self._stored.get(node_key(name.id))
        return known is None or known.also(told) != known


async def compare_names(ledger: Ledger, known: KnownNames, held: Held) -> bool:
    """Compare some new names with those spelled alike and propose pairs; False when none was new."""
    if (known.all_compared and held.whole) or _COMPARING not in held.partitions:
        return False
    async with ledger.reading() as snapshot:
        new = await names_to_compare(snapshot.connection, _COMPARED_AT_ONCE)
        alike = await names_alike(snapshot.connection, new) if new else []
    if not new:
        known.all_compared = True
        return False
    proposed = [_proposal(*miss) for miss in near_misses(row.dataset for row in alike)]
    compared = [row.dataset_key for row in new]
    await ledger.commit(
        Changes(held.partitions), held, ALONE, partial(save_proposals, proposed=proposed, compared=compared)
    )
    return True


def _proposal(pair: Pair, reason: Reason, score: int) -> PairRow:
    left, right = pair
    sides = (left.namespace, left.name, right.namespace, right.name)
    return PairRow(pair.key, *sides, State.OPEN.value, reason=reason.value, score=score)


def _add(flags: dict[DatasetName, _Flags], raw: DatasetName, told: _Flags) -> None:
    name = canonical(raw)
    flags[name] = told.also(flags.get(name, told))


def _row(name: DatasetName, told: _Flags) -> NamedRow:
    return NamedRow(node_key(name.id), name.namespace, name.name, leaf_key(name), whole_key(name), *told)
