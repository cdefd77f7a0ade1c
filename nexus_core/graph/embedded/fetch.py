"""Fetches the jars of Neo4j once into the cache: in parallel, resumable, each checked against its SHA-256."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx

from nexus_core import egress
from nexus_core.graph.embedded.download import Download
from nexus_core.graph.embedded.jars import Jar, missing
from nexus_core.graph.embedded.maven import Repository

_PARALLEL = 8

OnBytes = Callable[[int], None]
"""Called with the number of bytes that just arrived, from several threads."""


def fetch(jars: Iterable[Jar], folder: Path, repository: Repository, on_bytes: OnBytes) -> None:
    """Bring the missing jars into the folder, from Maven's own local repository where it has them.

    Waits for another process that fetches into the same folder. Raises UnavailableError with advice.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _only_one(folder / ".lock"):
        for jar in missing(jars, folder):
            if _take_local(jar, repository.local, folder):
                on_bytes(jar.size)
        _download(missing(jars, folder), folder, repository, on_bytes)


@contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _take_local(jar: Jar, local: Path, folder: Path) -> bool:
    source, part = local / jar.path, folder / f"{jar.name}.part"
    if not source.is_file() or hashlib.sha256(source.read_bytes()).hexdigest() != jar.sha256:
        return False
    shutil.copyfile(source, part)
    part.replace(folder / jar.name)
    return True


def _download(jars: list[Jar], folder: Path, repository: Repository, on_bytes: OnBytes) -> None:
    """Largest first, so that no thread is left with a large one at the end."""
    host = httpx.URL(repository.url).host
    purpose = egress.Purpose("maven", (host,), allow=(host,), total_s=600.0)
    with egress.client(purpose) as client, ThreadPoolExecutor(_PARALLEL) as threads:
        if repository.login is not None:
            client.auth = httpx.BasicAuth(*repository.login)
        downloads = [
            Download(client, f"{repository.url.rstrip('/')}/{jar.path}", folder / jar.name, jar.sha256, on_bytes)
            for jar in sorted(jars, key=lambda jar: -jar.size)
        ]
        running = [threads.submit(download.run) for download in downloads]
        try:
            for future in running:
                future.result()
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
