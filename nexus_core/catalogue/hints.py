"""Which fields may hold personal data: what harvests propose, for stewards to decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nexus_core.catalogue.said import Fact
from nexus_core.errors import InvalidInputError
from nexus_core.model.access import Scope
from nexus_core.model.aliases import Aliases
from nexus_core.model.classes import Act, folded
from nexus_core.model.edge import node_key
from nexus_core.model.facets import HINTS
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from nexus_core.model.personal import PersonalData
from nexus_core.store import hints as rows
from nexus_core.store.class_facts import statements
from nexus_core.store.database import Store, reading
from nexus_core.store.hints import HintRow, Place

_SLOT = f"harvest/{HINTS}"
_KINDS = frozenset(data.value for data in PersonalData)
_REASON_MOST = 500


@dataclass(frozen=True, slots=True)
class HintPage:
    """A page of proposals with the cursor of the next."""

    hints: Sequence[HintRow]
    next: str | None


def hint_rows(facts: Iterable[Fact]) -> dict[str, list[HintRow]]:
    """Give, by dataset, what facts of harvests propose; what has not the shape that it should have is left out."""
    return {fact.key: list(_rows(fact)) for fact in facts if fact.slot == _SLOT}


async def read_hints(
    store: Store, aliases: Aliases, scope: Scope, asked: DatasetName | None, least: int, cursor: str | None, limit: int
) -> HintPage:
    """Give proposals that the scope sees, of all datasets or one, the surest first.

    A page may hold fewer than `limit`, since what stewards have decided is left out. Raises InvalidInputError for a
    cursor that is not ours.
    """
    keys = None if asked is None else [node_key(each.id) for each in aliases.members(aliases.of(canonical(asked)))]
    async with reading(store) as connection:
        found = await rows.hints(connection, scope, least, limit + 1, _after(cursor), keys)
        decided = await _decided(connection, found)
    shown = [row for row in found[:limit] if _of(row) not in decided]
    last = found[limit - 1] if len(found) > limit else None
    return HintPage(shown, f"{last.score}:{last.dataset_key}:{last.field}" if last else None)


async def _decided(connection: rows.Connection, proposed: Iterable[HintRow]) -> set[tuple[str, str]]:
    """Give the fields among these whose class a steward has set, or for which one has rejected a proposal."""
    found = await statements(connection, {row.dataset_key for row in proposed})
    return {(row.dataset_key, row.field) for row in found if row.act in (Act.SET, Act.ACCEPT, Act.REJECT)}


def _of(row: HintRow) -> tuple[str, str]:
    return row.dataset_key, folded(row.field)


def _rows(fact: Fact) -> Iterable[HintRow]:
    fields = fact.facet.get("fields")
    for field, said in fields.items() if isinstance(fields, dict) else ():
        if isinstance(said, dict) and field and said.get("data") in _KINDS:
            reason = str(said.get("reason") or "")[:_REASON_MOST]
            yield HintRow(fact.key, field, fact.namespace, fact.name, said["data"], _score(said), reason, fact.event_id)


def _score(said: Mapping[str, Any]) -> int:
    score = said.get("score")
    return round(100 * min(1.0, max(0.0, score))) if isinstance(score, int | float) else 0


def _after(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    score, _, rest = cursor.partition(":")
    key, colon, field = rest.partition(":")
    if not (score.isascii() and score.isdecimal() and len(score) <= 3 and colon):
        raise InvalidInputError("is no cursor of ours", "$.query.cursor")
    return int(score), key, field
