"""What `nexus doctor` looks at; each check gives one or more findings and raises nothing."""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from nexus_core.cli.machine import free_bytes, require_port, running_installation
from nexus_core.cli.readiness import unready
from nexus_core.errors import ConfigurationError, NexusError
from nexus_core.settings import Settings

_GIB = 2**30
_NEEDED_MEMORY = 1.5 * _GIB
_NEEDED_DISK = 1 * _GIB


class Level(StrEnum):
    """How a finding matters."""

    OK = "ok"
    NOTE = "note"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was seen of a subject, and what to do about it, if anything."""

    subject: str
    level: Level
    seen: str
    advice: str = ""


def examine(data_dir: Path | None) -> Iterator[Finding]:
    """Give all findings, on a data folder other than the configured one if given."""
    yield Finding("version", Level.OK, f"lineage-nexus {version('lineage-nexus')}")
    yield _python()
    try:
        settings = Settings.load(**({"data_dir": data_dir} if data_dir else {}))
    except ConfigurationError as error:
        yield Finding("settings", Level.FAIL, error.problem, error.advice)
        return
    yield Finding("settings", Level.OK, "valid")
    yield _memory()
    yield _disk("data folder", settings.data_dir, "give another --data")
    yield _disk("cache folder", settings.cache_dir, "set NEXUS_CACHE_DIR")
    running = running_installation(settings.data_dir.expanduser())
    yield from _running(running["url"]) if running else _stopped(settings)
    yield _store(settings)
    if settings.eventlog.kind == "kafka":
        yield _kafka(settings)
    yield _spool(settings)
    yield from _connectors()


def _python() -> Finding:
    seen = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    return Finding("python", Level.OK, seen)


def _memory() -> Finding:
    free = psutil.virtual_memory().available
    seen = f"{free / _GIB:.1f} GiB available"
    if free < _NEEDED_MEMORY:
        return Finding("memory", Level.NOTE, seen, "LineageNexus takes about 1 GiB: end other programs if it is slow")
    return Finding("memory", Level.OK, seen)


def _disk(subject: str, folder: Path, other: str) -> Finding:
    folder = folder.expanduser().absolute()
    free = free_bytes(folder)
    seen = f"{folder}, {free / _GIB:.1f} GiB free"
    if free < _NEEDED_DISK:
        return Finding(subject, Level.FAIL, seen, f"Make room, or {other}")
    return Finding(subject, Level.OK, seen)


def _running(url: str) -> Iterator[Finding]:
    address = urlsplit(url)
    problems = unready(address.hostname or "127.0.0.1", address.port or 80)
    if not problems:
        yield Finding("nexus up", Level.OK, f"ready at {url}")
    for part, reason in problems.items():
        yield Finding(part, Level.FAIL, reason, "See its log in the data folder, or start `nexus up` again")


def _stopped(settings: Settings) -> Iterator[Finding]:
    yield Finding("nexus up", Level.NOTE, "does not run on this data folder", "Start it with `nexus up`")
    try:
        require_port(settings.api.host, settings.api.port)
        yield Finding("port", Level.OK, f"{settings.api.port} is free")
    except ConfigurationError as error:
        yield Finding("port", Level.FAIL, error.problem, error.advice)
    yield from _embedded_graph(settings) if settings.graph.uri is None else [_given_graph(settings)]


def _embedded_graph(settings: Settings) -> Iterator[Finding]:
    from nexus_core.graph.embedded.java import find_java
    from nexus_core.graph.embedded.runtime import VERSION, jars_to_fetch

    try:
        java = find_java(os.environ)
        yield Finding("java", Level.OK, f"version {java.version}, {java.executable}")
    except ConfigurationError as error:
        yield Finding("java", Level.FAIL, error.problem, error.advice)
    to_fetch = sum(jar.size for jar in jars_to_fetch(settings, os.environ))
    where = os.environ.get("NEO4J_HOME") or f"{VERSION} in the cache folder"
    if to_fetch:
        seen, advice = f"{to_fetch / 2**20:.0f} MiB are not fetched yet", "The next `nexus up` fetches them"
        yield Finding("neo4j", Level.NOTE, seen, advice)
    else:
        yield Finding("neo4j", Level.OK, where)


def _given_graph(settings: Settings) -> Finding:
    from nexus_core.graph.connection import check_graph, open_graph

    async def look() -> None:
        async with open_graph(settings.graph) as graph:
            await check_graph(graph, 10.0)

    try:
        asyncio.run(look())
    except NexusError as error:
        return Finding("neo4j", Level.FAIL, str(error), "Check NEXUS_GRAPH__URI, its user and password")
    return Finding("neo4j", Level.OK, f"{settings.graph.uri} answers")


def _store(settings: Settings) -> Finding:
    file = settings.data_dir.expanduser() / "nexus.db"
    if settings.store.url is None and not file.exists():
        return Finding("store", Level.NOTE, "none yet", "The first `nexus up` makes it")
    try:
        token_count = asyncio.run(_count_tokens(settings))
    except NexusError as error:
        return Finding("store", Level.FAIL, str(error), "Check NEXUS_STORE__URL, and run `nexus migrate`")
    return Finding("store", Level.OK, f"answers; tokens: {token_count}")


async def _count_tokens(settings: Settings) -> int:
    from nexus_core.store.accounts import Accounts
    from nexus_core.store.database import open_store

    store = open_store(settings.store_url)
    try:
        return len(await Accounts(store).tokens())
    finally:
        await store.dispose()


def _kafka(settings: Settings) -> Finding:
    try:
        from nexus_core.eventlog.kafka_client import client_properties
        from nexus_core.eventlog.kafka_topic import check_topic

        seen = check_topic(settings, client_properties(settings.eventlog))
    except ModuleNotFoundError:
        return Finding("kafka", Level.FAIL, "its client is not installed", "Run `pip install 'lineage-nexus[kafka]'`")
    except NexusError as error:
        return Finding("kafka", Level.FAIL, str(error), "See docs/operations.md, “Kafka”")
    return Finding("kafka", Level.OK, seen)


def _spool(settings: Settings) -> Finding:
    from nexus_core.spool.folder import SpoolFolder

    if settings.spool.path is None:
        return Finding("spool", Level.OK, "none on this machine (only Airflow's needs one)")
    try:
        state = SpoolFolder(settings.spool.path, ephemeral=settings.spool.ephemeral).state()
    except NexusError as error:
        return Finding("spool", Level.FAIL, str(error), "See docs/airflow.md")
    seen = f"{state.pending_count} events wait, {state.rejected_count} were refused"
    if state.rejected_count:
        return Finding("spool", Level.NOTE, seen, f"See the reasons in {settings.spool.path / 'rejected'}")
    return Finding("spool", Level.OK, seen)


def _connectors() -> Iterator[Finding]:
    from nexus_core.connectors.registry import installed

    for each in installed():
        if each.problem is None:
            yield Finding(f"connector {each.kind}", Level.OK, "usable; `nexus harvest URL --dry-run` tests a source")
        else:
            yield Finding(f"connector {each.kind}", Level.NOTE, each.problem, "Needed only to harvest such a source")
