"""A file of all events of a log up to a moment: a tar of gzipped NDJSON parts and a manifest with their SHA-256.

Sealed texts stay sealed, under the key of the store that they come from; the manifest has that store's probe, so that
another key is told before anything is written.
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
from nexus_core.eventlog.rows import Row

PART_EVENTS = 2_000
_FORMAT = 1
_MANIFEST = "manifest.json"
_ADVICE = "Take another copy of the file, or export anew"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a file holds; `probe` is sealed with the key that its sealed texts need."""

    event_count: int
    until: datetime
    probe: bytes
    parts: Sequence[dict[str, Any]]


class ArchiveWriter:
    """Writes a file beside its place and moves it there, durable and whole, when the block ends well."""

    def __init__(self, path: Path, probe: bytes, until: datetime) -> None:
        self._path, self._draft = path, path.with_name(f"{path.name}.part")
        self._probe, self._until = probe, until
        self._parts: list[dict[str, Any]] = []

    def __enter__(self) -> ArchiveWriter:
        self._file = os.fdopen(os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
        self._tar = tarfile.open(fileobj=self._file, mode="w")
        return self

    def add(self, rows: Sequence[Row]) -> None:
        """Append a part of at most PART_EVENTS rows."""
        lines = b"".join(_line(row) for row in rows)
        name = f"events-{len(self._parts) + 1:06}.ndjson.gz"
        content = gzip.compress(lines, compresslevel=6, mtime=0)
        self._parts.append({"name": name, "events": len(rows), "sha256": hashlib.sha256(content).hexdigest()})
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
            "until": self._until.isoformat(),
            "events": sum(part["events"] for part in self._parts),
            "probe": base64.b64encode(self._probe).decode(),
            "parts": self._parts,
        }

    def _append(self, name: str, content: bytes) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(content), 0o600
        self._tar.addfile(entry, io.BytesIO(content))


def verify(path: Path) -> Manifest:
    """Read a file through and give its manifest; raises ConfigurationError if it is not whole and unaltered."""
    try:
        with tarfile.open(path) as tar:
            manifest = _read_manifest(tar, path)
            for part in manifest.parts:
                if hashlib.sha256(_content(tar, part["name"])).hexdigest() != part["sha256"]:
                    raise ConfigurationError(f"{path} is damaged: {part['name']} has another SHA-256", _ADVICE)
            return manifest
    except (OSError, tarfile.TarError, KeyError, ValueError) as error:
        raise ConfigurationError(f"{path} is no whole export ({error})", _ADVICE) from error


def read_parts(path: Path, manifest: Manifest) -> Iterator[list[Row]]:
    """Give the rows of a verified file, part by part."""
    with tarfile.open(path) as tar:
        for part in manifest.parts:
            lines = gzip.decompress(_content(tar, part["name"])).splitlines()
            yield [_row(line) for line in lines]


def _read_manifest(tar: tarfile.TarFile, path: Path) -> Manifest:
    stored = orjson.loads(_content(tar, _MANIFEST))
    if stored["format"] != _FORMAT:
        raise ConfigurationError(f"{path} has format {stored['format']}", "Import it with the version that made it")
    until = datetime.fromisoformat(stored["until"])
    return Manifest(stored["events"], until, base64.b64decode(stored["probe"]), stored["parts"])


def _content(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    if file is None:
        raise KeyError(name)
    return file.read()


def _line(row: Row) -> bytes:
    sealed = row["sealed"]
    plain = {**row, "sealed": None if sealed is None else base64.b64encode(sealed).decode()}
    return orjson.dumps(plain) + b"\n"


def _row(line: bytes) -> Row:
    row: Row = orjson.loads(line)
    times = {name: datetime.fromisoformat(row[name]) for name in ("accepted_at", "valid_at")}
    sealed = row["sealed"]
    return row | times | {"sealed": None if sealed is None else base64.b64decode(sealed)}
