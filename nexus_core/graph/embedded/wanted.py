"""Which embedded Neo4js a data folder wants to run: one line each in its file `graphs`, the name of a folder.

`nexus replay` writes the file, `nexus up` follows it while it runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nexus_core.files import write_whole

FIRST = "neo4j"
_FILE = "graphs"


def wanted(data_dir: Path) -> tuple[str, ...]:
    """Give the folders of the Neo4js that are to run; the first one alone if no replay has been here."""
    try:
        return tuple((data_dir / _FILE).read_text().split())
    except FileNotFoundError:
        return (FIRST,)


def want(data_dir: Path, name: str) -> None:
    """Ask for a Neo4j."""
    names = wanted(data_dir)
    if name not in names:
        _write(data_dir, (*names, name))


def unwant(data_dir: Path, name: str) -> None:
    """Ask for a Neo4j no longer."""
    names = wanted(data_dir)
    if name in names:
        _write(data_dir, [other for other in names if other != name])


def _write(data_dir: Path, names: Sequence[str]) -> None:
    write_whole(data_dir / _FILE, "".join(f"{name}\n" for name in names))
