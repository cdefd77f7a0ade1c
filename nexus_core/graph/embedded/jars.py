"""The jars that Neo4j consists of: the committed list, and which of them the cache lacks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of jars.txt; `path` is its place in a Maven repository, `size` is in bytes."""

    path: str
    sha256: str
    size: int

    @property
    def name(self) -> str:
        """Its file name."""
        return self.path.rpartition("/")[2]


def listed_jars() -> list[Jar]:
    """Read the committed list."""
    lines = files(__package__).joinpath("jars.txt").read_text().splitlines()
    return [_parse(line) for line in lines if not line.startswith("#")]


def _parse(line: str) -> Jar:
    coordinate, sha256, size = line.split()
    group, artifact, version, *classifier = coordinate.split(":")
    name = "-".join([artifact, version, *classifier])
    return Jar(f"{group.replace('.', '/')}/{artifact}/{version}/{name}.jar", sha256, int(size))


def missing(jars: Iterable[Jar], folder: Path) -> list[Jar]:
    """Give the jars that the folder does not hold; a file has its final name only once it was verified."""
    return [jar for jar in jars if not (folder / jar.name).exists()]
