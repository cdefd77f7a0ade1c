"""Writes the list of jars that a Java server consists of: `python tools/jars.py neo4j 5.26.25`, `kafka 4.4.0`,
`kafka-connect 4.3.1`, `mongodb 1.47.0`.

Needs Maven, which resolves the dependencies of the server from the repositories that its settings name. Each line of
a list is a Maven coordinate, the SHA-256 of the jar and its size in bytes; no address is written.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Server:
    """A server: its artifacts as `GROUP:ARTIFACT[:VERSION]`, without a version that of the server; and its list."""

    name: str
    artifacts: tuple[str, ...]
    list: Path


SERVERS = {
    "neo4j": Server(
        "Neo4j",
        ("org.neo4j.app:neo4j-server", "org.neo4j:neo4j"),
        ROOT / "nexus_core" / "graph" / "embedded" / "jars.txt",
    ),
    "kafka": Server(
        "Kafka",
        ("org.apache.kafka:kafka_2.13", "org.apache.logging.log4j:log4j-slf4j-impl:2.25.3"),
        ROOT / "tests" / "data" / "kafka_jars.txt",
    ),
    "mongodb": Server(
        "mongo-java-server",
        ("de.bwaldvogel:mongo-java-server",),
        ROOT / "tests" / "data" / "mongodb_jars.txt",
    ),
    "kafka-connect": Server(
        "Kafka Connect",
        (
            "org.apache.kafka:connect-runtime",
            "org.apache.kafka:connect-json",
            "org.apache.kafka:connect-transforms",
            "org.apache.kafka:connect-file",
            "org.apache.logging.log4j:log4j-slf4j-impl:2.25.3",
        ),
        ROOT / "tests" / "data" / "kafka_connect_jars.txt",
    ),
}
POM = """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>lineage-nexus</groupId><artifactId>jars</artifactId><version>1</version>
  <dependencies>
{}  </dependencies>
</project>
"""
DEPENDENCY = """\
    <dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>
"""
GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"


def main(server: Server, version: str) -> None:
    """Resolve the given version of a server and write the list."""
    dependencies = [DEPENDENCY.format(*[*artifact.split(":"), version][:3]) for artifact in server.artifacts]
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        (folder / "pom.xml").write_text(POM.format("".join(dependencies)))
        options = ["-DincludeScope=runtime", "-DoutputDirectory=jars", "-Dmdep.useRepositoryLayout=true"]
        subprocess.run(["mvn", "--quiet", "--batch-mode", GOAL, *options], cwd=folder, check=True)  # noqa: S603, S607
        lines = sorted(describe(jar, folder / "jars") for jar in (folder / "jars").rglob("*.jar"))
    server.list.write_text(f"# {server.name} {version}; written by tools/jars.py\n" + "".join(lines))


def describe(jar: Path, root: Path) -> str:
    """Give the line of a jar that lies at GROUP/AS/FOLDERS/ARTIFACT/VERSION/ARTIFACT-VERSION[-CLASSIFIER].jar."""
    *group, artifact, version, file = jar.relative_to(root).parts
    classifier = file.removeprefix(f"{artifact}-{version}").removesuffix(".jar").removeprefix("-")
    coordinate = ":".join([".".join(group), artifact, version, *([classifier] if classifier else [])])
    content = jar.read_bytes()
    return f"{coordinate} {hashlib.sha256(content).hexdigest()} {len(content)}\n"


if __name__ == "__main__":
    main(SERVERS[sys.argv[1]], sys.argv[2])
