"""Airflow beside LineageNexus: four processes on 127.0.0.1, events through the spool, our UI in its navigation."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from demo.assertion import INSTANCE
from demo.postgres import DATABASE, Warehouse
from demo.processes import DemoError, Processes, clean_environment, remembered_port

BIN = Path(sys.executable).parent
DAGS = Path(__file__).parent / "dags"
PROCESSES = {
    "airflow-api": ["api-server", "--host", "127.0.0.1", "--workers", "1"],
    "airflow-scheduler": ["scheduler", "--skip-serve-logs"],
    "airflow-dag-processor": ["dag-processor"],
    "airflow-triggerer": ["triggerer", "--skip-serve-logs"],
}
START_SECONDS = 240
RUN_SECONDS = 240


@dataclass(frozen=True, slots=True)
class Airflow:
    """An Airflow home with its address and admin password."""

    home: Path
    port: int
    environment: Mapping[str, str]

    @property
    def url(self) -> str:
        """Address of its UI."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def password(self) -> str:
        """Password of user `admin`, made at the first start."""
        return str(json.loads((self.home / "passwords.json").read_text())["admin"])


def prepare(processes: Processes, warehouse: Warehouse, nexus_url: str, spool: Path, key: Path) -> Airflow:
    """Write what Airflow needs before its first start, and make its database."""
    home = processes.folder / "airflow"
    home.mkdir(exist_ok=True)
    port = remembered_port(processes.folder, "airflow", 8080)
    passwords = home / "passwords.json"
    if not passwords.exists():
        passwords.touch(mode=0o600)
        passwords.write_text(json.dumps({"admin": secrets.token_urlsafe(12)}))
    airflow = Airflow(home, port, _environment(home, port, warehouse, nexus_url, spool, key))
    _migrate(airflow, processes.log("airflow-migrate"))
    return airflow


def _environment(home: Path, port: int, warehouse: Warehouse, nexus_url: str, spool: Path, key: Path) -> dict[str, str]:
    url = f"http://127.0.0.1:{port}"
    connection = {
        "conn_type": "postgres",
        "host": "127.0.0.1",
        "port": warehouse.port,
        "login": "postgres",
        "password": warehouse.password,
        "schema": DATABASE,
    }
    transport = {"type": "nexus_core.spool.transport.SpoolTransport", "path": str(spool)}
    return clean_environment() | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__API_AUTH__JWT_SECRET": _secret(home, "jwt-secret"),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__SECRET_KEY": _secret(home, "secret-key"),
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__FERNET_KEY": "",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "AIRFLOW__LINEAGE_NEXUS__API_URL": nexus_url,
        "AIRFLOW__LINEAGE_NEXUS__INSTANCE": INSTANCE,
        "AIRFLOW__LINEAGE_NEXUS__KEY_PATH": str(key),
        "AIRFLOW__OPENLINEAGE__NAMESPACE": "airflow",
        "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(transport),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60",  # the API's first answers are slow while all starts at once
        "AIRFLOW_CONN_LARKSPUR": json.dumps(connection),
        "PYTHONWARNINGS": "ignore",
    }


def _secret(home: Path, name: str) -> str:
    file = home / name
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(32))
    return file.read_text()


def _migrate(airflow: Airflow, log: Path) -> None:
    if (airflow.home / "migrated").exists():
        return
    with log.open("ab") as output:
        command = [str(BIN / "airflow"), "db", "migrate"]
        done = subprocess.run(command, env=airflow.environment, stdout=output, stderr=output, check=False)  # noqa: S603
    if done.returncode != 0:
        raise DemoError(f"`airflow db migrate` failed. See {log}.")
    (airflow.home / "migrated").touch()


def start(processes: Processes, airflow: Airflow) -> None:
    """Start the four processes: the API first, since tasks fail that find it absent."""
    for name, arguments in PROCESSES.items():
        command: list[str | Path] = [BIN / "airflow", *arguments]
        if name == "airflow-api":
            command += ["--port", str(airflow.port)]
        processes.start(name, command, airflow.environment)


def wait(processes: Processes, airflow: Airflow) -> None:
    """Return once the API answers; its own banner comes too early."""
    for _ in range(START_SECONDS):
        try:
            if httpx.get(f"{airflow.url}/api/v2/version", timeout=5).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            if not processes.alive("airflow-api"):
                break
        time.sleep(1)
    raise DemoError(f"Airflow does not answer at {airflow.url}. See {processes.log('airflow-api')}.")


def wait_for_run(airflow: Airflow, dag_id: str, log: Path) -> None:
    """Return once a scheduled run of the DAG has succeeded: Airflow starts the first by itself."""
    with httpx.Client(base_url=airflow.url, timeout=30, headers=_login(airflow)) as client:
        for _ in range(RUN_SECONDS):
            states = _run_states(client, dag_id)
            if "success" in states:
                return
            if states and set(states) == {"failed"}:
                raise DemoError(f"DAG {dag_id} failed. Open {airflow.url}/dags/{dag_id}, or see {log}.")
            time.sleep(1)
    raise DemoError(f"DAG {dag_id} has no finished run after {RUN_SECONDS} s. Open {airflow.url}/dags/{dag_id}.")


def _run_states(client: httpx.Client, dag_id: str) -> list[str]:
    try:
        answer = client.get(f"/api/v2/dags/{dag_id}/dagRuns")
    except httpx.TimeoutException:  # a busy machine, on which all starts at once
        return []
    if answer.status_code == httpx.codes.NOT_FOUND:  # not parsed yet
        return []
    return [run["state"] for run in answer.raise_for_status().json()["dag_runs"]]


def _login(airflow: Airflow) -> dict[str, str]:
    form = {"username": "admin", "password": airflow.password}
    token = httpx.post(f"{airflow.url}/auth/token", json=form, timeout=30).raise_for_status().json()["access_token"]
    return {"Authorization": f"Bearer {token}"}
