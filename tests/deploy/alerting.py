"""A Prometheus with the chart's own rules, and what fires in it."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests import helm, services

SECONDS = 240.0

_SHORTER = {r"for: \S+": "for: 0s", r"> (?:60|300|900)$": "> 3", r"> 10$": "> 1"}
"""What rules wait for, and what stands in its place: no minutes that a fault must last, no ten stopped parses."""


@contextmanager
def prometheus(folder: Path, targets: Mapping[str, int]) -> Iterator[str]:
    """A Prometheus that asks processes by name each second; its URL."""
    (folder / "rules.yaml").write_text(_at_once())
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(_configured(folder, targets)))
    port = services.free_port()
    command = [
        str(services.program("prometheus", "apt install prometheus")),
        f"--config.file={folder / 'prometheus.yaml'}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (folder / "prometheus.log").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def fire(url: str, wanted: set[str], seconds: float = SECONDS) -> None:
    """Wait until alerts fire, at least these."""
    deadline = time.monotonic() + seconds
    while not wanted <= (found := firing(url)):
        assert time.monotonic() < deadline, (wanted - found, found)
        time.sleep(0.5)


def quiet(url: str, unwanted: str, seconds: float = SECONDS) -> None:
    """Wait until an alert does not fire."""
    deadline = time.monotonic() + seconds
    while unwanted in firing(url):
        assert time.monotonic() < deadline, unwanted
        time.sleep(0.5)


def firing(url: str) -> set[str]:
    return {each["labels"]["alertname"] for each in _told(url, "alerts").get("alerts", []) if each["state"] == "firing"}


def seen(url: str, component: str, seconds: float = SECONDS) -> None:
    """Wait until a process was asked, so that what its figures do from now on is noticed."""
    deadline = time.monotonic() + seconds
    while not _told(url, f'query?query=up{{component="{component}"}}==1').get("result"):
        assert time.monotonic() < deadline, component
        time.sleep(0.5)


def _told(url: str, path: str) -> dict[str, Any]:
    """Prometheus's answer, or nothing while it starts."""
    try:
        return dict(httpx.get(f"{url}/api/v1/{path}", timeout=10).json()["data"])
    except (httpx.TransportError, ValueError):
        return {}


def _at_once() -> str:
    rules = (helm.CHART / "rules" / "lineage-nexus.yaml").read_text()
    for waits, shorter in _SHORTER.items():
        rules = re.sub(waits, shorter, rules, flags=re.MULTILINE)
    return rules


def _configured(folder: Path, targets: Mapping[str, int]) -> dict[str, object]:
    asked = [
        {"targets": [f"127.0.0.1:{port}"], "labels": {"component": component}} for component, port in targets.items()
    ]
    return {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(folder / "rules.yaml")],
        "scrape_configs": [{"job_name": "lineage-nexus", "static_configs": asked}],
    }
