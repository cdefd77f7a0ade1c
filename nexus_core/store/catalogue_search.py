"""Searches datasets by words, their beginnings and parts of names (docs/decisions/0002-search.md).

Ranks: 0 the exact name, 1 a prefix of the name's last part, 2 words of the name, 3 any part of the name, 4 fields,
5 owners, tags and descriptions. Within a rank what is read more comes first (by doublings of the reads, so that few
change places), then the order is by name, so that pages stay stable while the index grows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import ModuleType
from typing import Any

import orjson
from sqlalchemy import BindParameter, TextClause, bindparam, text

from nexus_core.model.access import Scope
from nexus_core.model.classes import UNDECIDED
from nexus_core.store import catalogue_text_postgresql, catalogue_text_sqlite
from nexus_core.store.access_tables import dataset_access
from nexus_core.store.catalogue_tables import catalogue_dataset, catalogue_search
from nexus_core.store.database import Store, reading
from nexus_core.store.scope_condition import condition

COUNTED_MOST = 10_000
"""Matches up to which totals and facet counts are exact."""

_FILTERS = ("platform", "kind")
_LABELS = ("tag", "owner", "domain", "certification", "term", "curated")
_CLASS = "classification"
_QUALITY = "quality"
_FACET_VALUES_MOST = 100


class Quality(StrEnum):
    """What the checks of a dataset found last."""

    FAILING = "failing"
    PASSING = "passing"
    UNCHECKED = "unchecked"


Position = tuple[int, int, str, str, int]
"""Where a page ends: rank, heat below zero, name in lower case, namespace, row id."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched: words (each must be found, as a prefix) and filters by facet, as far as the scope sees.

    `after` is the position behind which the page starts.
    """

    words: Sequence[str]
    filters: Mapping[str, Sequence[str]]
    scope: Scope
    limit: int
    after: Position | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A dataset that was found."""

    dataset_key: str
    namespace: str
    name: str
    platform: str
    kind: str
    description: str | None
    fields: Sequence[str]
    labels: Mapping[str, Sequence[str]]
    class_name: str
    updated_at: datetime | None
    position: Position


@dataclass(frozen=True, slots=True)
class Found:
    """A page of matches, and over all matches: the count up to COUNTED_MOST + 1, and facet → value → count."""

    matches: Sequence[Match]
    total: int
    facets: Mapping[str, Sequence[tuple[str, int]]]


async def search(store: Store, asked: Search) -> Found:
    """Search; raises UnavailableError if the store fails."""
    statement, parameters = _statement(asked, store.dialect.name)
    async with reading(store) as connection:
        told = (await connection.execute(statement, parameters)).all()
        order = {int(row_id): rank for section, row_id, rank in told if section == "page"}
        rows = (await connection.execute(_SHOWN, {"ids": list(order)})).all()
        labels = (await connection.execute(_LABELS_OF, {"ids": list(order)})).all()
    shown = {row.id: _match(row, order[row.id], labels) for row in rows}
    return Found(
        matches=[shown[row_id] for row_id in order],
        total=next(count for section, _, count in told if section == "total"),
        facets={facet: _values(told, facet) for facet in (*_FILTERS, *_LABELS, _CLASS, _QUALITY)},
    )


_SHOWN = (
    text(
        "SELECT s.*, d.last_seen_at, a.class_name FROM catalogue_search s "
        "LEFT JOIN dataset_access a ON a.dataset_key = s.dataset_key "
        "LEFT JOIN catalogue_dataset d ON d.dataset_key = s.dataset_key WHERE s.id IN :ids"
    )
    .bindparams(bindparam("ids", expanding=True))
    .columns(*catalogue_search.c, catalogue_dataset.c.last_seen_at, dataset_access.c.class_name)
)
_LABELS_OF = text("SELECT id, kind, value FROM catalogue_label WHERE id IN :ids ORDER BY id, kind, value").bindparams(
    bindparam("ids", expanding=True)
)


def _statement(asked: Search, dialect: str) -> tuple[TextClause, dict[str, Any]]:
    """Give one statement for the ids of the page, the total and the facet counts, so that matches are found once."""
    hits, parameters = _hits(asked, dialect)
    behind = ""
    if asked.after is not None:
        behind = "WHERE (rank, cold, sort_name, namespace, id) > (:after_0, :after_1, :after_2, :after_3, :after_4) "
        parameters |= {f"after_{index}": value for index, value in enumerate(asked.after)}
    page = f"SELECT 'page' AS section, CAST(id AS text), rank FROM hits {behind}{_ORDER} LIMIT :limit"
    parts = [
        f"SELECT * FROM ({page}) AS p",
        f"SELECT 'total', '', count(*) FROM (SELECT 1 FROM hits LIMIT {COUNTED_MOST + 1}) AS t",
        *(f"SELECT '{name}', {name}, count(*) FROM counted GROUP BY 2" for name in _FILTERS),
        "SELECT l.kind, l.value, count(*) FROM counted c CROSS JOIN catalogue_label l WHERE l.id = c.id GROUP BY 1, 2",
        _CLASS_COUNTS,
        _QUALITY_COUNTS,
    ]
    counted = f"counted AS MATERIALIZED (SELECT id, dataset_key, platform, kind FROM hits LIMIT {COUNTED_MOST})"
    statement = text(f"WITH hits AS MATERIALIZED ({hits}), {counted} {' UNION ALL '.join(parts)}")
    lists: list[BindParameter[Any]] = [
        bindparam(name, expanding=True) for name, values in asked.filters.items() if values and name != _QUALITY
    ]
    return statement.bindparams(*lists), {**parameters, "limit": asked.limit}


_CLASS_COUNTS = (
    f"SELECT '{_CLASS}', coalesce(a.class_name, '{UNDECIDED}'), count(*) FROM counted c "
    "LEFT JOIN dataset_access a ON a.dataset_key = c.dataset_key GROUP BY 2"
)
_CHECKED = "SELECT dataset_key FROM quality_check"
_FAILED = f"{_CHECKED} WHERE NOT passed"
_CHECKS_OF = "SELECT 1 FROM quality_check q WHERE q.dataset_key = c.dataset_key"
_QUALITY_COUNTS = (
    f"SELECT '{_QUALITY}', CASE WHEN EXISTS ({_CHECKS_OF} AND NOT q.passed) THEN '{Quality.FAILING}' "
    f"WHEN EXISTS ({_CHECKS_OF}) THEN '{Quality.PASSING}' ELSE '{Quality.UNCHECKED}' END, count(*) "
    "FROM counted c GROUP BY 2"
)
_OF_QUALITY = {
    Quality.FAILING: f"s.dataset_key IN ({_FAILED})",
    Quality.PASSING: f"(s.dataset_key IN ({_CHECKED}) AND s.dataset_key NOT IN ({_FAILED}))",
    Quality.UNCHECKED: f"s.dataset_key NOT IN ({_CHECKED})",
}


def _hits(asked: Search, dialect: str) -> tuple[str, dict[str, Any]]:
    """Give the query for all visible matches with their ranks, and its parameters."""
    conditions, parameters = _conditions(asked, dialect)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    columns = "s.id, s.dataset_key, s.platform, s.kind, -s.heat AS cold, s.sort_name, s.namespace"
    if not asked.words:
        return f"SELECT {columns}, 0 AS rank FROM catalogue_search s {where}", parameters
    found, given = _full_text(dialect).found(asked.words)
    parameters |= {**given, "leaf": "_".join(asked.words)}
    least = f"SELECT id, min(rank) AS rank FROM ({' UNION ALL '.join(found)}) AS f GROUP BY id"
    return (
        f"SELECT {columns}, {_RANK} AS rank FROM ({least}) h JOIN catalogue_search s ON s.id = h.id {where}",
        parameters,
    )


_ORDER = "ORDER BY rank, cold, sort_name, namespace, id"
_RANK = (
    "CASE WHEN h.rank > 2 THEN h.rank WHEN replace(s.leaf, '-', '_') = :leaf OR replace(s.sort_name, '.', '_') = :leaf "
    "THEN 0 WHEN substr(replace(s.leaf, '-', '_'), 1, length(:leaf)) = :leaf THEN 1 ELSE 2 END"
)


def _conditions(asked: Search, dialect: str) -> tuple[list[str], dict[str, Any]]:
    conditions, parameters = [], dict[str, Any]()
    for name in (*_FILTERS, *_LABELS):
        if not asked.filters.get(name):
            continue
        parameters[name] = list(asked.filters[name])
        if name in _FILTERS:
            conditions.append(f"s.{name} IN :{name}")
        else:
            held = f"SELECT id FROM catalogue_label WHERE kind = '{name}' AND value IN :{name}"
            conditions.append(f"s.id IN ({held})")
    if classes := asked.filters.get(_CLASS):
        parameters[_CLASS] = list(classes)
        conditions.append(_classified(UNDECIDED in classes))
    if qualities := asked.filters.get(_QUALITY):
        conditions.append(f"({' OR '.join(_OF_QUALITY[Quality(each)] for each in sorted(set(qualities)))})")
    if not asked.scope.everything:
        visible, given = condition(asked.scope, dialect, "s")
        conditions.append(visible)
        parameters |= given
    return conditions, parameters


def _classified(or_undecided: bool) -> str:
    held = f"s.dataset_key IN (SELECT dataset_key FROM dataset_access WHERE class_name IN :{_CLASS})"
    told = "SELECT 1 FROM dataset_access a WHERE a.dataset_key = s.dataset_key AND a.class_name IS NOT NULL"
    return f"({held} OR NOT EXISTS ({told}))" if or_undecided else held


def _full_text(dialect: str) -> ModuleType:
    return catalogue_text_postgresql if dialect == "postgresql" else catalogue_text_sqlite


def _values(told: Sequence[Any], facet: str) -> list[tuple[str, int]]:
    values = [(value, count) for section, value, count in told if section == facet]
    return sorted(values, key=lambda each: (-each[1], each[0]))[:_FACET_VALUES_MOST]


def _match(row: Any, rank: int, labels: Sequence[Any]) -> Match:
    held = [(kind, value) for row_id, kind, value in labels if row_id == row.id]
    return Match(
        dataset_key=row.dataset_key,
        namespace=row.namespace,
        name=row.name,
        platform=row.platform,
        kind=row.kind,
        description=row.description,
        fields=orjson.loads(row.fields),
        labels={name: [value for kind, value in held if kind == name] for name in _LABELS},
        class_name=row.class_name or UNDECIDED,
        updated_at=row.last_seen_at,
        position=(rank, -row.heat, row.sort_name, row.namespace, row.id),
    )
