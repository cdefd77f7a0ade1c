"""Finds the Maven repository that the user's own settings name: a mirror of `~/.m2/settings.xml`, or Maven Central.

Of the settings reference (maven.apache.org/settings.html) it reads `localRepository`, `mirrors`, `servers` with a plain
user name and password, and `${env.NAME}` in them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from jgo.constants import MAVEN_CENTRAL_URL

from nexus_core.errors import ConfigurationError

_VARIABLE = re.compile(r"\$\{env\.([^}]+)\}")


@dataclass(frozen=True, slots=True)
class Repository:
    """Where jars come from: the address with its login, and the folder in which Maven itself keeps them."""

    url: str
    local: Path
    login: tuple[str, str] | None = field(default=None, repr=False)


def find_repository(given_url: str | None, environment: Mapping[str, str]) -> Repository:
    """Give the repository at `given_url`, else the user's mirror of Maven Central, else Maven Central.

    Raises ConfigurationError if the user's settings file is no XML.
    """
    folder = Path(environment.get("HOME", "~")).expanduser() / ".m2"
    settings = _read(folder / "settings.xml", environment)
    local = Path(settings.findtext("localRepository") or folder / "repository")
    if given_url:
        return Repository(given_url, local)
    for mirror in settings.iterfind("mirrors/mirror"):
        if _mirrors_central(mirror.findtext("mirrorOf", "")):
            return Repository(mirror.findtext("url", ""), local, _login(settings, mirror.findtext("id", "")))
    return Repository(MAVEN_CENTRAL_URL, local)


def _read(path: Path, environment: Mapping[str, str]) -> ElementTree.Element:
    if not path.exists():
        return ElementTree.Element("settings")
    text = _VARIABLE.sub(lambda match: environment.get(match[1], ""), path.read_text())
    try:
        settings = ElementTree.fromstring(text)  # noqa: S314 the user's own file
    except ElementTree.ParseError as error:
        raise ConfigurationError(f"{path} is no XML: {error}", "Mend it, or set NEXUS_GRAPH__JARS_URL") from error
    for element in settings.iter():
        element.tag = element.tag.rpartition("}")[2]
    return settings


def _mirrors_central(pattern: str) -> bool:
    """Apply Maven's rules of `mirrorOf`: a list of ids, `*`, `external:*`, and exclusions with `!`."""
    parts = {part.strip() for part in pattern.split(",")}
    return "!central" not in parts and not parts.isdisjoint({"central", "*", "external:*"})


def _login(settings: ElementTree.Element, mirror_id: str) -> tuple[str, str] | None:
    for server in settings.iterfind("servers/server"):
        user, password = server.findtext("username"), server.findtext("password")
        if server.findtext("id") == mirror_id and user and password:
            return user, password
    return None
