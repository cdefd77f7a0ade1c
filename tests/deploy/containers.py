"""Containers of the chart and of the compose file, started on this machine as they are described there.

Only what a network and a file system of their own would give is put in place: names of hosts, ports, folders.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx

NEXUS = (sys.executable, "-m", "nexus_core")
AIRFLOW = (str(Path(sys.executable).with_name("airflow")),)
_OUTSIDE = ("PATH", "PYTHONPATH", "HOME", "LANG", "LD_LIBRARY_PATH")
_SECONDS = 900.0  # on a machine that others keep busy; a quiet one takes ten


@dataclass(frozen=True)
class Container:
    """What runs, by the entry point `entry`: `port` is where it is asked, `probes` are paths that must answer 200."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    port: int = 0
    probes: tuple[str, ...] = ()
    entry: tuple[str, ...] = NEXUS

    def placed(self, places: Mapping[str, str], **own: str) -> Container:
        """The same with each text of `places` put in place of another, and with variables of its own."""
        environment = {**self.environment, **own}
        for wanted, given in places.items():
            environment = {name: value.replace(wanted, given) for name, value in environment.items()}
        return replace(self, environment=environment)


@dataclass
class Running:
    container: Container
    process: subprocess.Popen[bytes]
    output: Path
    ended: int | None = field(default=None)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.container.port}{path}"

    def told(self) -> str:
        return f"{self.container.name}: {self.output.read_text()[-3000:]}"

    def stop(self) -> int:
        """End it as Kubernetes does; its exit status."""
        if self.ended is None:
            self.process.terminate()
            try:
                self.ended = self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise
        return self.ended


def of_manifest(template: Mapping[str, Any], secrets: Mapping[str, str]) -> Container:
    """The only container of a pod; `secrets` by key, all in one Secret."""
    (only,) = template["spec"]["containers"]
    environment = {
        each["name"]: each["value"] if "value" in each else secrets[each["valueFrom"]["secretKeyRef"]["key"]]
        for each in only["env"]
    }
    asked = [only[name] for name in ("livenessProbe", "readinessProbe") if name in only]
    probes = [probe["httpGet"]["path"] for probe in asked if "httpGet" in probe]
    return Container(only["name"], tuple(only["args"]), environment, probes=tuple(probes))


def run(container: Container, typed: str = "") -> str:
    """Run one to its end, with what is typed; what it prints."""
    done = subprocess.run(
        _command(container),
        env=_environment(container),
        input=typed,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def running(folder: Path, *containers: Container) -> Iterator[dict[str, Running]]:
    """Start containers, all of them answering their probes, and end what still runs."""
    with ExitStack() as stack:
        started = {each.name: stack.enter_context(_started(folder, each)) for each in containers}
        for each in started.values():
            _wait(each)
        yield started


@contextmanager
def _started(folder: Path, container: Container) -> Iterator[Running]:
    output = folder / f"{container.name}.log"
    with output.open("wb") as file:
        process = subprocess.Popen(_command(container), env=_environment(container), stdout=file, stderr=file)
    running = Running(container, process, output)
    try:
        yield running
    finally:
        running.stop()


def _wait(running: Running) -> None:
    deadline = time.monotonic() + _SECONDS
    for path in running.container.probes:
        while not _answers(running.url(path)):
            assert running.process.poll() is None, running.told()
            assert time.monotonic() < deadline, running.told()
            time.sleep(0.2)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=10).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _command(container: Container) -> list[str]:
    return [*container.entry, *container.arguments]


def _environment(container: Container) -> dict[str, str]:
    outside = {name: os.environ[name] for name in _OUTSIDE if name in os.environ}
    return {**outside, **container.environment}
