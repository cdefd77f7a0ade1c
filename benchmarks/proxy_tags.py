"""How long a new tag takes to be enforced: from a steward's request to the end of the sessions that see too much.

Everything runs as in an installation: PostgreSQL with views over views, `nexus up` with worker, reconciler and proxy, a
harvest that gives the lineage. The tag is on one table; a thousand fields follow by views.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests import services
from tests.services import Nexus, PostgreSQL

SOURCE, DATABASE = "tagged", "tagged"
TABLES, COLUMNS = 3, 10
VIEWS = 100
"""Over each table, in rows of ten that read each other: 1,000 fields follow a table's ten."""

TARGET_S = 5.0
PEOPLE = {"analyst": "analyst", "steward": "steward"}
POLICIES: Mapping[str, Any] = {
    "version": 1,
    "policies": [
        {"name": "all", "match": {}, "mask": {"kind": "refuse"}, "clear_for": ["analyst", "steward"]},
        {"name": "pii", "match": {"classes": ["PII"]}, "mask": {"kind": "null"}, "clear_for": ["steward"]},
    ],
}


@dataclass(frozen=True)
class Installed:
    """A `nexus up` that serves a database, and who may log in."""

    nexus: Nexus
    namespace: str
    port: int
    passwords: Mapping[str, str]

    def url(self, person: str) -> str:
        return f"postgresql://{person}:{self.passwords[person]}@127.0.0.1:{self.port}/{SOURCE}?sslmode=require"

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=f"{self.nexus.url}/api/v1/", headers=self.nexus.admin, timeout=60)


def measure() -> Iterator[tuple[str, str]]:
    """Give (what, figure) rows."""
    with services.postgresql() as server, tempfile.TemporaryDirectory(prefix="nexus-bench-") as folder:
        _make(server)
        settings = _settings(server, Path(folder))
        with services.nexus(Path(folder) / "data", **settings) as nexus:
            installed = _install(server, nexus, settings)
            for table in range(3):
                yield from _measured(installed, table)


def _measured(installed: Installed, table: int) -> Iterator[tuple[str, str]]:
    last = f"v{table}_{VIEWS - 1}"
    _until(lambda: _read(installed, last) == ("clear",))
    with psycopg.connect(installed.url("analyst"), autocommit=True) as session:
        session.execute(f"SELECT c0 FROM {last}")
        began = time.monotonic()
        _decide(installed, f"{DATABASE}.public.t{table}")
        answered = time.monotonic() - began
        shown = _until_cut(session, last)
        ended = time.monotonic() - began
    _until(lambda: _read(installed, last) == (None,))
    masked = time.monotonic() - began
    told = f"load {os.getloadavg()[0]:.1f}, target {TARGET_S:.0f} s for sessions that see too much"
    figure = (
        f"answered {answered:.1f} s, sessions ended {ended:.1f} s, served anew {masked:.1f} s ({told}; {shown} reads)"
    )
    yield f"proxy: a tag that {VIEWS * COLUMNS:,} fields follow", figure


def _until_cut(session: psycopg.Connection[Any], relation: str) -> int:
    """Read until the session is ended; gives how often that went well."""
    count = 0
    while True:
        try:
            session.execute(f"SELECT c0 FROM {relation}")
        except psycopg.OperationalError:
            return count
        count += 1
        time.sleep(0.02)


def _read(installed: Installed, relation: str) -> object:
    try:
        with psycopg.connect(installed.url("analyst"), autocommit=True) as session:
            return session.execute(f"SELECT c0 FROM {relation}").fetchone()
    except psycopg.Error:
        return "not served"


def _until(holds: Any, seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError("it does not come to be served")
        time.sleep(0.1)


def _decide(installed: Installed, name: str) -> None:
    fields = [f"c{each}" for each in range(COLUMNS)]
    asked = {"action": "set", "namespace": installed.namespace, "name": name, "fields": fields, "class": "PII"}
    with installed.client() as client:
        client.post("classifications/decisions", json=asked).raise_for_status()


# --- the installation


def _make(server: PostgreSQL) -> None:
    """Make tables, and over each views that read the ten before them, so that columns follow column by column."""
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {DATABASE}")
    with psycopg.connect(server.url(DATABASE), autocommit=True) as shop:
        names = ", ".join(f"c{each}" for each in range(COLUMNS))
        for table in range(TABLES):
            columns = ", ".join(f"c{each} text DEFAULT 'clear'" for each in range(COLUMNS))
            shop.execute(f"CREATE TABLE t{table} ({columns}); INSERT INTO t{table} DEFAULT VALUES")
            for view in range(VIEWS):
                below = f"v{table}_{view - 10}" if view >= 10 else f"t{table}"
                shop.execute(f"CREATE VIEW v{table}_{view} AS SELECT {names} FROM {below}")


def _settings(server: PostgreSQL, folder: Path) -> dict[str, str]:
    password = folder / "reconciler-password"
    password.write_text("a secret of the bench")
    source = f"NEXUS_PROXY__SOURCES__{SOURCE.upper()}"
    return {
        "NEXUS_PROXY__PORT": str(services.free_port()),
        f"{source}__URL": f"postgresql://ln_reconciler@127.0.0.1:{server.port}/{DATABASE}",
        f"{source}__PASSWORD": f"file:{password}",
    }


def _install(server: PostgreSQL, nexus: Nexus, settings: Mapping[str, str]) -> Installed:
    os.environ.update(settings)  # for the commands
    data, namespace = nexus.data, f"postgres://127.0.0.1:{server.port}"
    services.nexus_command("proxy", "onboard", SOURCE, "--apply", "--admin-url", server.url(DATABASE), data=data)
    services.nexus_command("harvest", server.url(DATABASE), "--api", nexus.url, data=data, timeout_s=600)
    installed = Installed(nexus, namespace, int(settings["NEXUS_PROXY__PORT"]), _people(nexus))
    with installed.client() as client:
        version = client.post("policies", json={"document": POLICIES}).raise_for_status().json()["version"]
        asked = {"name": "other", "authority": ["steward"]}
        token = client.post("tokens", json=asked).raise_for_status().json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        client.post(f"policies/versions/{version}/decision", json={"action": "approve"}).raise_for_status()
    return installed


def _people(nexus: Nexus) -> dict[str, str]:
    with httpx.Client(base_url=f"{nexus.url}/api/v1/", headers=nexus.admin, timeout=60) as admin:
        for name, role in PEOPLE.items():
            made = (
                admin.post("users", json={"name": name, "password": f"a password of {name}"}).raise_for_status().json()
            )
            bound = {"role": role, "subject_kind": "account", "subject": made["id"]}
            admin.post("roles/bindings", json=bound).raise_for_status()
    return {
        name: services.nexus_command("proxy", "password", name, "--minutes", "600", data=nexus.data).strip()
        for name in PEOPLE
    }
