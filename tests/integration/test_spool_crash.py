"""Emitters and forwarder killed at random points: what a spool acknowledged reaches the API."""

import gzip
import json
import os
import random
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

NEXUS = Path(sys.executable).parent / "nexus"
EMITTER = """
import sys
from pathlib import Path
from nexus_core.spool.transport import SpoolConfig, SpoolTransport
transport = SpoolTransport(SpoolConfig.from_dict({"path": sys.argv[1]}))
for number in range(int(sys.argv[2]), int(sys.argv[2]) + 100_000):
    transport.send([b'{"n": %d, "pad": "%s"}' % (number, b"x" * 2000)])
    print(number, flush=True)
"""


class _Api(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        events = json.loads(gzip.decompress(body))
        if random.random() < 0.3:
            self.send_response(503)
            self.send_header("Retry-After", "0")
            self.end_headers()
            return
        self.server.taken.update(event["n"] for event in events)
        answer = {"results": [{"index": index, "status": 201} for index in range(len(events))]}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def api():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Api)
    server.taken = set()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def forward(spool, port, *more):
    settings = {"NEXUS_SPOOL__PATH": str(spool), "NEXUS_SPOOL__URL": f"http://127.0.0.1:{port}"}
    return subprocess.Popen(
        [NEXUS, "forward", *more], env=os.environ | settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def test_kill_9_of_emitter_and_forwarder_loses_nothing(tmp_path, api):
    acknowledged = set()
    for turn in range(3):
        emitter = subprocess.Popen(
            [sys.executable, "-c", EMITTER, tmp_path / "spool", str(turn * 100_000)], stdout=subprocess.PIPE, text=True
        )
        emitter.stdout.readline()
        acknowledged.add(turn * 100_000)
        forwarder = forward(tmp_path / "spool", api.server_port)
        wait_for_more(api)
        time.sleep(random.uniform(0, 0.3))
        forwarder.kill()
        emitter.kill()
        acknowledged |= {int(line) for line in emitter.communicate()[0].splitlines(keepends=True) if line[-1] == "\n"}
        forwarder.wait()
    assert forward_until_empty(tmp_path / "spool", api.server_port)
    assert acknowledged <= api.taken
    assert len(acknowledged) > 100


def wait_for_more(api):
    before, deadline = len(api.taken), time.monotonic() + 30
    while len(api.taken) == before:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def forward_until_empty(spool, port):
    for _ in range(20):
        forward(spool, port, "--once").wait()
        if not list((spool / "new").iterdir()):
            return True
    return False


def test_a_signal_ends_the_forwarder_at_once(tmp_path, api):
    forwarder = forward(tmp_path / "spool", api.server_port)
    while not (tmp_path / "spool" / "forwarder.lock").exists():
        assert forwarder.poll() is None
        time.sleep(0.02)
    second = forward(tmp_path / "spool", api.server_port, "--once")
    assert second.wait(10) == 1
    forwarder.terminate()
    assert forwarder.wait(5) == 0
