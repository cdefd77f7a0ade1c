"""The committed list of jars, and which of them a folder lacks."""

from __future__ import annotations

from pathlib import Path

from nexus_core.graph.embedded.jars import listed_jars, missing
from nexus_core.graph.embedded.runtime import VERSION


def test_the_list_is_whole() -> None:
    jars = listed_jars()
    assert len(jars) == 214
    assert len({jar.name for jar in jars}) == 214
    assert all(len(jar.sha256) == 64 and jar.size > 0 for jar in jars)


def test_a_coordinate_becomes_a_path_of_a_maven_repository() -> None:
    paths = {jar.path for jar in listed_jars()}
    assert f"org/neo4j/app/neo4j-server/{VERSION}/neo4j-server-{VERSION}.jar" in paths
    assert any(path.endswith("-linux-x86_64.jar") for path in paths)


def test_a_part_of_a_jar_is_still_missing(tmp_path: Path) -> None:
    first, second, *_ = jars = listed_jars()
    (tmp_path / first.name).touch()
    (tmp_path / f"{second.name}.part").touch()
    assert missing(jars, tmp_path) == jars[1:]
