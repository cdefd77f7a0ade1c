"""The connector of the docs, as its package would be installed."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import orjson

EXAMPLE = Path(__file__).parents[2] / "examples" / "connector"


def test_the_example_is_found_and_harvests(tmp_path: Path) -> None:
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    info = tmp_path / "site" / "nexus_connector_csvfolder-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    points = project["entry-points"]["lineage_nexus.connectors"]
    lines = "".join(f"{kind} = {target}\n" for kind, target in points.items())
    (info / "entry_points.txt").write_text(f"[lineage_nexus.connectors]\n{lines}")
    data = tmp_path / "data"
    data.mkdir()
    (data / "orders.csv").write_text("id;customer\n1;2\n")
    (data / "broken.csv").write_bytes(b"\xff\xfe\xff")
    path = os.pathsep.join([str(tmp_path / "site"), str(EXAMPLE), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "nexus_core", "harvest", f"csvfolder://{data}?delimiter=;", "--print"]
    environment = {**os.environ, "PYTHONPATH": path, "NEXUS_DATA_DIR": str(tmp_path / "nexus")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    events = [orjson.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    (told,) = [event["dataset"] for event in events if "dataset" in event]
    assert told["name"] == str(data / "orders.csv")
    assert [field["name"] for field in told["facets"]["schema"]["fields"]] == ["id", "customer"]
