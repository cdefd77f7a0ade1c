"""Kafka Connect: a real worker with Apache's own connectors, and the REST interface alone for those of others."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from nexus_core.graph.embedded.jars import read_list
from nexus_core.graph.embedded.java import find_java
from nexus_core.processes import Child, Command
from tests.kafka_broker import cached_jars
from tests.waiting import wait_for

_LIST = Path(__file__).parent / "data" / "kafka_connect_jars.txt"
_WORKER = """\
bootstrap.servers={bootstrap}
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.storage.StringConverter
offset.storage.file.filename={home}/offsets
offset.flush.interval.ms=500
listeners=http://127.0.0.1:{port}
plugin.discovery=service_load
"""

Configs = Mapping[str, Mapping[str, str]]


@contextmanager
def worker(bootstrap: str, port: int, home: Path) -> Iterator[str]:
    """Start a standalone worker without connectors; gives its URL."""
    properties = home / "worker.properties"
    properties.write_text(_WORKER.format(bootstrap=bootstrap, home=home, port=port))
    jars = cached_jars(read_list(_LIST.read_text()), "kafka-connect-4.3.1")
    java = [str(find_java(os.environ).executable), "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    java += [f"-Duser.dir={home}"]  # where relative names of files are
    argv = [*java, "-cp", f"{jars}/*", "org.apache.kafka.connect.cli.ConnectStandalone", str(properties)]
    child = Child(Command("connect", argv, os.environ, home))
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: httpx.get(f"{url}/connectors", timeout=5).is_success, child)
        yield url
    finally:
        child.stop()


def create(url: str, name: str, **config: str) -> None:
    """Have a worker run a connector."""
    given = {key.replace("__", "."): value for key, value in config.items()}
    answer = httpx.put(f"{url}/connectors/{name}/config", json=given, timeout=60)
    assert answer.is_success, answer.text


@contextmanager
def rest_only(configs: Configs, port: int = 0) -> Iterator[str]:
    """Answer the reading part of Connect's REST interface from configs; `_topics` are those that a connector uses."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = _answer(configs, urlsplit(self.path).path)
            content = json.dumps(body).encode()
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(configs: Configs, path: str) -> Any:
    parts = path.strip("/").split("/")
    if parts == [""]:
        return {"version": "3.9.0", "commit": "0", "kafka_cluster_id": "none"}
    if parts == ["connectors"]:
        return {name: {"info": _info(name, config)} for name, config in configs.items()}
    if parts[0] == "connectors" and parts[2:] == ["topics"] and parts[1] in configs:
        return {parts[1]: {"topics": configs[parts[1]].get("_topics", "").split()}}
    return None


def _info(name: str, config: Mapping[str, str]) -> dict[str, Any]:
    kind = "sink" if "topics" in config or "topics.regex" in config else "source"
    shown = {key: value for key, value in config.items() if key != "_topics"}
    return {"name": name, "config": {"name": name, **shown}, "tasks": [], "type": kind}
