"""The sample with its governance, anew for each test that alters it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.masking import Sample, sample
from tests.masking_governed import Governed, governed
from tests.masking_served import Served
from tests.masking_served import served as serving
from tests.services import PostgreSQL


@pytest.fixture
def server(request: pytest.FixtureRequest) -> PostgreSQL:
    """The session's cluster, or that of a fixture which a test names as its parameter."""
    found: PostgreSQL = request.getfixturevalue(getattr(request, "param", "postgresql"))
    return found


@pytest.fixture
def shop(server: PostgreSQL) -> Iterator[Sample]:
    with sample(server) as made:
        yield made
    _drop_roles(server)


@pytest.fixture
async def governance(shop: Sample, tmp_path: Path) -> AsyncIterator[Governed]:
    async with governed(shop, tmp_path) as made:
        yield made


@pytest.fixture
async def served(governance: Governed) -> AsyncIterator[Served]:
    async with serving(governance) as made:
        yield made


def _drop_roles(server: PostgreSQL) -> None:
    """Drop what is left of our roles once their database is gone, with the sessions they may have."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        left = connection.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'ln\\_%' ORDER BY rolname DESC")
        for (role,) in left.fetchall():
            connection.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(role)))
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
