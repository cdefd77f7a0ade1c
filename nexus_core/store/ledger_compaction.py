"""What compaction reads of the ledger and drops from it, a batch at a time.

`before` and `known` are the moments of a horizon in microseconds since 1970. Candidates are facts dated before the one
and believed either not any more, or since, before the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, exists, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.model.edge import OPEN_END
from nexus_core.model.retention import Horizon
from nexus_core.store.ledger_rows import DatasetRow, EvidenceRow, FacetRow, UnitRow
from nexus_core.store.ledger_tables import (
    change_moment,
    content,
    dataset,
    evidence,
    facet_observation,
    lookup,
    observation,
    routine,
    unit,
)
from nexus_core.store.lifecycle_tables import harvest_chunk, harvest_manifest

Connection = AsyncConnection

_KEYS_MAX = 500  # parameters of one statement, below every database's limit


async def evidence_after(connection: Connection, key: str, limit: int) -> list[EvidenceRow]:
    """Give evidence in the order of keys, from behind one on."""
    query = select(evidence).where(evidence.c.evidence_key > key).order_by(evidence.c.evidence_key).limit(limit)
    return [EvidenceRow(*row) for row in await connection.execute(query)]


async def datasets_after(connection: Connection, key: str, limit: int) -> list[DatasetRow]:
    """Give datasets in the order of keys, from behind one on."""
    query = select(dataset).where(dataset.c.dataset_key > key).order_by(dataset.c.dataset_key).limit(limit)
    return [DatasetRow(*row) for row in await connection.execute(query)]


async def facets_before(connection: Connection, keys: Collection[str], horizon: Horizon) -> list[FacetRow]:
    """Give the candidates among the facets of datasets."""
    row = facet_observation.c
    query = select(facet_observation).where(
        row.dataset_key.in_(keys), row.valid_at < horizon.valid_from, row.accepted_at <= horizon.known_from
    )
    return [FacetRow(*found) for found in await connection.execute(query)]


async def silent_units_after(connection: Connection, key: str, horizon: Horizon, limit: int) -> list[UnitRow]:
    """Give units, in the order of keys from behind one on, all of whose rows are candidates and of which nothing is
    observed any more.
    """
    row, other = unit.c, unit.alias()
    is_observed = exists().where(observation.c.unit_key == row.unit_key)
    is_alive = exists().where(other.c.unit_key == row.unit_key, ~_is_candidate(other.c, horizon))
    query = select(unit).where(row.unit_key > key, ~is_observed, ~is_alive).order_by(row.unit_key).limit(limit)
    return [UnitRow(*found) for found in await connection.execute(query)]


async def last_units(connection: Connection, source_keys: Collection[str], horizon: Horizon) -> dict[str, int]:
    """Give when each source was last seen before the horizon."""
    row = unit.c
    query = (
        select(row.source_key, func.max(row.valid_at))
        .where(row.source_key.in_(source_keys), row.valid_at < horizon.valid_from, row.until == OPEN_END)
        .group_by(row.source_key)
    )
    return {row[0]: row[1] for row in await connection.execute(query)}


async def drop_lookups(connection: Connection, unit_keys: Collection[str]) -> None:
    """Forget which schemas units asked for."""
    await connection.execute(delete(lookup).where(lookup.c.unit_key.in_(unit_keys)))


async def drop_facets(connection: Connection, rows: Iterable[FacetRow]) -> None:
    """Drop observations of facets."""
    row = facet_observation.c
    key = tuple_(row.dataset_key, row.facet, row.principal_class, row.event_id, row.fingerprint)
    dropped = [tuple(one[:5]) for one in rows]
    for start in range(0, len(dropped), _KEYS_MAX // 5):
        await connection.execute(delete(facet_observation).where(key.in_(dropped[start : start + _KEYS_MAX // 5])))


async def drop_moments(connection: Connection, horizon: Horizon, limit: int) -> int:
    """Drop moments up to the horizon; gives how many."""
    row = change_moment.c
    query = select(row.dataset_key, row.at).where(row.at <= horizon.valid_from).limit(limit)
    keys = [tuple(found) for found in await connection.execute(query)]
    for start in range(0, len(keys), _KEYS_MAX // 2):
        part = keys[start : start + _KEYS_MAX // 2]
        await connection.execute(delete(change_moment).where(tuple_(row.dataset_key, row.at).in_(part)))
    return len(keys)


async def drop_chunks(connection: Connection, horizon: Horizon, limit: int) -> int:
    """Drop chunks of harvests whose whole manifest is known and lies before the horizon; gives how many."""
    of = harvest_manifest.c
    whole = exists().where(
        of.run_key == harvest_chunk.c.run_key,
        of.valid_at < horizon.valid_from,
        of.known_at <= horizon.known_from,
    )
    query = select(harvest_chunk.c.event_id).where(whole).limit(limit)
    keys = list((await connection.execute(query)).scalars())
    await connection.execute(delete(harvest_chunk).where(harvest_chunk.c.event_id.in_(keys)))
    return len(keys)


async def referred_contents(connection: Connection) -> set[str]:
    """Give the contents that rows name by fingerprint, but for those within the JSON of evidence and datasets."""
    found: set[str] = set()
    for column in (
        observation.c.content_fingerprint,
        facet_observation.c.fingerprint,
        harvest_manifest.c.names_key,
        routine.c.fingerprint,
    ):
        found.update((await connection.execute(select(column).distinct())).scalars())
    return found


async def contents_after(connection: Connection, key: str, limit: int) -> list[str]:
    """Give fingerprints of contents in order, from behind one on."""
    query = select(content.c.fingerprint).where(content.c.fingerprint > key).order_by(content.c.fingerprint)
    return list((await connection.execute(query.limit(limit))).scalars())


async def drop_contents(connection: Connection, fingerprints: Sequence[str]) -> None:
    """Drop contents."""
    for start in range(0, len(fingerprints), _KEYS_MAX):
        part = fingerprints[start : start + _KEYS_MAX]
        await connection.execute(delete(content).where(content.c.fingerprint.in_(part)))


async def count_rows(connection: Connection, horizon: Horizon) -> dict[str, int]:
    """Count what lies before a horizon, by what it is called; about as much goes."""
    counted: dict[str, tuple[Table, ColumnElement[bool]]] = {
        "observations": (observation, _is_candidate(observation.c, horizon)),
        "units": (unit, _is_candidate(unit.c, horizon)),
        "facet observations": (facet_observation, facet_observation.c.valid_at < horizon.valid_from),
        "moments of change": (change_moment, change_moment.c.at <= horizon.valid_from),
        "chunks of harvests": (harvest_chunk, harvest_chunk.c.valid_at < horizon.valid_from),
    }
    return {
        name: int((await connection.execute(select(func.count()).select_from(table).where(where))).scalar_one())
        for name, (table, where) in counted.items()
    }


def _is_candidate(row: Any, horizon: Horizon) -> ColumnElement[bool]:
    over = row.until <= horizon.known_from
    lasting = and_(row.until == OPEN_END, row.since <= horizon.known_from)
    return and_(row.valid_at < horizon.valid_from, or_(over, lasting))
