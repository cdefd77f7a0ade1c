"""Search as the API asks it: a text, filters, a page."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from nexus_core.catalogue import words
from nexus_core.errors import InvalidInputError
from nexus_core.model.access import Scope
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName
from nexus_core.store import catalogue_search
from nexus_core.store.catalogue_search import COUNTED_MOST, Match, Position
from nexus_core.store.database import Store
from nexus_core.store.retirements import Lifecycle, lifecycles

_MATCHED_MOST = 10  # names of fields shown of one match


@dataclass(frozen=True, slots=True)
class Page:
    """A page of matches with the cursor of the next; counts are exact unless `capped`.

    `lifecycles` by id of the dataset tell which were dropped, or are harvested no more.
    """

    matches: Sequence[tuple[Match, Sequence[str]]]
    lifecycles: Mapping[str, Lifecycle]
    facets: Mapping[str, Sequence[tuple[str, int]]]
    total: int
    capped: bool
    next: str | None


async def find_datasets(
    store: Store, scope: Scope, text: str, filters: Mapping[str, Sequence[str]], cursor: str | None, limit: int
) -> Page:
    """Give a page of the datasets that the scope sees, each with the names of its fields that the text found.

    Raises InvalidInputError for a cursor that we did not make, UnavailableError if the store fails.
    """
    asked = words.searched(text)
    search = catalogue_search.Search(asked, filters, scope, limit + 1, _position(cursor))
    found = await catalogue_search.search(store, search)
    shown = found.matches[:limit]
    keys = {node_key(id_): id_ for match in shown for id_ in (DatasetName(match.namespace, match.name).id,)}
    special = await lifecycles(store, keys)
    return Page(
        matches=[(match, _matched(match.fields, asked)) for match in shown],
        lifecycles={keys[key]: lifecycle for key, lifecycle in special.items()},
        facets=found.facets,
        total=min(found.total, COUNTED_MOST),
        capped=found.total > COUNTED_MOST,
        next=_cursor(shown[-1].position) if len(found.matches) > limit else None,
    )


def _matched(fields: Sequence[str], asked: Sequence[str]) -> list[str]:
    if not asked:
        return []
    found = (name for name in fields if _has(name, asked))
    return [name for name, _ in zip(found, range(_MATCHED_MOST), strict=False)]


def _has(name: str, asked: Sequence[str]) -> bool:
    parts = [*words.parts(name), name.lower()]
    return any(part.startswith(word) for word in asked for part in parts)


def _cursor(position: Position) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(position)).decode()


def _position(cursor: str | None) -> Position | None:
    if cursor is None:
        return None
    try:
        value: Any = orjson.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (binascii.Error, orjson.JSONDecodeError) as error:
        raise InvalidInputError("is no cursor of ours", "$.query.cursor") from error
    shape = [type(part) for part in value] if isinstance(value, list) else []
    if shape != [int, int, str, str, int]:
        raise InvalidInputError("is no cursor of ours", "$.query.cursor")
    return tuple(value)
