"""Every dataset that anything names, for what looks for names: near-misses, orphans, aliases of whole namespaces."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from nexus_core.catalogue.near_miss import Reason, leaf_key, near_misses, whole_key
from nexus_core.model.aliases import Pair, State
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from nexus_core.store.ledger import Ledger
from nexus_core.store.ledger_lease import Lease
from nexus_core.store.ledger_rows import Changes
from nexus_core.store.names import names_alike, names_to_compare, save_proposals
from nexus_core.store.names_rows import NamedRow, PairRow
from nexus_core.worker.cache import Cache
from nexus_core.worker.said import Said

_COMPARED_AT_ONCE = 500


class KnownNames:
    """The names that the store has, as far as remembered, so that only new ones are written."""

    def __init__(self) -> None:
        self._stored: Cache[NamedRow] = Cache(65_536)
        self.links: Cache[tuple[int, str]] = Cache(65_536)
        self.all_compared = False

    def rows(
        self, events: Iterable[Said], outputs: Iterable[DatasetName], sources: Iterable[DatasetName]
    ) -> list[NamedRow]:
        """Give the rows to write for what events say, and for the ends of edges."""
        flags: dict[DatasetName, tuple[bool, bool, bool]] = dict.fromkeys((*outputs, *sources), (False, False, False))
        for said in events:
            harvests = said.principal_class == "harvest"
            for raw in said.datasets:
                _add(flags, raw, mentioned=True)
            for raw in said.schemas:
                _add(flags, raw, described=True, harvested=harvests)
            for raw in said.kinds:
                _add(flags, raw, harvested=harvests)
        rows = (_row(name, told) for name, told in flags.items())
        return [row for row in rows if self._adds(row)]

    def committed(self, rows: Iterable[NamedRow]) -> None:
        """Remember what the store now holds."""
        for row in rows:
            known = self._stored.get(row.dataset_key)
            self._stored.put(row.dataset_key, _joined(row, known) if known else row)
            self.all_compared = self.all_compared and known is not None

    def _adds(self, row: NamedRow) -> bool:
        known = self._stored.get(row.dataset_key)
        return known is None or _joined(row, known) != known


async def compare_names(ledger: Ledger, known: KnownNames, lease: Lease) -> bool:
    """Compare some new names with those spelled alike and propose pairs; False when none was new."""
    if known.all_compared:
        return False
    async with ledger.reading() as snapshot:
        new = await names_to_compare(snapshot.connection, _COMPARED_AT_ONCE)
        alike = await names_alike(snapshot.connection, new) if new else []
    if not new:
        known.all_compared = True
        return False
    proposed = [_proposal(*miss) for miss in near_misses(row.dataset for row in alike)]
    compared = [row.dataset_key for row in new]
    await ledger.commit(Changes(), lease, partial(save_proposals, proposed=proposed, compared=compared))
    return True


def _proposal(pair: Pair, reason: Reason, score: int) -> PairRow:
    left, right = pair
    sides = (left.namespace, left.name, right.namespace, right.name)
    return PairRow(pair.key, *sides, State.OPEN.value, reason=reason.value, score=score)


def _add(
    flags: dict[DatasetName, tuple[bool, bool, bool]],
    raw: DatasetName,
    *,
    mentioned: bool = False,
    described: bool = False,
    harvested: bool = False,
) -> None:
    name = canonical(raw)
    before = flags.get(name, (False, False, False))
    flags[name] = (before[0] or mentioned, before[1] or described, before[2] or harvested)


def _row(name: DatasetName, told: tuple[bool, bool, bool]) -> NamedRow:
    return NamedRow(node_key(name.id), name.namespace, name.name, leaf_key(name), whole_key(name), *told)


def _joined(row: NamedRow, known: NamedRow) -> NamedRow:
    return known._replace(
        mentioned=known.mentioned or row.mentioned,
        described=known.described or row.described,
        harvested=known.harvested or row.harvested,
    )
