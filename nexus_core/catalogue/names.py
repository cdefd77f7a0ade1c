"""Pairs of names for stewards: what looks like one dataset, what was decided, and what a dataset is called."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from nexus_core.catalogue.near_miss import SENTENCES, Reason
from nexus_core.errors import InvalidInputError
from nexus_core.model.access import Scope
from nexus_core.model.aliases import EVERY, Aliases, Pair, State
from nexus_core.store import names as rows
from nexus_core.store.database import Store, reading
from nexus_core.store.dataset_access import visible_of
from nexus_core.store.names_rows import PairRow, ToldRow

_Some = Callable[[PairRow | None, int], Awaitable[Sequence[PairRow]]]
"""Gives so many pairs behind one, or from the start."""

_REASONS = {reason.value: SENTENCES[reason] for reason in Reason}


@dataclass(frozen=True, slots=True)
class NamePair:
    """Two names with why they look like one dataset, and what was decided by which event.

    `shared_count` is how many dataset names two namespaces share; None for two datasets.
    """

    pair: Pair
    state: State
    reason: str
    sentence: str
    score: int
    event_id: str | None
    decided_at: int | None
    shared_count: int | None = None


@dataclass(frozen=True, slots=True)
class PairPage:
    """A page of pairs with the cursor of the next."""

    pairs: Sequence[NamePair]
    next: str | None


async def read_proposals(
    store: Store, aliases: Aliases, scope: Scope, least: int, cursor: str | None, limit: int
) -> PairPage:
    """Give visible pairs that look like one dataset and are not decided, the surest first; `least` is the lowest score.

    Pairs that are one already by other decisions are left out. Raises InvalidInputError for a cursor that is not ours.
    """
    after = _after(cursor)
    async with reading(store) as connection:

        async def some(last: PairRow | None, count: int) -> Sequence[PairRow]:
            start = (last.score, last.pair_key) if last else after
            return await rows.proposals(connection, count, least, start)

        found = [row async for row in _visible(connection, scope, some, limit + 1, aliases)]
        shown = [await _shown(connection, row) for row in found[:limit]]
    last = found[limit - 1] if len(found) > limit else None
    return PairPage(shown, f"{last.score}:{last.pair_key}" if last else None)


async def read_decided(store: Store, scope: Scope, state: State, cursor: str | None, limit: int) -> PairPage:
    """Give the visible among the accepted or rejected pairs."""
    async with reading(store) as connection:

        async def some(last: PairRow | None, count: int) -> Sequence[PairRow]:
            return await rows.decided_pairs(connection, state, count, last.pair_key if last else cursor)

        found = [row async for row in _visible(connection, scope, some, limit + 1)]
        shown = [await _shown(connection, row) for row in found[:limit]]
    return PairPage(shown, found[limit - 1].pair_key if len(found) > limit else None)


async def read_state(store: Store, pair: Pair) -> tuple[State, bool]:
    """Give the state of a pair, and whether a steward decided it: else symlinks did, or nobody."""
    async with reading(store) as connection:
        found = await rows.pairs_of(connection, [pair.key])
        decided = any(row.decision_id and row.event_id == found[0].event_id for row in await _told(connection, found))
    return (State(found[0].state), decided) if found else (State.OPEN, False)


async def _told(connection: rows.Connection, found: Sequence[PairRow]) -> Sequence[ToldRow]:
    return await rows.told_of(connection, [row.pair_key for row in found])


async def _shown(connection: rows.Connection, row: PairRow) -> NamePair:
    pair = row.pair
    shared = await rows.shared_names(connection, *(side.namespace for side in pair)) if pair.whole else None
    sentence = _REASONS.get(row.reason, "")
    return NamePair(pair, State(row.state), row.reason, sentence, row.score, row.event_id, row.decided_at, shared)


async def _visible(
    connection: rows.Connection, scope: Scope, some: _Some, most: int, aliases: Aliases | None = None
) -> AsyncIterator[PairRow]:
    """Give the first visible pairs, in parts, so that neither their number nor where a page ends tells of others."""
    last, count, found_all = None, 0, False
    while count < most and not found_all:
        part = await some(last, most)
        found_all = len(part) < most
        last = part[-1] if part else None
        for row in await _seen(connection, scope, part):
            if count < most and not (aliases and _joined(aliases, row)):
                count += 1
                yield row


async def _seen(connection: rows.Connection, scope: Scope, found: Sequence[PairRow]) -> list[PairRow]:
    """Keep pairs of which both sides are visible; of a side that is a whole namespace, all of it."""
    names = await visible_of(connection, scope, {side for row in found for side in row.pair if side.name != EVERY})
    return [
        row
        for row in found
        if all(scope.sees_whole(side.namespace) if side.name == EVERY else side in names for side in row.pair)
    ]


def _joined(aliases: Aliases, row: PairRow) -> bool:
    left, right = row.pair
    if left.name == EVERY:
        return aliases.space(left.namespace) == aliases.space(right.namespace)
    return aliases.of(left) == aliases.of(right)


def _after(cursor: str | None) -> tuple[int, str] | None:
    if cursor is None:
        return None
    score, colon, key = cursor.partition(":")
    if not colon or not score.isdecimal():
        raise InvalidInputError("is no cursor of ours", "$.query.cursor")
    return int(score), key
