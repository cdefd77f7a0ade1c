"""The way to the source: its certificate, a password that is changed meanwhile; other processes, other stores."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import psycopg
import pytest

from nexus_core.governance.users import open_users
from nexus_core.proxy.certificate import CertificateFiles, ensure_files
from nexus_core.proxy.neighbours import listening_for_cancels, pass_cancel
from nexus_core.proxy.protocol.opening import cancel_request
from nexus_core.proxy.server import Proxy, Rules
from nexus_core.proxy.sessions import Sessions
from nexus_core.proxy.upstream import Address
from tests.integration.proxy.test_audit import records
from tests.proxying import Given, Running, proxy
from tests.services import PostgreSQL
from tests.stores import postgresql_settings
from tests.wire_client import connected

pytestmark = pytest.mark.service


@pytest.fixture
def certificate(source: PostgreSQL, tmp_path: Path) -> Iterator[CertificateFiles]:
    """A certificate that the source shows, until the end of the test."""
    files = ensure_files(None, tmp_path / "source")
    for name, file in (("server.crt", files.certificate), ("server.key", files.key)):
        shutil.copy(file, source.data / name)
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(source.data / name, owner.pw_uid, owner.pw_gid)
    with psycopg.connect(source.url(), autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET ssl = on")
        admin.execute("SELECT pg_reload_conf()")
        yield files
        admin.execute("ALTER SYSTEM RESET ssl")
        admin.execute("SELECT pg_reload_conf()")


async def test_the_source_is_reached_by_tls_and_only_with_its_certificate(
    source: PostgreSQL, certificate: CertificateFiles, tmp_path: Path
) -> None:
    other = ensure_files(None, tmp_path / "other")
    wrong = {
        "another authority": Address("localhost", source.port, "postgres", "verify-full", other.certificate),
        "no authority": Address("localhost", source.port, "postgres", "verify-full"),
        "another name": Address("127.0.0.2", source.port, "postgres", "verify-full", certificate.certificate),
    }
    right = Address("localhost", source.port, "postgres", "verify-full", certificate.certificate)
    async with proxy(source, tmp_path, partial(_before, right)) as running:
        async with await running.connect() as connection:
            asked = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
            assert await (await connection.execute(asked)).fetchone() == (True,)
        for each in wrong.values():
            running.proxy.rules = _before(each, running.proxy.rules)
            with pytest.raises(psycopg.OperationalError, match="source does not let the proxy in"):
                await running.connect()


async def test_a_source_without_tls_is_not_spoken_to_in_clear(source: PostgreSQL, tmp_path: Path) -> None:
    address = Address("127.0.0.1", source.port, "postgres", "require")
    async with proxy(source, tmp_path, partial(_before, address)) as running:
        with pytest.raises(psycopg.OperationalError, match="source does not let the proxy in"):
            await running.connect()


def _before(address: Address, rules: Rules) -> Rules:
    return replace(rules, addresses={"shop": address})


async def test_a_password_that_a_rotation_changed_is_asked_for_anew(source: PostgreSQL, tmp_path: Path) -> None:
    """The store may have the new one before the source, and a proxy the old one after it."""
    async with proxy(source, tmp_path, given=Given(secrets=("new", "old", "secret"))) as running:
        with psycopg.connect(source.url(), autocommit=True) as admin:
            _require_password(source, admin)
            try:
                async with await running.connect() as connection:
                    assert await (await connection.execute("SELECT current_user")).fetchone() == ("ln_p_1",)
                running.profiles.secrets = ("wrong",)
                with pytest.raises(psycopg.OperationalError, match="source does not let the proxy in"):
                    await running.connect()
            finally:
                _trust(source, admin)


def _require_password(source: PostgreSQL, admin: psycopg.Connection[tuple[object, ...]]) -> None:
    """Have the one role of the tests prove its password; the others need none as before."""
    file = source.data / "pg_hba.conf"
    shutil.copy(file, source.data / "pg_hba.kept")
    file.write_text("host all ln_p_1 127.0.0.1/32 scram-sha-256\n" + file.read_text())
    admin.execute("SELECT pg_reload_conf()")


def _trust(source: PostgreSQL, admin: psycopg.Connection[tuple[object, ...]]) -> None:
    (source.data / "pg_hba.conf").write_text((source.data / "pg_hba.kept").read_text())
    admin.execute("SELECT pg_reload_conf()")


@pytest.fixture
async def neighbour(running: Running, tmp_path: Path) -> AsyncIterator[tuple[Proxy, int]]:
    """A second process's proxy, with a port of its own, which hands on what is for the first."""
    folder = tmp_path / "run"
    second = replace(running.proxy, sessions=Sessions(1, 20, 10), neighbours=partial(pass_cancel, folder))
    listening = await asyncio.get_running_loop().create_server(second.wire, "127.0.0.1", 0)
    async with listening_for_cancels(folder, 0, running.proxy.cancel_own):
        yield second, listening.sockets[0].getsockname()[1]
    listening.close()


async def test_a_cancellation_finds_the_process_that_has_the_session(
    running: Running, neighbour: tuple[Proxy, int]
) -> None:
    _, port = neighbour
    async with connected(running.port, tls=True) as client:
        await client.log_in(running.login, running.password, "shop")
        asked = asyncio.create_task(client.ask("SELECT pg_sleep(60)"))
        await asyncio.sleep(0.3)
        for secret in (client.secret ^ 1, client.secret):
            assert not asked.done()
            async with connected(port) as other:
                other.send(cancel_request(client.process, secret))
                assert await other.reader.read() == b""
        assert b"57014" in await asked


async def test_a_store_in_postgresql_serves_as_well(source: PostgreSQL, tmp_path: Path) -> None:
    settings = await postgresql_settings(source, tmp_path)
    async with proxy(source, tmp_path, settings=settings) as running, await running.connect() as connection:
        assert await (await connection.execute("SELECT 4")).fetchone() == (4,)
        said = await records(running, "proxy.statement")
        assert [each["outcome"] for each in said] == ["intended"]
        await open_users(running.store).disable(running.user)
        await running.proxy.watch.look()
        with pytest.raises(psycopg.OperationalError):
            await connection.execute("SELECT 4")
