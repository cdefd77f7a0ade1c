"""Writes the list of jars that the embedded Neo4j consists of: `python tools/neo4j_jars.py 5.26.25`.

Needs Maven, which resolves the dependencies of Neo4j's server from the repositories that its settings name. Each line
of the list is a Maven coordinate, the SHA-256 of the jar and its size in bytes; no address is written.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

LIST = Path(__file__).parent.parent / "nexus_core" / "graph" / "embedded" / "jars.txt"
POM = """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>lineage-nexus</groupId><artifactId>jars</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.neo4j.app</groupId><artifactId>neo4j-server</artifactId><version>{0}</version></dependency>
    <dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>{0}</version></dependency>
  </dependencies>
</project>
"""
GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"


def main(version: str) -> None:
    """Resolve the given version of Neo4j and write the list."""
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        (folder / "pom.xml").write_text(POM.format(version))
        options = ["-DincludeScope=runtime", "-DoutputDirectory=jars", "-Dmdep.useRepositoryLayout=true"]
        subprocess.run(["mvn", "--quiet", "--batch-mode", GOAL, *options], cwd=folder, check=True)  # noqa: S603, S607
        lines = sorted(describe(jar, folder / "jars") for jar in (folder / "jars").rglob("*.jar"))
    LIST.write_text(f"# Neo4j {version}; written by tools/neo4j_jars.py\n" + "".join(lines))


def describe(jar: Path, root: Path) -> str:
    """Give the line of a jar that lies at GROUP/AS/FOLDERS/ARTIFACT/VERSION/ARTIFACT-VERSION[-CLASSIFIER].jar."""
    *group, artifact, version, file = jar.relative_to(root).parts
    classifier = file.removeprefix(f"{artifact}-{version}").removesuffix(".jar").removeprefix("-")
    coordinate = ":".join([".".join(group), artifact, version, *([classifier] if classifier else [])])
    content = jar.read_bytes()
    return f"{coordinate} {hashlib.sha256(content).hexdigest()} {len(content)}\n"


if __name__ == "__main__":
    main(sys.argv[1])
