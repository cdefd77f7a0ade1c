"""The file of a backup: a tar of gzipped NDJSON parts, table by table, and a manifest with each part's SHA-256.

It knows nothing of tables' meaning: a row is a list of values in the order of its table's columns, bytes in base64.
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
from nexus_core.store.parts_file import PartsWriter, check_part, lines_of, read_manifest

PART_ROWS = 2_000
_FORMAT = 1
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


class BackupWriter(PartsWriter):
    """Writes a backup; see PartsWriter."""

    def __init__(self, path: Path, revision: str, probe: bytes | None) -> None:
        super().__init__(path)
        self._revision, self._probe = revision, probe
        self._parts: list[Part] = []

    def add(self, table: str, columns: Sequence[str], binary: Sequence[int], rows: Sequence[Sequence[Any]]) -> None:
        """Append a part."""
        name, digest = self.write(table, (_line(row, binary) for row in rows))
        self._parts.append(Part(table, columns, binary, name, len(rows), digest))

    def manifest(self) -> dict[str, Any]:
        """Tell the parts, and what store they are of."""
        return {
            "format": _FORMAT,
            "made_at": datetime.now(UTC).isoformat(),
            "revision": self._revision,
            "probe": None if self._probe is None else base64.b64encode(self._probe).decode(),
            "parts": self._parts,
        }


def verify_backup(path: Path) -> Backup:
    """Read a file through and give its manifest; raises ConfigurationError if it is not whole and unaltered."""
    try:
        with tarfile.open(path) as tar:
            backup = _read_manifest(tar, path)
            for part in backup.parts:
                check_part(tar, path, part.name, part.sha256, _ADVICE)
            return backup
    except (OSError, tarfile.TarError, KeyError, ValueError) as error:
        raise ConfigurationError(f"{path} is no whole backup ({error})", _ADVICE) from error


def read_parts(path: Path, backup: Backup) -> Iterator[tuple[Part, list[list[Any]]]]:
    """Give the rows of a verified file, part by part."""
    with tarfile.open(path) as tar:
        for part in backup.parts:
            yield part, [_row(line, part.binary) for line in lines_of(tar, part.name)]


def _read_manifest(tar: tarfile.TarFile, path: Path) -> Backup:
    stored = read_manifest(tar)
    if stored["format"] != _FORMAT:
        raise ConfigurationError(f"{path} has format {stored['format']}", "Restore it with the version that made it")
    probe = None if stored["probe"] is None else base64.b64decode(stored["probe"])
    parts = [Part(**part) for part in stored["parts"]]
    return Backup(stored["revision"], probe, datetime.fromisoformat(stored["made_at"]), parts)


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
