"""A source behind the containers of proxy and reconciler: from onboarding to what a person sees, and offboarding."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest

from tests import services
from tests.deploy.containers import Container, Running, run

SOURCE = "box"
ROLE = "ln_box"
NOTHING = "nothing of this source is shown to you: it is not harvested"
_SECONDS = 120.0


@dataclass(frozen=True)
class Source:
    """A database with personal data, and the password of the reconciler's role there."""

    server: services.PostgreSQL
    database: str
    password: str = "password-of-the-reconciler"

    @property
    def url(self) -> str:
        """As the setting NEXUS_PROXY__SOURCES__BOX__URL has it."""
        return self.server.url(self.database, ROLE)

    @property
    def admin_url(self) -> str:
        return self.server.url(self.database)


@contextmanager
def source(server: services.PostgreSQL, database: str) -> Iterator[Source]:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {database}")
    made = Source(server, database)
    with psycopg.connect(made.admin_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE people (name text)")
        connection.execute("INSERT INTO people VALUES ('CANARY')")
    yield made


def onboard(reconciler: Container, given: Source) -> None:
    run(replace(reconciler, arguments=("proxy", "onboard", SOURCE, "--apply", "--admin-url", given.admin_url)))


def offboard(reconciler: Container, given: Source) -> None:
    """Take everything out of the source again; the reconciler has been stopped."""
    run(replace(reconciler, arguments=("proxy", "offboard", SOURCE, "--apply", "--admin-url", given.admin_url)))
    with psycopg.connect(given.admin_url) as connection:
        found = connection.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'ln\\_%box%'").fetchall()
    assert found == []


def a_person_is_told(started: Mapping[str, Running], authority: Path) -> None:
    """Log a person in by TLS and a password, until the reconciler has looked: nobody sees what nobody harvested."""
    password = _person(started["api"].container)
    port = started["proxy"].container.environment["NEXUS_PROXY__PORT"]
    url = f"postgresql://carl:{password}@localhost:{port}/{SOURCE}?sslmode=verify-full&sslrootcert={authority}"
    deadline = time.monotonic() + _SECONDS
    while NOTHING not in (said := _refusal(url)):
        assert time.monotonic() < deadline, said + started["reconciler"].told() + started["proxy"].told()
        time.sleep(0.3)


def _person(api: Container) -> str:
    """Make a person by commands in the API's container; gives a password for the proxy."""
    run(replace(api, arguments=("user", "create", "carl", "--role", "analyst")), typed="a-long-password-of-carl\n")
    return run(replace(api, arguments=("proxy", "password", "carl"))).strip()


def _refusal(url: str) -> str:
    with pytest.raises(psycopg.OperationalError) as refused:
        psycopg.connect(url)
    return str(refused.value)


def prepared(root: Path, folder: Path) -> Path:
    """Run `docker/prepare` in a folder of its own; the folder of secrets that it made."""
    (folder / "keycloak").mkdir(parents=True)
    for name in ("prepare", "keycloak/realm.json"):
        (folder / name).write_bytes((root / "docker" / name).read_bytes())
    done = subprocess.run(["bash", str(folder / "prepare")], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return folder / "secrets"
