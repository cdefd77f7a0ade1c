"""The file of a backup: a tar of gzipped NDJSON parts, table by table, and a manifest with each part's SHA-256.

It knows nothing of tables' meaning: a row is a list of values in the order of its table's columns, bytes in base64.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import os
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import orjson

from nexus_core.errors import ConfigurationError

PART_ROWS = 2_000
_FORMAT = 1
_MANIFEST = "manifest.json"
_ADVICE = "Take another copy of the file, or another backup"


@dataclass(frozen=True, slots=True)
class Part:
    """At most PART_ROWS rows of a table; `binary` are the places of columns that hold bytes."""

    table: str
    columns: Sequence[str]
    binary: Sequence[int]
    name: str
    row_count: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Backup:
    """What a file holds, of which form of the store (`revision`); `probe` tells the key of its sealed texts."""

    revision: str
    probe: bytes | None
    made_at: datetime
    parts: Sequence[Part]

    @property
    def row_count(self) -> int:
        """Rows of all tables."""
        return sum(part.row_count for part in self.parts)


class BackupWriter:
    """Writes a file beside its place and moves it there, durable and whole, when the block ends well."""

    def __init__(self, path: Path, revision: str, probe: bytes | None) -> None:
        self._path, self._draft = path, path.with_name(f"{path.name}.part")
        self._revision, self._probe = revision, probe
        self._parts: list[Part] = []

    def __enter__(self) -> BackupWriter:
        self._file = os.fdopen(os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
        self._tar = tarfile.open(fileobj=self._file, mode="w")
        return self

    def add(self, table: str, columns: Sequence[str], binary: Sequence[int], rows: Sequence[Sequence[Any]]) -> None:
        """Append a part."""
        content = gzip.compress(b"".join(_line(row, binary) for row in rows), compresslevel=6, mtime=0)
        name = f"{table}-{len(self._parts) + 1:06}.ndjson.gz"
        digest = hashlib.sha256(content).hexdigest()
        self._parts.append(Part(table, columns, binary, name, len(rows), digest))
        self._append(name, content)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._append(_MANIFEST, orjson.dumps(self._manifest(), option=orjson.OPT_INDENT_2))
        self._tar.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if error is None:
            os.replace(self._draft, self._path)
        else:
            self._draft.unlink(missing_ok=True)

    def _manifest(self) -> dict[str, Any]:
        return {
            "format": _FORMAT,
            "made_at": datetime.now(UTC).isoformat(),
            "revision": self._revision,
            "probe": None if self._probe is None else base64.b64encode(self._probe).decode(),
            "parts": self._parts,
        }

    def _append(self, name: str, content: bytes) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(content), 0o600
        self._tar.addfile(entry, io.BytesIO(content))


def verify_backup(path: Path) -> Backup:
    """Read a file through and give its manifest; raises ConfigurationError if it is not whole and unaltered."""
    try:
        with tarfile.open(path) as tar:
            backup = _read_manifest(tar, path)
            for part in backup.parts:
                if hashlib.sha256(_content(tar, part.name)).hexdigest() != part.sha256:
                    raise ConfigurationError(f"{path} is damaged: {part.name} has another SHA-256", _ADVICE)
            return backup
    except (OSError, tarfile.TarError, KeyError, ValueError) as error:
        raise ConfigurationError(f"{path} is no whole backup ({error})", _ADVICE) from error


def read_parts(path: Path, backup: Backup) -> Iterator[tuple[Part, list[list[Any]]]]:
    """Give the rows of a verified file, part by part."""
    with tarfile.open(path) as tar:
        for part in backup.parts:
            lines = gzip.decompress(_content(tar, part.name)).splitlines()
            yield part, [_row(line, part.binary) for line in lines]


def _read_manifest(tar: tarfile.TarFile, path: Path) -> Backup:
    stored = orjson.loads(_content(tar, _MANIFEST))
    if stored["format"] != _FORMAT:
        raise ConfigurationError(f"{path} has format {stored['format']}", "Restore it with the version that made it")
    probe = None if stored["probe"] is None else base64.b64decode(stored["probe"])
    parts = [Part(**part) for part in stored["parts"]]
    return Backup(stored["revision"], probe, datetime.fromisoformat(stored["made_at"]), parts)


def _content(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    if file is None:
        raise KeyError(name)
    return file.read()


def _line(row: Sequence[Any], binary: Sequence[int]) -> bytes:
    values = list(row)
    for place in binary:
        if values[place] is not None:
            values[place] = base64.b64encode(values[place]).decode()
    return orjson.dumps(values) + b"\n"


def _row(line: bytes, binary: Sequence[int]) -> list[Any]:
    values: list[Any] = orjson.loads(line)
    for place in binary:
        if values[place] is not None:
            values[place] = base64.b64decode(values[place])
    return values
