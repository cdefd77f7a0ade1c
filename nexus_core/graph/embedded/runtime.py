"""Brings together what runs Neo4j: a Java, and jars from NEO4J_HOME or the cache."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nexus_core.errors import ConfigurationError
from nexus_core.graph.embedded.jars import Jar, listed_jars, missing
from nexus_core.graph.embedded.java import Java, find_java
from nexus_core.settings import Settings

VERSION = "5.26.25"
_OPENED = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")  # what Neo4j's own scripts open


@dataclass(frozen=True, slots=True)
class Runtime:
    """What runs Neo4j: a Java and the class path of its jars."""

    java: Java
    class_path: str
    class_archive: Path

    def options(self) -> list[str]:
        """Give Java's options, with the archive of loaded classes (JDK docs, class data sharing).

        The first clean stop writes it, which takes some seconds and 100 MB; it saves half of every later start. One
        that does not fit this Java is ignored; from 19 on Java itself renews it.
        """
        options = ["-XX:+UseSerialGC", "-Dfile.encoding=UTF-8", "-cp", self.class_path]
        options += [f"--add-opens=java.base/{module}=ALL-UNNAMED" for module in _OPENED]
        if self.java.version >= 23:  # Netty's use of Unsafe warns from 23 on
            options += ["--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED"]
        if self.java.version >= 19:
            return [*options, "-XX:+AutoCreateSharedArchive", f"-XX:SharedArchiveFile={self.class_archive}"]
        option = "SharedArchiveFile" if self.class_archive.exists() else "ArchiveClassesAtExit"
        return [*options, f"-XX:{option}={self.class_archive}"]


def jars_folder(settings: Settings) -> Path:
    """Give the folder of the fetched jars, shared by all data folders."""
    return settings.cache_dir.expanduser().absolute() / f"neo4j-{VERSION}"


def jars_to_fetch(settings: Settings, environment: Mapping[str, str]) -> list[Jar]:
    """Give the jars that `prepare` would fetch: none if NEO4J_HOME is set or the cache is complete."""
    return [] if environment.get("NEO4J_HOME") else missing(listed_jars(), jars_folder(settings))


def prepare(settings: Settings, environment: Mapping[str, str], on_bytes: Callable[[int], None]) -> Runtime:
    """Find Java, then Neo4j, which is fetched if need be (118 MiB, once).

    Raises ConfigurationError for a missing Java or a wrong NEO4J_HOME, UnavailableError if the fetch fails.
    """
    java = find_java(environment)
    if home := environment.get("NEO4J_HOME"):
        class_path = _class_path_of(Path(home))
    else:
        if jars_to_fetch(settings, environment):
            _fetch(settings, environment, on_bytes)
        class_path = f"{jars_folder(settings)}/*"
    made_for = hashlib.sha256(f"{java.executable}\n{class_path}".encode()).hexdigest()[:8]
    return Runtime(java, class_path, jars_folder(settings).with_name(f"neo4j-classes-{java.version}-{made_for}.jsa"))


def _class_path_of(home: Path) -> str:
    if not any((home / "lib").glob("neo4j-*.jar")):
        raise ConfigurationError(f"NEO4J_HOME={home} holds no Neo4j", "Correct it, or unset it to have Neo4j fetched")
    return f"{home}/lib/*"


def _fetch(settings: Settings, environment: Mapping[str, str], on_bytes: Callable[[int], None]) -> None:
    """Imported here: only a first start needs an HTTP client."""
    from nexus_core.graph.embedded.fetch import fetch
    from nexus_core.graph.embedded.maven import find_repository

    fetch(listed_jars(), jars_folder(settings), find_repository(settings.graph.jars_url, environment), on_bytes)
