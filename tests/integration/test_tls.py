"""What lies behind NEXUS_STORE__URL and NEXUS_GRAPH__URI is reached by TLS, and only if its certificate is right.

Kafka's way is in test_kafka_security.py, the masking proxy's in tests/integration/proxy and masking.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from nexus_core.errors import UnavailableError
from nexus_core.graph.connection import check_graph, open_graph
from nexus_core.proxy.certificate import CertificateFiles, ensure_files
from nexus_core.settings import GraphSettings
from nexus_core.store.database import open_store, reading
from tests import services

pytestmark = pytest.mark.service


@pytest.fixture
def files(tmp_path: Path) -> CertificateFiles:
    return ensure_files(None, tmp_path / "right")


@pytest.fixture
def another(tmp_path: Path) -> Path:
    """A certificate that vouches for nothing here."""
    return ensure_files(None, tmp_path / "wrong").certificate


def set_up(server: services.PostgreSQL, *statements: str) -> None:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        for statement in (*statements, "SELECT pg_reload_conf()"):
            connection.execute(statement)


@pytest.fixture
def with_tls(postgresql: services.PostgreSQL, files: CertificateFiles) -> Iterator[services.PostgreSQL]:
    """The session's PostgreSQL, which speaks TLS for a while."""
    owner = postgresql.data.stat()
    for path in (files.certificate, files.key):
        copy = postgresql.data / path.name
        shutil.copy(path, copy)
        copy.chmod(0o600)
        os.chown(copy, owner.st_uid, owner.st_gid)
    given = {"ssl_cert_file": files.certificate.name, "ssl_key_file": files.key.name, "ssl": "on"}
    set_up(postgresql, *(f"ALTER SYSTEM SET {key} = '{value}'" for key, value in given.items()))
    yield postgresql
    set_up(postgresql, *(f"ALTER SYSTEM RESET {key}" for key in reversed(given)))


async def is_encrypted(url: str) -> bool:
    store = open_store(url)
    try:
        async with reading(store) as connection:
            asked = text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
            return bool((await connection.execute(asked)).scalar_one())
    finally:
        await store.dispose()


async def test_the_store(with_tls: services.PostgreSQL, files: CertificateFiles, another: Path) -> None:
    url = f"{with_tls.url()}?sslmode=verify-full&sslrootcert="
    assert await is_encrypted(f"{url}{files.certificate}")
    with pytest.raises(UnavailableError):
        await is_encrypted(f"{url}{another}")


@pytest.fixture
async def tls_port(neo4j: GraphSettings, files: CertificateFiles) -> AsyncIterator[int]:
    """Where TLS ends before the session's Neo4j."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    behind = int((neo4j.uri or "").rpartition(":")[2])

    async def passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward_reader, onward = await asyncio.open_connection("127.0.0.1", behind)
        await asyncio.gather(_pass(reader, onward), _pass(onward_reader, writer))

    server = await asyncio.start_server(passed, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    writer.close()


async def test_the_graph(
    neo4j: GraphSettings, tls_port: int, files: CertificateFiles, another: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = neo4j.model_copy(update={"uri": f"bolt+s://localhost:{tls_port}"})
    monkeypatch.setenv("SSL_CERT_FILE", str(files.certificate))
    async with open_graph(settings) as graph:
        await check_graph(graph, 30)
    monkeypatch.setenv("SSL_CERT_FILE", str(another))
    async with open_graph(settings) as graph:
        with pytest.raises(UnavailableError):
            await check_graph(graph, 30)
