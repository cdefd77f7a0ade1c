"""A file of all events of a log up to a moment: a tar of gzipped NDJSON parts and a manifest with their SHA-256.

Sealed texts stay sealed, under the key of the store that they come from; the manifest has that store's probe, so that
another key is told before anything is written.
"""

from __future__ import annotations

import base64
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from nexus_core.errors import ConfigurationError
from nexus_core.eventlog.rows import Row
from nexus_core.store.parts_file import PartsWriter, check_part, lines_of, read_manifest

PART_EVENTS = 2_000
_FORMAT = 1
_ADVICE = "Take another copy of the file, or export anew"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a file holds; `probe` is sealed with the key that its sealed texts need."""

    event_count: int
    until: datetime
    probe: bytes
    parts: Sequence[dict[str, Any]]


class ArchiveWriter(PartsWriter):
    """Writes an export; see PartsWriter."""

    def __init__(self, path: Path, probe: bytes, until: datetime) -> None:
        super().__init__(path)
        self._probe, self._until = probe, until
        self._parts: list[dict[str, Any]] = []

    def add(self, rows: Sequence[Row]) -> None:
        """Append a part of at most PART_EVENTS rows."""
        name, digest = self.write("events", map(_line, rows))
        self._parts.append({"name": name, "events": len(rows), "sha256": digest})

    def manifest(self) -> dict[str, Any]:
        """Tell the parts, and what log they are of."""
        return {
            "format": _FORMAT,
            "made_at": datetime.now(UTC).isoformat(),
            "until": self._until.isoformat(),
            "events": sum(part["events"] for part in self._parts),
            "probe": base64.b64encode(self._probe).decode(),
            "parts": self._parts,
        }


def verify(path: Path) -> Manifest:
    """Read a file through and give its manifest; raises ConfigurationError if it is not whole and unaltered."""
    try:
        with tarfile.open(path) as tar:
            manifest = _read_manifest(tar, path)
            for part in manifest.parts:
                check_part(tar, path, part["name"], part["sha256"], _ADVICE)
            return manifest
    except (OSError, tarfile.TarError, KeyError, ValueError) as error:
        raise ConfigurationError(f"{path} is no whole export ({error})", _ADVICE) from error


def read_parts(path: Path, manifest: Manifest) -> Iterator[list[Row]]:
    """Give the rows of a verified file, part by part."""
    with tarfile.open(path) as tar:
        for part in manifest.parts:
            yield [_row(line) for line in lines_of(tar, part["name"])]


def _read_manifest(tar: tarfile.TarFile, path: Path) -> Manifest:
    stored = read_manifest(tar)
    if stored["format"] != _FORMAT:
        raise ConfigurationError(f"{path} has format {stored['format']}", "Import it with the version that made it")
    until = datetime.fromisoformat(stored["until"])
    return Manifest(stored["events"], until, base64.b64decode(stored["probe"]), stored["parts"])


def _line(row: Row) -> bytes:
    sealed = row["sealed"]
    plain = {**row, "sealed": None if sealed is None else base64.b64encode(sealed).decode()}
    return orjson.dumps(plain) + b"\n"


def _row(line: bytes) -> Row:
    row: Row = orjson.loads(line)
    times = {name: datetime.fromisoformat(row[name]) for name in ("accepted_at", "valid_at")}
    sealed = row["sealed"]
    return row | times | {"sealed": None if sealed is None else base64.b64decode(sealed)}
