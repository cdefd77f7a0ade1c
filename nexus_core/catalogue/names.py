"""Pairs of names for stewards: what looks like one dataset, what was decided, and what a dataset is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nexus_core.catalogue.near_miss import SENTENCES, Reason
from nexus_core.errors import InvalidInputError
from nexus_core.model.access import Scope
from nexus_core.model.aliases import EVERY, Aliases, Pair, State
from nexus_core.store import names as rows
from nexus_core.store.database import Store, reading
from nexus_core.store.names_rows import PairRow, ToldRow

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
    """Give pairs that look like one dataset and are not decided, the surest first; `least` is the lowest score.

    Pairs that are one already by other decisions are left out. Raises InvalidInputError for a cursor that is not ours.
    """
    async with reading(store) as connection:
        found = await rows.proposals(connection, limit + 1, least, _after(cursor))
        shown = [
            await _shown(connection, row) for row in found[:limit] if _visible(scope, row) and not _joined(aliases, row)
        ]
    more = len(found) > limit
    return PairPage(shown, f"{found[limit - 1].score}:{found[limit - 1].pair_key}" if more else None)


async def read_decided(store: Store, scope: Scope, state: State, cursor: str | None, limit: int) -> PairPage:
    """Give the accepted or rejected pairs."""
    async with reading(store) as connection:
        found = await rows.decided_pairs(connection, state, limit + 1, cursor)
        shown = [await _shown(connection, row) for row in found[:limit] if _visible(scope, row)]
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


def _visible(scope: Scope, row: PairRow) -> bool:
    return scope.sees(row.left_namespace) and scope.sees(row.right_namespace)


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
