"""What a start needs of the machine: a free port, space on the disk, a data folder of its own."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from nexus_core.errors import ConfigurationError
from nexus_core.ports import claim


def require_port(host: str, port: int) -> None:
    """Raise ConfigurationError, naming the holder and the next free port, if the port cannot be listened on."""
    problem = _cannot_listen(host, port)
    if problem is None:
        return
    if problem != errno.EADDRINUSE:
        raise ConfigurationError(f"{host}:{port} cannot be listened on ({os.strerror(problem)})", "Give another --port")
    free = next((other for other in range(port + 1, port + 100) if _cannot_listen(host, other) is None), 0)
    advice = f"Start with `--port {free}`, or end that program; `nexus doctor` shows more"
    raise ConfigurationError(f"Port {port} is taken by {holder_of(port)}", advice)


def promise_port(host: str, port: int, claims: Path) -> None:
    """Require a port, and hold it against other starts of this user's until this process ends (see `ports`)."""
    require_port(host, port)
    if not claim(claims, port):
        raise ConfigurationError(f"Port {port} is taken by another `nexus up` that starts", "Give another --port")


def _cannot_listen(host: str, port: int) -> int | None:
    """Give the system's error number, or None if the port is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.errno
    return None


def holder_of(port: int) -> str:
    """Name the program that listens on a port, as far as the system tells."""
    with suppress(psutil.AccessDenied, psutil.NoSuchProcess):
        for connection in psutil.net_connections("tcp"):
            address = connection.laddr if connection.status == psutil.CONN_LISTEN else ()
            if address and address.port == port and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    return "another program"


def require_space(folder: Path, needed_bytes: int, setting: str) -> None:
    """Raise ConfigurationError if the disk of a folder has too little room; `setting` is how to name another."""
    free = free_bytes(folder)
    if free < needed_bytes:
        problem = (
            f"The disk of {folder} is full: {free / 2**20:,.0f} MiB are free, {needed_bytes / 2**20:,.0f} are needed"
        )
        raise ConfigurationError(problem, f"Make room, or name a folder elsewhere with {setting}; see `nexus doctor`")


def free_bytes(folder: Path) -> int:
    """Give the free bytes where a folder is or will be."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(existing).free


@contextmanager
def only_start(data_dir: Path, url: str) -> Iterator[None]:
    """Hold the data folder; raises ConfigurationError, naming process and URL, if another `nexus up` holds it."""
    folder = data_dir / "run"
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.mkdir(exist_ok=True)
        lock = (folder / "up.json").open("a+")
    except OSError as error:
        raise ConfigurationError(f"{data_dir} cannot be written ({error.strerror})", "Give another --data") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise _already(data_dir, json.loads(lock.read() or "{}")) from error
        lock.truncate(0)
        lock.write(json.dumps({"pid": os.getpid(), "url": url}))
        lock.flush()
        try:
            yield
        finally:
            lock.truncate(0)


def running_installation(data_dir: Path) -> dict[str, str] | None:
    """Give `pid` and `url` of the `nexus up` that holds a data folder, if one does."""
    file = data_dir / "run" / "up.json"
    if not file.exists():
        return None
    with file.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            running: dict[str, str] = json.loads(lock.read() or "{}")
            return running or None
    return None


def _already(data_dir: Path, running: dict[str, str]) -> ConfigurationError:
    where = f"process {running['pid']}, {running['url']}" if running else "it is just starting or stopping"
    advice = f"Open it, stop it with `kill {running.get('pid', 'PID')}`, or give another --data; see `nexus doctor`"
    return ConfigurationError(f"LineageNexus already runs on {data_dir} ({where})", advice)
