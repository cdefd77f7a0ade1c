"""The newest PostgreSQL that a package repository carries: 18.4 from Maven, where it is packed for tests."""

from __future__ import annotations

import io
import os
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nexus_core.graph.embedded.fetch import fetch
from nexus_core.graph.embedded.jars import missing, read_list
from nexus_core.graph.embedded.maven import find_repository
from nexus_core.settings import Settings
from tests.services import PostgreSQL, postgresql

_LIST = Path(__file__).parent / "data" / "postgresql_jars.txt"
_ARCHIVE = "postgres-linux-x86_64.txz"


@contextmanager
def newest_postgresql() -> Iterator[PostgreSQL]:
    """Start one as `services.postgresql` does; its programs are fetched if need be (15 MB, once)."""
    folder = Path(tempfile.mkdtemp(prefix="nexus-postgresql-18-"))
    folder.chmod(0o755)  # the server runs as another user, whom the cache of root lets in no more than root's home
    try:
        with zipfile.ZipFile(_jar()) as jar, tarfile.open(fileobj=io.BytesIO(jar.read(_ARCHIVE))) as archive:
            archive.extractall(folder, filter="data")
        with postgresql(binaries=folder / "bin") as server:
            yield server
    finally:
        shutil.rmtree(folder)


def _jar() -> Path:
    settings = Settings.load()
    jars = read_list(_LIST.read_text())
    cache = settings.cache_dir.expanduser().absolute()
    if missing(jars, cache):
        fetch(jars, cache, find_repository(settings.graph.jars_url, os.environ), lambda _bytes: None)
    return cache / jars[0].name
