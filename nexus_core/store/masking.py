"""Reads and writes what is in force of the masking proxy's sources. All functions raise UnavailableError."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.store.catalogue import upsert
from nexus_core.store.database import Store, reading, writing
from nexus_core.store.masking_tables import (
    masking_audience,
    masking_identity,
    masking_profile,
    masking_release,
    masking_source,
)

_ROWS_MAX = 100  # rows of one statement, below every database's limit of parameters


class SourceRow(NamedTuple):
    """What is in force of a source; `problems`, `attributes` and `absent` are JSON."""

    source: str
    generation: int
    checked_at: datetime | None
    problems: str
    attributes: str
    absent: str
    class_generation: int
    complete_at: int
    rounds: int


class ProfileRow(NamedTuple):
    """A profile that was made in the source."""

    source: str
    id: str
    generation: int
    body: str
    digest: str
    password: bytes
    verifier: str
    changed_at: datetime
    retired_at: datetime | None


class AudienceRow(NamedTuple):
    """Which profile people have who are alike; None is not served, and `why` says why."""

    source: str
    audience: str
    profile_id: str | None
    why: str


class ReleaseRow(NamedTuple):
    """A relation, or with "" all, that our views let go of for a while; `done` once nothing of ours depends on it."""

    source: str
    schema: str
    relation: str
    until: datetime
    done: bool


Identity = tuple[int, int, str, str, str]
"""Oid, number, schema, relation, field."""


async def source_row(store: Store, source: str) -> SourceRow | None:
    """Give what is in force of a source, None before the first round of its reconciler."""
    async with reading(store) as connection:
        row = (await connection.execute(select(masking_source).where(masking_source.c.source == source))).one_or_none()
    return SourceRow(*row) if row else None


async def source_rows(store: Store) -> list[SourceRow]:
    """Give what is in force of every source, by name."""
    async with reading(store) as connection:
        return [SourceRow(*row) for row in await connection.execute(select(masking_source).order_by("source"))]


async def put_source(store: Store, row: SourceRow) -> None:
    """Write all of a source but its generation, which only grows by `change`."""
    dialect = postgresql if store.dialect.name == "postgresql" else sqlite
    values = row._asdict()
    changed = {name: value for name, value in values.items() if name not in ("source", "generation")}
    statement = dialect.insert(masking_source).values(values)
    async with writing(store) as connection:
        await connection.execute(statement.on_conflict_do_update(index_elements=["source"], set_=changed))


async def beat(store: Store, source: str, at: datetime) -> None:
    """Note that what is in force is what policies say, as of a moment."""
    async with writing(store) as connection:
        of = update(masking_source).where(masking_source.c.source == source)
        await connection.execute(of.values(checked_at=at))


async def change(store: Store, source: str, rows: Iterable[AudienceRow], gone: Collection[str] = ()) -> int:
    """Write which profiles people have from now on, and forget some audiences; gives the new generation."""
    own = masking_audience.c
    async with writing(store) as connection:
        for audience in gone:
            of = delete(masking_audience).where(own.source == source, own.audience == audience)
            await connection.execute(of)
        await _upsert(connection, masking_audience, [row._asdict() for row in rows])
        return await _next(connection, source)


async def audiences(store: Store, source: str) -> dict[str, AudienceRow]:
    """Give who has which profile."""
    async with reading(store) as connection:
        rows = await connection.execute(select(masking_audience).where(masking_audience.c.source == source))
        return {row.audience: AudienceRow(*row) for row in rows}


async def audience_row(store: Store, source: str, audience: str) -> AudienceRow | None:
    """Give which profile people have who are alike; None for nobody who was known at the last round."""
    own = masking_audience.c
    query = select(masking_audience).where(own.source == source, own.audience == audience)
    async with reading(store) as connection:
        row = (await connection.execute(query)).one_or_none()
    return AudienceRow(*row) if row else None


async def profiles(store: Store, source: str) -> dict[str, ProfileRow]:
    """Give all profiles that were made and not removed, by id."""
    async with reading(store) as connection:
        rows = await connection.execute(select(masking_profile).where(masking_profile.c.source == source))
        return {row.id: ProfileRow(*row) for row in rows}


async def profile_row(store: Store, source: str, profile_id: str) -> ProfileRow | None:
    """Give one profile."""
    own = masking_profile.c
    query = select(masking_profile).where(own.source == source, own.id == profile_id)
    async with reading(store) as connection:
        row = (await connection.execute(query)).one_or_none()
    return ProfileRow(*row) if row else None


async def put_profile(store: Store, row: ProfileRow) -> None:
    """Write a profile."""
    async with writing(store) as connection:
        await _upsert(connection, masking_profile, [row._asdict()])


async def drop_profile(store: Store, source: str, profile_id: str) -> None:
    """Forget a profile that is not in the source any more."""
    own = masking_profile.c
    async with writing(store) as connection:
        await connection.execute(delete(masking_profile).where(own.source == source, own.id == profile_id))


async def releases(store: Store, source: str) -> list[ReleaseRow]:
    """Give what is released, over or not."""
    own = masking_release.c
    query = select(masking_release).where(own.source == source).order_by(own.schema, own.relation)
    async with reading(store) as connection:
        return [ReleaseRow(*row) for row in await connection.execute(query)]


async def put_releases(store: Store, rows: Iterable[ReleaseRow]) -> None:
    """Write what is released."""
    async with writing(store) as connection:
        await _upsert(connection, masking_release, [row._asdict() for row in rows])


async def drop_releases(store: Store, source: str) -> None:
    """End all that is released of a source."""
    async with writing(store) as connection:
        await connection.execute(delete(masking_release).where(masking_release.c.source == source))


async def identities(store: Store, source: str) -> dict[tuple[int, int], set[tuple[str, str, str]]]:
    """Give the names that columns were seen under."""
    found: dict[tuple[int, int], set[tuple[str, str, str]]] = {}
    async with reading(store) as connection:
        rows = await connection.execute(select(masking_identity).where(masking_identity.c.source == source))
        for row in rows:
            found.setdefault((row.oid, row.number), set()).add((row.schema, row.relation, row.field))
    return found


async def add_identities(store: Store, source: str, seen: Collection[Identity]) -> None:
    """Remember names that columns have now."""
    names = ("oid", "number", "schema", "relation", "field")
    rows = [{"source": source, **dict(zip(names, each, strict=True))} for each in sorted(seen)]
    dialect = postgresql if store.dialect.name == "postgresql" else sqlite
    async with writing(store) as connection:
        for start in range(0, len(rows), _ROWS_MAX):
            part = dialect.insert(masking_identity).values(rows[start : start + _ROWS_MAX])
            await connection.execute(part.on_conflict_do_nothing())


async def forget_identities(store: Store, source: str, oids: Collection[int]) -> None:
    """Forget the names of columns of relations that are gone."""
    own = masking_identity.c
    async with writing(store) as connection:
        for oid in oids:
            await connection.execute(delete(masking_identity).where(own.source == source, own.oid == oid))


async def forget_source(store: Store, source: str) -> None:
    """Forget all of a source."""
    tables = (masking_source, masking_profile, masking_audience, masking_release, masking_identity)
    async with writing(store) as connection:
        for table in tables:
            await connection.execute(delete(table).where(table.c.source == source))


async def _next(connection: AsyncConnection, source: str) -> int:
    own = masking_source.c
    grown = update(masking_source).where(own.source == source).values(generation=own.generation + 1)
    return int((await connection.execute(grown.returning(own.generation))).scalar_one())


async def _upsert(connection: AsyncConnection, table: Any, rows: list[Mapping[str, Any]]) -> None:
    for start in range(0, len(rows), _ROWS_MAX):
        await upsert(connection, table, [dict(row) for row in rows[start : start + _ROWS_MAX]])
