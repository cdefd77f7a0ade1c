"""Neo4j's failures in our terms."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from neo4j.exceptions import DriverError, Neo4jError

from nexus_core.errors import UnavailableError


@contextmanager
def translated() -> Iterator[None]:
    """Raise UnavailableError, naming the failure, for anything that the driver or the server reports."""
    try:
        yield
    except Neo4jError as error:
        raise UnavailableError("Neo4j", f"{error.code}: {_first_line(error)}") from error
    except DriverError as error:
        raise UnavailableError("Neo4j", f"{type(error).__name__}: {_first_line(error)}") from error


@asynccontextmanager
async def answered(seconds: float) -> AsyncIterator[None]:
    """Raise UnavailableError, as `translated`, also if Neo4j leaves us without an answer for so long.

    A connection whose other end is gone says nothing; what waits on it is given up, and the driver closes it.
    """
    with translated():
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError as error:
            raise UnavailableError("Neo4j", f"no answer within {seconds:g} s") from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:200]
