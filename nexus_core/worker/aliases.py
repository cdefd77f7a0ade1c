"""Which names mean one dataset: decisions and symlinks of a round's events, and what changes with them.

Ledger rows keep the names from before any alias. Aliases are applied where schemas are looked up and where the graph
is told, so that undoing one brings back what was; they hold for all time, whenever they are decided.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from nexus_core.catalogue.near_miss import SCORES, Reason
from nexus_core.model.aliases import EVERY, Action, Aliases, Pair, State, Told, Verdict, pair_of, verdict
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from nexus_core.store import names as store
from nexus_core.store.aliases import KnownAliases
from nexus_core.store.names_rows import NameChanges, PairRow, ToldRow
from nexus_core.worker.cache import Cache
from nexus_core.worker.said import Said

DECISION_KIND = "alias"

_DECIDED = {action.value: action for action in (Action.ACCEPT, Action.REJECT, Action.UNDO)}


class AliasRound:
    """Takes in what the events of one round say of names."""

    def __init__(
        self,
        connection: store.Connection,
        known: KnownAliases,
        links: Cache[tuple[int, str]],
        changes: NameChanges,
    ) -> None:
        self._connection, self._known, self._links, self._changes = connection, known, links, changes

    async def take(self, events: Iterable[Said]) -> tuple[Aliases, set[DatasetName]]:
        """Give the classes that hold with these events, and the datasets whose class is another now."""
        told = list(events)
        before = await self._known.load(self._connection)
        pairs = await self._decide(told)
        harvested = {name for said in told for name in _harvested(said) if before or pairs}
        if pairs == self._known.pairs and not any(_concerns(before, name) for name in harvested):
            return before, set()
        now = await store.classes(self._connection, sorted(pairs), harvested) if pairs else Aliases()
        changed = await self._changed(before, now)
        self._changes.classes_changed = bool(changed) or pairs != self._known.pairs
        self._changes.renamed += sorted(changed)
        return now, changed

    async def _decide(self, events: Sequence[Said]) -> frozenset[Pair]:
        """Enter what is said of pairs; gives the pairs that are accepted then."""
        told: dict[Pair, dict[tuple[str, str], ToldRow]] = defaultdict(dict)
        for pair, row in self._statements(events):
            known = told[pair].get((row.action, row.decision_id))
            told[pair][row.action, row.decision_id] = min(row, known, key=_order) if known else row
        if not told:
            return self._known.pairs
        former: dict[str, list[ToldRow]] = defaultdict(list)
        for row in await store.told_of(self._connection, (pair.key for pair in told)):
            former[row.pair_key].append(row)
        rows = {row.pair_key: row for row in await store.pairs_of(self._connection, (pair.key for pair in told))}
        accepted = set(self._known.pairs)
        for pair, new in told.items():
            state = self._enter(pair, new, former[pair.key], rows.get(pair.key))
            (accepted.add if state is State.ACCEPTED else accepted.discard)(pair)
        return frozenset(accepted)

    def _enter(
        self, pair: Pair, new: dict[tuple[str, str], ToldRow], former: Sequence[ToldRow], known: PairRow | None
    ) -> State:
        rows = {(row.action, row.decision_id): row for row in former}
        for key, row in new.items():
            if key not in rows or _order(row) < _order(rows[key]):
                rows[key] = row
                self._changes.told.append(row)
            if not row.decision_id:
                self._links.put(f"{row.action} {row.pair_key}", _order(rows[key]))
        found = verdict(Told(row.valid_at, row.event_id, Action(row.action)) for row in rows.values())
        verdict_row = _row(pair, found, hinted=any(row.action == Action.HINT for row in rows.values()))
        if known is None or known[:8] != verdict_row[:8]:
            self._changes.verdicts.append(verdict_row)
        return found.state

    def _statements(self, events: Iterable[Said]) -> Iterator[tuple[Pair, ToldRow]]:
        for said in events:
            if (decided := _decision(said)) is not None:
                pair, action = decided
                yield pair, ToldRow(pair.key, action, said.event_id, said.event_id, said.valid_at, said.accepted_at)
            for link in said.links:
                linked = pair_of(link.dataset, link.other)
                if linked is None or linked.whole:
                    continue
                action = Action.SYMLINK if link.trusted else Action.HINT
                row = ToldRow(linked.key, action, "", said.event_id, said.valid_at, said.accepted_at)
                first = self._links.get(f"{action} {linked.key}")
                if first is None or _order(row) < first:
                    yield linked, row

    async def _changed(self, before: Aliases, now: Aliases) -> set[DatasetName]:
        """Give every name whose representative or company is another now, with both representatives."""
        named = {name for of in (before, now) for members in of.datasets.values() for name in members}
        spaces = {space for of in (before, now) for members in of.spaces.values() for space in members}
        moved = {space for space in spaces if _space(before, space) != _space(now, space)}
        named |= set(await store.named_in(self._connection, moved))
        changed = {name for name in named if before.members(name) != now.members(name)}
        return changed | {of.of(name) for of in (before, now) for name in changed}


def member_keys(aliases: Aliases, name: DatasetName) -> list[str]:
    """Give the keys of all names that mean what a name means."""
    return [node_key(one.id) for one in aliases.members(name)]


def _decision(said: Said) -> tuple[Pair, Action] | None:
    """Give the pair and what was decided of it; None for other decisions, and for what is no pair."""
    decision = said.decision
    if decision is None or decision.kind != DECISION_KIND or len(decision.objects) != 2:
        return None
    action = _DECIDED.get(decision.action)
    pair = pair_of(*(DatasetName(each.namespace, each.name) for each in decision.objects))
    return (pair, action) if pair and action else None


def _harvested(said: Said) -> Iterator[DatasetName]:
    """Give what an event describes as a harvest: datasets, and their namespaces as `*`."""
    if said.principal_class == "harvest":
        for raw in {*said.schemas, *said.kinds}:
            name = canonical(raw)
            yield from (name, DatasetName(name.namespace, EVERY))


def _concerns(aliases: Aliases, name: DatasetName) -> bool:
    """Whether it may matter to a class that a name is harvested, which was not known."""
    if name in aliases.harvested:
        return False
    if name.name == EVERY:
        return any(name.namespace in members for members in aliases.spaces.values())
    return len(aliases.members(name)) > 1


def _space(aliases: Aliases, namespace: str) -> tuple[str, list[str]]:
    first = aliases.space(namespace)
    return first, sorted(aliases.spaces.get(first, [namespace]))


def _row(pair: Pair, found: Verdict, *, hinted: bool) -> PairRow:
    reason, score = (Reason.SYMLINK.value, SCORES[Reason.SYMLINK]) if hinted else ("", 0)
    by = found.by
    return PairRow(
        pair.key, *_sides(pair), found.state.value, by.event_id if by else None, by.at if by else None, reason, score
    )


def _sides(pair: Pair) -> tuple[str, str, str, str]:
    return pair.left.namespace, pair.left.name, pair.right.namespace, pair.right.name


def _order(row: ToldRow) -> tuple[int, str]:
    return row.valid_at, row.event_id
