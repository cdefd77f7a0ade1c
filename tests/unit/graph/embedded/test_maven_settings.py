"""Which repository the user's own Maven settings lead to."""

from __future__ import annotations

from pathlib import Path

import pytest
from jgo.constants import MAVEN_CENTRAL_URL

from nexus_core.errors import ConfigurationError
from nexus_core.graph.embedded.maven import find_repository

MIRROR = "https://mirror.example/maven"


def settings(home: Path, body: str) -> dict[str, str]:
    (home / ".m2").mkdir()
    (home / ".m2" / "settings.xml").write_text(
        f'<settings xmlns="http://maven.apache.org/SETTINGS/1.0.0">{body}</settings>'
    )
    return {"HOME": str(home), "REPOSITORY_PASSWORD": "of the environment"}


def mirror(pattern: str) -> str:
    return f"<mirrors><mirror><id>m</id><mirrorOf>{pattern}</mirrorOf><url>{MIRROR}</url></mirror></mirrors>"


def test_without_settings_it_is_maven_central(tmp_path: Path) -> None:
    repository = find_repository(None, {"HOME": str(tmp_path)})
    assert (repository.url, repository.local) == (MAVEN_CENTRAL_URL, tmp_path / ".m2" / "repository")


@pytest.mark.parametrize(
    ("pattern", "url"),
    [
        ("central", MIRROR),
        ("*", MIRROR),
        ("external:*", MIRROR),
        ("internal, central", MIRROR),
        ("*,!central", MAVEN_CENTRAL_URL),
        ("internal", MAVEN_CENTRAL_URL),
        ("external:http:*", MAVEN_CENTRAL_URL),
    ],
)
def test_a_mirror_stands_in_for_central(tmp_path: Path, pattern: str, url: str) -> None:
    assert find_repository(None, settings(tmp_path, mirror(pattern))).url == url


def test_the_given_url_wins(tmp_path: Path) -> None:
    assert find_repository("https://given.example", settings(tmp_path, mirror("*"))).url == "https://given.example"


def test_a_mirror_is_logged_in_to_and_its_password_is_not_shown(tmp_path: Path) -> None:
    server = "<server><id>m</id><username>u</username><password>${env.REPOSITORY_PASSWORD}</password></server>"
    repository = find_repository(None, settings(tmp_path, f"{mirror('*')}<servers>{server}</servers>"))
    assert repository.login == ("u", "of the environment")
    assert "of the environment" not in repr(repository)


def test_the_local_repository_may_be_elsewhere(tmp_path: Path) -> None:
    environment = settings(tmp_path, "<localRepository>/elsewhere</localRepository>")
    assert find_repository(None, environment).local == Path("/elsewhere")


def test_broken_settings_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"settings\.xml is no XML"):
        find_repository(None, settings(tmp_path, "<mirrors>"))
