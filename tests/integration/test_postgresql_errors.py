"""What a PostgreSQL server and its driver raise, as errors that say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from nexus_core.connectors import open_connector
from nexus_core.connectors._postgresql_errors import translated
from nexus_core.errors import (
    CredentialsRefusedError,
    NexusError,
    SourceDataError,
    SourceDeniedError,
    SourceDroppedError,
    SourceError,
    SourceTimeoutError,
    SourceUnavailableError,
)
from tests.drills.network import Cut, Proxy
from tests.services import PostgreSQL, free_port

pytestmark = pytest.mark.service


@contextmanager
def _connected(server: PostgreSQL, database: str = "postgres") -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(server.url(database), autocommit=True) as connection:
        yield connection


@pytest.fixture
def database(postgresql: PostgreSQL) -> Iterator[str]:
    with _connected(postgresql) as admin:
        admin.execute("CREATE DATABASE errors ENCODING 'SQL_ASCII' TEMPLATE template0")
        admin.execute("CREATE ROLE outsider LOGIN; CREATE ROLE sleeper NOLOGIN")
        yield "errors"
        admin.execute("DROP DATABASE errors WITH (FORCE)")
        admin.execute("DROP ROLE outsider; DROP ROLE sleeper")


def _raised(url: str, **options: Any) -> SourceError:
    with pytest.raises(SourceError) as raised:
        list(open_connector(url, **options).datasets())
    return raised.value


def test_what_cannot_be_reached(database: str) -> None:
    error = _raised(f"postgresql://postgres@127.0.0.1:{free_port()}/{database}")
    assert type(error) is SourceUnavailableError


def test_what_does_not_answer(postgresql: PostgreSQL, database: str) -> None:
    with Proxy(postgresql.port).running() as proxy:
        proxy.cut = Cut.STALLED
        error = _raised(f"postgresql://postgres@127.0.0.1:{proxy.port}/{database}", connect_timeout_s=2)
        proxy.cut = Cut.NONE
    assert isinstance(error, SourceTimeoutError)
    assert "connect_timeout_s" in str(error)


def test_who_may_not_sign_in(postgresql: PostgreSQL, database: str) -> None:
    assert type(_raised(postgresql.url(database, "sleeper"))) is CredentialsRefusedError


def test_who_may_not_connect(postgresql: PostgreSQL, database: str) -> None:
    with _connected(postgresql) as admin:
        admin.execute(f"REVOKE CONNECT ON DATABASE {database} FROM PUBLIC")
    error = _raised(postgresql.url(database, "outsider"))
    assert isinstance(error, SourceDeniedError)
    assert f'GRANT CONNECT ON DATABASE "{database}"' in str(error)


def test_a_database_that_is_not_there(postgresql: PostgreSQL) -> None:
    error = _raised(postgresql.url("nowhere"))
    assert type(error) is SourceError
    assert "Check the names" in str(error)


def test_a_catalogue_under_lock(postgresql: PostgreSQL, database: str) -> None:
    with _connected(postgresql, database) as admin, admin.transaction():
        admin.execute("LOCK TABLE pg_extension IN ACCESS EXCLUSIVE MODE")
        error = _raised(postgresql.url(database), lock_timeout_s=1)
    assert isinstance(error, SourceTimeoutError)
    assert error.setting == "lock_timeout_s"


def test_text_of_no_known_encoding_fails_alone(postgresql: PostgreSQL, database: str) -> None:
    with _connected(postgresql, database) as admin:
        admin.execute("SET client_encoding = 'SQL_ASCII'; CREATE TABLE good (x int); CREATE TABLE odd (x int)")
        admin.execute("SET pg_stat_statements.track = 'none'")  # such a text hides all of the server's
        admin.execute(b"COMMENT ON TABLE odd IS 'caf\xe9'")
    connector = open_connector(postgresql.url(database))
    assert [dataset.name.name for dataset in connector.datasets()] == [f"{database}.public.good"]
    assert connector.report.failed.samples[0].startswith(f"{database}.public.odd: ")
    assert connector.report.partial


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("57014", SourceTimeoutError),
        ("28P01", CredentialsRefusedError),
        ("42501", SourceDeniedError),
        ("42703", SourceDataError),
        ("57P01", SourceDroppedError),
        ("53300", SourceUnavailableError),
    ],
)
def test_states(state: str, expected: type[NexusError]) -> None:
    error = psycopg.errors.lookup(state)("it says why")
    assert type(translated(psycopg, error, "postgres://db:5432/shop", opened=True)) is expected
