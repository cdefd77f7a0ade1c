"""Keeps policy documents: proposed, decided, in force."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.errors import ConflictError
from nexus_core.store.database import Store, reading, writing
from nexus_core.store.policy_tables import policy_version


class PolicyState(StrEnum):
    """Where a proposed document stands."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class PolicyVersion(NamedTuple):
    """A document with who proposed and who decided it; `based_on` was in force when it was proposed, 0 for none."""

    version: int
    based_on: int
    document: str
    digest: str
    state: PolicyState
    comment: str
    author_id: str
    author: str
    proposed_at: datetime
    decider_id: str | None
    decider: str | None
    decided_at: datetime | None


async def active_policies(store: Store) -> PolicyVersion | None:
    """Give the document in force, None before the first."""
    async with reading(store) as connection:
        return await _one(connection, policy_version.c.state == PolicyState.ACTIVE)


async def active_policy_version(store: Store) -> int:
    """Give the number of the document in force, 0 before the first."""
    query = select(policy_version.c.version).where(policy_version.c.state == PolicyState.ACTIVE)
    async with reading(store) as connection:
        return (await connection.execute(query)).scalar() or 0


async def policy_versions(store: Store, limit: int, before: int | None = None) -> list[PolicyVersion]:
    """Give documents, the newest first."""
    query = select(policy_version).order_by(policy_version.c.version.desc()).limit(limit)
    if before is not None:
        query = query.where(policy_version.c.version < before)
    async with reading(store) as connection:
        return [_version(row) for row in await connection.execute(query)]


async def policy_version_of(store: Store, version: int) -> PolicyVersion | None:
    """Give one document."""
    async with reading(store) as connection:
        return await _one(connection, policy_version.c.version == version)


async def propose_policies(
    store: Store, document: str, digest: str, comment: str, author: tuple[str, str], now: datetime
) -> PolicyVersion:
    """Keep a document that is to be decided upon; `author` is the id and name of an account."""
    async with writing(store) as connection:
        active = await _one(connection, policy_version.c.state == PolicyState.ACTIVE)
        values = {
            "based_on": active.version if active else 0,
            "document": document,
            "digest": digest,
            "state": PolicyState.PROPOSED,
            "comment": comment,
            "author_id": author[0],
            "author": author[1],
            "proposed_at": now,
        }
        made = await connection.execute(insert(policy_version).values(values).returning(policy_version))
        return _version(made.one())


async def decide_policies(
    store: Store, version: int, state: PolicyState, decider: tuple[str, str], now: datetime
) -> PolicyVersion:
    """Decide upon a proposed document; one that becomes active supersedes the active one.

    Raises ConflictError if it is not proposed any more, or if another document came into force since it was proposed.
    """
    try:
        async with writing(store) as connection:
            if state is PolicyState.ACTIVE:
                await _supersede(connection, version)
            row = policy_version.c
            decided = (
                update(policy_version)
                .where(row.version == version, row.state == PolicyState.PROPOSED)
                .values(state=state, decider_id=decider[0], decider=decider[1], decided_at=now)
                .returning(policy_version)
            )
            found = (await connection.execute(decided)).one_or_none()
            if found is None:
                raise ConflictError(f"The policy version {version} is decided already")
            return _version(found)
    except IntegrityError as error:
        raise ConflictError("Another policy version came into force at the same time") from error


async def _supersede(connection: AsyncConnection, version: int) -> None:
    active = await _one(connection, policy_version.c.state == PolicyState.ACTIVE)
    proposed = await _one(connection, policy_version.c.version == version)
    if proposed and proposed.based_on != (active.version if active else 0):
        raise ConflictError(
            f"The policy version {version} was planned against version {proposed.based_on}, which is no longer in "
            "force. Plan and propose it again"
        )
    if active:
        superseded = update(policy_version).where(policy_version.c.version == active.version)
        await connection.execute(superseded.values(state=PolicyState.SUPERSEDED))


async def _one(connection: AsyncConnection, condition: Any) -> PolicyVersion | None:
    row = (await connection.execute(select(policy_version).where(condition))).one_or_none()
    return _version(row) if row else None


def _version(row: Any) -> PolicyVersion:
    found = PolicyVersion(*row)
    return found._replace(state=PolicyState(found.state))
