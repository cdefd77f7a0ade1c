"""Committed lists of jars (tools/jars.py writes them), that of Neo4j, and which of a list the cache lacks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of a list; `path` is its place in a Maven repository, `size` is in bytes."""

    path: str
    sha256: str
    size: int

    @property
    def name(self) -> str:
        """Its file name."""
        return self.path.rpartition("/")[2]


def listed_jars() -> list[Jar]:
    """Read the list of Neo4j's jars."""
    return read_list(files(__package__).joinpath("jars.txt").read_text())


def read_list(text: str) -> list[Jar]:
    """Give the jars of a list: a line each of coordinate, SHA-256 and size; `#` begins a comment line."""
    return [_parse(line) for line in text.splitlines() if not line.startswith("#")]


def _parse(line: str) -> Jar:
    coordinate, sha256, size = line.split()
    group, artifact, version, *classifier = coordinate.split(":")
    name = "-".join([artifact, version, *classifier])
    return Jar(f"{group.replace('.', '/')}/{artifact}/{version}/{name}.jar", sha256, int(size))


def missing(jars: Iterable[Jar], folder: Path) -> list[Jar]:
    """Give the jars that the folder does not hold; a file has its final name only once it was verified."""
    return [jar for jar in jars if not (folder / jar.name).exists()]
