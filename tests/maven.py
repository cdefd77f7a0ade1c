"""Jars that tests run, from the user's Maven repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.services import program


def jars(*coordinates: str) -> list[Path]:
    """Give the jars of `GROUP:ARTIFACT:VERSION`, without what they depend on; Maven fetches them if need be."""
    return [_jar(each) for each in coordinates]


def _jar(coordinates: str) -> Path:
    group, artifact, version = coordinates.split(":")
    folder = Path("~/.m2/repository").expanduser() / group.replace(".", "/") / artifact / version
    jar = folder / f"{artifact}-{version}.jar"
    if not jar.exists():
        maven = program("mvn", "apt install maven")
        fetch = [str(maven), "-q", "dependency:get", f"-Dartifact={coordinates}", "-Dtransitive=false"]
        subprocess.run(fetch, check=True, timeout=120, stdout=subprocess.DEVNULL)
    return jar
