"""Neo4j's failures in our terms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

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


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:200]
