"""The commands of docs/airflow.md, run as they stand in an Airflow that has nothing else installed."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.airflow, pytest.mark.service]

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).parent / "uv"
BLOCK = re.compile(r"^```bash ?(?P<name>\w*)\n(?P<commands>.*?)^```$", re.DOTALL | re.MULTILINE)
PIP = """#!/bin/sh
# Readers have pip; uv does the same from its cache in a tenth of the time.
verb=$1; shift
[ "$1" = --yes ] && shift
exec {uv} pip "$verb" --quiet "$@"
"""
# Between the guide's last check and its removal: a harvest, of which the spool must tell.
HARVEST = """
timeout 90 airflow dags test nexus_harvest_warehouse > harvest.log 2>&1 || { tail -50 harvest.log; exit 1; }
ls "$SPOOL/new" | grep -q json
nexus forward --once
"""


def blocks():
    return [(found["name"], found["commands"]) for found in BLOCK.finditer((ROOT / "docs/airflow.md").read_text())]


@pytest.fixture
def plain_airflow(tmp_path, clean_environment, postgresql):
    """A virtual environment with Airflow alone, its database made."""
    venv, home = tmp_path / "venv", tmp_path / "home"
    (home / "dags").mkdir(parents=True)
    for command in (
        [UV, "build", "--quiet", "--wheel", "--out-dir", tmp_path / "dist", ROOT],
        [UV, "venv", "--quiet", "--python", sys.executable, venv],
        [UV, "pip", "install", "--quiet", "--python", venv, "-c", ROOT / "constraints.txt", "apache-airflow"],
    ):
        subprocess.run(command, check=True, env=clean_environment)
    pip = venv / "bin" / "pip"
    pip.write_text(PIP.format(uv=UV))
    pip.chmod(0o755)
    (tmp_path / "constraints.txt").symlink_to(ROOT / "constraints.txt")
    connection = {"conn_type": "postgres", "host": postgresql.host, "port": postgresql.port, "login": "postgres"}
    environment = clean_environment | {
        "PATH": f"{venv / 'bin'}:{clean_environment['PATH']}",
        "VIRTUAL_ENV": str(venv),
        "UV_FIND_LINKS": str(tmp_path / "dist"),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW_CONN_WAREHOUSE": json.dumps(connection | {"schema": "postgres"}),
    }
    subprocess.run([venv / "bin" / "airflow", "db", "migrate"], check=True, capture_output=True, env=environment)
    return environment


def script(tmp_path, url):
    values = f"SPOOL={tmp_path}/spool\nNEXUS_URL={url}\nTOKEN_FILE={tmp_path}/token\nKEYS={tmp_path}\n"
    parts = ["set -euo pipefail\n"]
    for name, commands in blocks():
        parts += [HARVEST] if name == "remove" else []
        parts.append(values if name == "values" else commands)
    return "\n".join(parts)


def test_the_guide_works_as_written(tmp_path, plain_airflow, receiver):
    receiver.answer = lambda request: {
        "results": [{"index": index, "status": 201, "id": "sha256:x"} for index in range(1000)]
    }
    (tmp_path / "token").write_text("a-token")
    done = subprocess.run(
        ["bash", "-c", script(tmp_path, receiver.url)], cwd=tmp_path, env=plain_airflow, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert {request["path"] for request in receiver.requests} == {"/api/v1/lineage/batch"}
    assert receiver.requests[0]["headers"]["Authorization"] == "Bearer a-token"
    assert "0 events wait" in done.stdout.strip().splitlines()[-1]
    left = [file for file in (tmp_path / "venv").rglob("*nexus*") if file.suffix != ".pyc"]
    assert left == []
    assert not (tmp_path / "spool").exists()
