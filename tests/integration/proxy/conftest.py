from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import psycopg
import pytest

from nexus_core.proxy.server import Rules
from tests import proxying
from tests.services import PostgreSQL

Starts = Callable[[Callable[[Rules], Rules]], AbstractAsyncContextManager[proxying.Running]]


@pytest.fixture(scope="session")
def source(postgresql: PostgreSQL) -> PostgreSQL:
    """The session's cluster with the role of a profile."""
    with psycopg.connect(postgresql.url(), autocommit=True) as connection:
        if not connection.execute("SELECT FROM pg_roles WHERE rolname = 'ln_p_1'").fetchone():
            connection.execute("CREATE ROLE ln_p_1 LOGIN PASSWORD 'secret'")
    return postgresql


@pytest.fixture
async def running(source: PostgreSQL, tmp_path: Path) -> AsyncIterator[proxying.Running]:
    async with proxying.proxy(source, tmp_path) as running:
        yield running


@pytest.fixture
def starts(source: PostgreSQL, tmp_path: Path) -> Starts:
    """Starts a proxy with rules of one's own."""
    return partial(proxying.proxy, source, tmp_path)
