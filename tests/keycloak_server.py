"""A real Keycloak 26 with users alice (group stewards) and bob (analysts), for OpenID Connect and SAML."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from nexus_core.graph.embedded.fetch import fetch
from nexus_core.graph.embedded.jars import Jar, missing
from nexus_core.graph.embedded.java import find_java
from nexus_core.graph.embedded.maven import find_repository
from nexus_core.processes import Child, Command
from nexus_core.settings import Settings

_VERSION = "26.7.3"
_DISTRIBUTION = Jar(
    f"org/keycloak/keycloak-quarkus-dist/{_VERSION}/keycloak-quarkus-dist-{_VERSION}.zip",
    "27a6535553c3cdcd083872ba40629efafb3475e3b758e0c6f691395561dd0f1f",
    176710367,
)
_REALM = Path(__file__).parent / "data" / "keycloak_realm.json"
_READY_WITHIN_S = 180.0
_BUILD_WITHIN_S = 600.0
_BUILT_FOR = ("--db=dev-mem", "--features-disabled=kerberos,ciba,device-flow,par,organization,impersonation")
_JAVA = (
    "-Xms64m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
    "--add-opens=java.base/java.util=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--add-opens=java.base/java.security=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
)
ADMIN, ADMIN_PASSWORD = "admin", "admin-password"
PASSWORDS = {"alice": "alice's password", "bob": "bob's password"}
OIDC_CLIENT, OIDC_SECRET = "lineage-nexus", "oidc-secret"
AIRFLOW_CLIENT, AIRFLOW_SECRET = "airflow", "airflow-secret"


@dataclass(frozen=True)
class Keycloak:
    """A server on 127.0.0.1 whose clients expect us at `nexus_port`, and Airflow at `airflow_port`."""

    port: int
    nexus_port: int
    airflow_port: int

    @property
    def realm(self) -> str:
        """The realm's URL, which is also its OpenID Connect issuer and its SAML entity."""
        return f"http://127.0.0.1:{self.port}/realms/nexus"

    @property
    def saml_metadata(self) -> str:
        return f"{self.realm}/protocol/saml/descriptor"

    @property
    def nexus_url(self) -> str:
        return f"http://127.0.0.1:{self.nexus_port}"

    @property
    def airflow_url(self) -> str:
        return f"http://127.0.0.1:{self.airflow_port}"

    def settings(self) -> dict[str, str]:
        """Variables by which LineageNexus lets people sign in here, by both protocols."""
        return {
            "NEXUS_API__PUBLIC_URL": self.nexus_url,
            "NEXUS_SSO__OIDC__KEYCLOAK__ISSUER": self.realm,
            "NEXUS_SSO__OIDC__KEYCLOAK__CLIENT_ID": OIDC_CLIENT,
            "NEXUS_SSO__OIDC__KEYCLOAK__CLIENT_SECRET": "env:TEST_OIDC_SECRET",
            "NEXUS_SSO__OIDC__KEYCLOAK__TITLE": "Keycloak",
            "NEXUS_SSO__SAML__CORPORATE__METADATA": self.saml_metadata,
            "NEXUS_SSO__SAML__CORPORATE__TITLE": "Corporate account",
            "TEST_OIDC_SECRET": OIDC_SECRET,
        }

    @contextmanager
    def admin(self) -> Iterator[httpx.Client]:
        """A client of the realm's administration interface."""
        form = {"grant_type": "password", "client_id": "admin-cli", "username": ADMIN, "password": ADMIN_PASSWORD}
        base = f"http://127.0.0.1:{self.port}"
        answer = httpx.post(f"{base}/realms/master/protocol/openid-connect/token", data=form, timeout=60)
        headers = {"Authorization": f"Bearer {answer.raise_for_status().json()['access_token']}"}
        with httpx.Client(base_url=f"{base}/admin/realms/nexus", headers=headers, timeout=60) as client:
            yield client


@contextmanager
def keycloak(free_port: Callable[[], int]) -> Iterator[Keycloak]:
    """Start Keycloak on a folder of its own, its data in memory; or take what TEST_KEYCLOAK names by its ports."""
    if given := os.environ.get("TEST_KEYCLOAK"):
        yield Keycloak(*map(int, given.split(",")))
        return
    server = Keycloak(free_port(), free_port(), free_port())
    home = Path(tempfile.mkdtemp(prefix="nexus-keycloak-"))
    try:
        _lay_out(home, server)
        child = Child(Command("keycloak", _start(home, server), _environment(), home))
        try:
            _wait(server, child)
            yield server
        finally:
            child.process.kill()  # its data are in memory, and a clean stop takes seconds
            child.stop()
    finally:
        shutil.rmtree(home)


def _lay_out(home: Path, server: Keycloak) -> None:
    """Make a home of its own, which shares the built distribution."""
    built = _built()
    for name in ("lib", "conf", "providers", "themes"):
        (home / name).symlink_to(built / name)
    (home / "data" / "import").mkdir(parents=True)
    realm = _REALM.read_text().replace("NEXUS_URL", server.nexus_url).replace("AIRFLOW_URL", server.airflow_url)
    (home / "data" / "import" / "nexus-realm.json").write_text(realm)


def _start(home: Path, server: Keycloak) -> list[str]:
    java = [str(find_java(os.environ).executable), *_JAVA, f"-Dkc.home.dir={home}"]
    java += [f"-Djboss.server.config.dir={home}/conf", "-cp", f"{home}/lib/quarkus-run.jar"]
    address = ["--http-enabled=true", "--http-host=127.0.0.1", f"--http-port={server.port}", "--hostname-strict=false"]
    start = ["start", "--optimized", "--import-realm", "--cache=local", *address]
    return [*java, "-Dkc.config.built=true", "io.quarkus.bootstrap.runner.QuarkusEntryPoint", *start]


def _environment() -> dict[str, str]:
    admin = {"KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN, "KC_BOOTSTRAP_ADMIN_PASSWORD": ADMIN_PASSWORD}
    return {**os.environ, **admin}


def _wait(server: Keycloak, child: Child) -> None:
    deadline = time.monotonic() + _READY_WITHIN_S
    while not _answers(server):
        assert child.exit_code is None, child.why()
        assert time.monotonic() < deadline, child.why()
        time.sleep(0.2)


def _answers(server: Keycloak) -> bool:
    try:
        return httpx.get(server.realm, timeout=30).is_success
    except httpx.TransportError:
        return False


def _built() -> Path:
    """The folder of Keycloak in the user's cache; it is fetched (177 MB) and built if need be, once."""
    settings = Settings.load()
    cache = settings.cache_dir.expanduser().absolute()
    folder = cache / f"keycloak-{_VERSION}"
    if not folder.exists():
        if missing([_DISTRIBUTION], cache):
            fetch([_DISTRIBUTION], cache, find_repository(settings.graph.jars_url, os.environ), lambda _bytes: None)
        part = Path(tempfile.mkdtemp(prefix="keycloak-", dir=cache))
        with zipfile.ZipFile(cache / _DISTRIBUTION.name) as archive:
            archive.extractall(part)
        _build(part / f"keycloak-{_VERSION}")
        (part / f"keycloak-{_VERSION}").rename(folder)
        part.rmdir()
        (cache / _DISTRIBUTION.name).unlink()
    return folder


def _build(home: Path) -> None:
    environment = {**os.environ, "JAVA_OPTS": "-Xmx512m"}
    done = subprocess.run(
        ["bash", str(home / "bin" / "kc.sh"), "build", *_BUILT_FOR],
        env=environment,
        capture_output=True,
        text=True,
        timeout=_BUILD_WITHIN_S,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]
