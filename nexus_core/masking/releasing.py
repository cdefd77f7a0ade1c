"""Lets our views go of relations for a while, and takes them back, by the reconciler's hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from nexus_core.errors import InvalidInputError, NotFoundError, UnavailableError
from nexus_core.store import masking as rows
from nexus_core.store.database import Store
from nexus_core.store.masking import ReleaseRow, SourceRow

EVERYTHING = ("", "")
_LOOK_SECONDS = 0.2


def relation_named(written: str) -> tuple[str, str]:
    """Read `SCHEMA.TABLE`, or a table of `public`; raises InvalidInputError for an empty part."""
    schema, dot, relation = written.rpartition(".")
    if not relation or (dot and not schema):
        raise InvalidInputError(f"`{written}` is no SCHEMA.TABLE")
    return schema or "public", relation


async def release(store: Store, source: str, relations: Sequence[tuple[str, str]], lasting: timedelta) -> datetime:
    """Ask for relations, all if none is given, to be let go of; gives until when. Raises NotFoundError."""
    await _state(store, source)
    until = datetime.now(UTC) + lasting
    asked = relations or [EVERYTHING]
    await rows.put_releases(store, [ReleaseRow(source, *each, until, done=False) for each in asked])
    return until


async def reclaim(store: Store, source: str) -> None:
    """End all that is released of a source. Raises NotFoundError."""
    await _state(store, source)
    await rows.drop_releases(store, source)


async def wait_released(store: Store, source: str, within_s: float) -> None:
    """Return once nothing of ours depends on what is released; raises UnavailableError after so many seconds."""
    async with _limit(source, within_s):
        while not all(row.done for row in await rows.releases(store, source)):  # noqa: ASYNC110 another process does it
            await asyncio.sleep(_LOOK_SECONDS)


async def wait_reconciled(store: Store, source: str, within_s: float) -> SourceRow:
    """Return once two rounds have ended since now, with what was found; raises UnavailableError after so long.

    A round that is under way may have read what was before.
    """
    before = (await _state(store, source)).rounds
    async with _limit(source, within_s):
        while (state := await _state(store, source)).rounds < before + 2:  # noqa: ASYNC110 another process does it
            await asyncio.sleep(_LOOK_SECONDS)
    return state


async def _state(store: Store, source: str) -> SourceRow:
    found = await rows.source_row(store, source)
    if found is None:
        raise NotFoundError(f"The source {source}")
    return found


@asynccontextmanager
async def _limit(source: str, seconds: float) -> AsyncIterator[None]:
    """Turn a time-out into an error that tells who is waited for."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise UnavailableError(
            f"The reconciler of {source}", f"it did not get so far in {seconds:g} s", "Run `nexus reconciler`."
        ) from error
