"""A file in parts: a tar of gzipped NDJSON, and last a manifest that names each part with its SHA-256."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from nexus_core.errors import ConfigurationError

_MANIFEST = "manifest.json"


class PartsWriter(ABC):
    """Writes a file beside its place and moves it there, durable and whole, when the block ends well."""

    def __init__(self, path: Path) -> None:
        self._path, self._draft = path, path.with_name(f"{path.name}.part")
        self._count = 0

    @abstractmethod
    def manifest(self) -> dict[str, Any]:
        """Give what the manifest says, once all parts are added."""

    def __enter__(self) -> Self:
        self._file = os.fdopen(os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
        self._tar = tarfile.open(fileobj=self._file, mode="w")
        return self

    def write(self, stem: str, lines: Iterable[bytes]) -> tuple[str, str]:
        """Append a part; gives its name, which begins with `stem`, and its SHA-256."""
        content = gzip.compress(b"".join(lines), compresslevel=6, mtime=0)
        self._count += 1
        name = f"{stem}-{self._count:06}.ndjson.gz"
        self._append(name, content)
        return name, hashlib.sha256(content).hexdigest()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._append(_MANIFEST, orjson.dumps(self.manifest(), option=orjson.OPT_INDENT_2))
        self._tar.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if error is None:
            os.replace(self._draft, self._path)
        else:
            self._draft.unlink(missing_ok=True)

    def _append(self, name: str, content: bytes) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(content), 0o600
        self._tar.addfile(entry, io.BytesIO(content))


def read_manifest(tar: tarfile.TarFile) -> dict[str, Any]:
    """Give the manifest. Raises KeyError and ValueError if the file is none of ours."""
    found: dict[str, Any] = orjson.loads(_content(tar, _MANIFEST))
    return found


def check_part(tar: tarfile.TarFile, path: Path, name: str, sha256: str, advice: str) -> None:
    """Raise ConfigurationError if a part is not what the manifest says, KeyError if it is not there."""
    if hashlib.sha256(_content(tar, name)).hexdigest() != sha256:
        raise ConfigurationError(f"{path} is damaged: {name} has another SHA-256", advice)


def lines_of(tar: tarfile.TarFile, name: str) -> list[bytes]:
    """Give the lines of a part."""
    return gzip.decompress(_content(tar, name)).splitlines()


def _content(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    if file is None:
        raise KeyError(name)
    return file.read()
