"""Reads and writes versions of curated metadata. All functions take the main store, or a connection of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Select, exists, insert, select
from sqlalchemy.exc import IntegrityError

from nexus_core.errors import StaleReadError
from nexus_core.store.account_tables import accounts
from nexus_core.store.catalogue import Connection, chunks
from nexus_core.store.curation_tables import curated_version
from nexus_core.store.database import Store, reading
from nexus_core.store.event_tables import events

_COLUMNS = [column.name for column in curated_version.columns]
_ROW = curated_version.c


@dataclass(frozen=True, slots=True)
class Version:
    """A version of one facet; the fields are the columns of `curation_tables`, `body` is JSON, None if taken back."""

    subject_key: str
    field: str
    facet: str
    version: int
    kind: str
    namespace: str
    name: str
    body: str | None
    source: str
    at: datetime
    account_id: str
    event_id: str

    @property
    def place(self) -> tuple[str, str, str]:
        """Which facet of what it is."""
        return self.subject_key, self.field, self.facet

    @property
    def value(self) -> Any:
        """What was curated, None if nothing."""
        return None if self.body is None else orjson.loads(self.body)


async def current_versions(connection: Connection, keys: Iterable[str]) -> list[Version]:
    """Give the present version of every facet of some subjects and of their fields, those taken back too."""
    found: list[Version] = []
    for chunk in chunks(sorted(set(keys))):
        found += await _read(connection, _present().where(_ROW.subject_key.in_(chunk)))
    return found


async def current_of(store: Store, keys: Iterable[str]) -> list[Version]:
    """Give the same in a transaction of its own; raises UnavailableError if the store fails."""
    async with reading(store) as connection:
        return await current_versions(connection, keys)


async def objects_of(store: Store, kind: str, after: str, limit: int) -> list[Version]:
    """Give what there is of a kind of objects, by name from behind one on."""
    query = _present().where(_ROW.kind == kind, _ROW.name > after, _ROW.body.is_not(None))
    async with reading(store) as connection:
        return await _read(connection, query.order_by(_ROW.name).limit(limit))


async def versions_of(
    store: Store, keys: Collection[str], field: str, facet: str, limit: int
) -> list[tuple[Version, str]]:
    """Give the versions of one facet, the newest first, each with the name of the account that made it.

    `keys` are those of all names of the subject.
    """
    query = select(curated_version, accounts.c.name.label("by")).outerjoin(accounts, accounts.c.id == _ROW.account_id)
    mine = query.where(_ROW.subject_key.in_(sorted(keys)), _ROW.field == field, _ROW.facet == facet)
    async with reading(store) as connection:
        rows = await connection.execute(mine.order_by(_ROW.at.desc(), _ROW.event_id.desc()).limit(limit))
        return [(Version(*row[:-1]), row[-1] or "") for row in rows]


async def version_of(store: Store, keys: Collection[str], field: str, facet: str, event_id: str) -> Version | None:
    """Give the version of one facet that an event made."""
    mine = (_ROW.subject_key.in_(sorted(set(keys))), _ROW.field == field, _ROW.facet == facet)
    async with reading(store) as connection:
        found = await _read(connection, select(curated_version).where(*mine, _ROW.event_id == event_id))
        return next(iter(found), None)


async def account_names(store: Store, account_ids: Iterable[str]) -> dict[str, str]:
    """Give the names of accounts by id."""
    found: dict[str, str] = {}
    async with reading(store) as connection:
        for chunk in chunks(sorted(set(account_ids))):
            query = select(accounts.c.id, accounts.c.name).where(accounts.c.id.in_(chunk))
            found |= {row.id: row.name for row in await connection.execute(query)}
    return found


async def add_versions(connection: Connection, versions: Sequence[Version]) -> None:
    """Add versions; raises StaleReadError where another process was faster: then nothing of the transaction counts."""
    try:
        await connection.execute(
            insert(curated_version), [dict(zip(_COLUMNS, astuple(row), strict=True)) for row in versions]
        )
    except IntegrityError as error:
        raise StaleReadError from error


async def has_domain(connection: Connection, name: str) -> bool:
    """Whether a dataset belongs to a domain."""
    body = orjson.dumps({"name": name}).decode()
    query = _present().where(_ROW.facet == "domain", _ROW.body == body).limit(1)
    return bool(await _read(connection, query))


async def unmerged(connection: Connection, event_ids: Iterable[str]) -> set[str]:
    """Give those of some events that no worker has merged yet."""
    left: set[str] = set(event_ids)
    for chunk in chunks(sorted(left)):
        query = select(events.c.id).where(events.c.id.in_(chunk), events.c.status == "merged")
        left -= set((await connection.execute(query)).scalars())
    return left


def _present() -> Select[Any]:
    later = curated_version.alias("later")
    newer = exists().where(
        later.c.subject_key == _ROW.subject_key,
        later.c.field == _ROW.field,
        later.c.facet == _ROW.facet,
        later.c.version > _ROW.version,
    )
    return select(curated_version).where(~newer)


async def _read(connection: Connection, query: Select[Any]) -> list[Version]:
    return [Version(*row) for row in await connection.execute(query)]
