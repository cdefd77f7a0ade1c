"""One Airflow in this process for the whole session: private home, SQLite, SimpleAuthManager, no network."""

import json
import os
import threading
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

SPOOL_TRANSPORT = "nexus_core.spool.transport.SpoolTransport"
PEOPLE = {"ada": "admin", "vic": "viewer"}


@pytest.fixture(scope="session")
def airflow_home(tmp_path_factory):
    """Set up before the first import of Airflow, which reads the environment once."""
    home = tmp_path_factory.mktemp("airflow")
    (home / "dags").mkdir()
    (home / "passwords.json").write_text(json.dumps({name: name for name in PEOPLE}))
    settings = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(home / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{name}:{role}" for name, role in PEOPLE.items()),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__API__BASE_URL": "http://airflow.test",
        "AIRFLOW__API_AUTH__JWT_SECRET": "a secret of this test session only, long enough",
        "AIRFLOW__OPENLINEAGE__NAMESPACE": "airflow-test",
        "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps({"type": SPOOL_TRANSPORT, "path": str(home / "spool")}),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
    }
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, value in settings.items():
            patch.setenv(name, value)
        from airflow.utils.db import initdb

        initdb()
        yield home


class Receiver(ThreadingHTTPServer):
    """A real HTTP server that remembers requests and answers with `status` and `answer(request)`."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests, self.status, self.answer = [], 200, lambda request: {"ok": True}
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    def handle_one(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = {"method": self.command, "path": self.path, "headers": dict(self.headers), "body": body}
        self.server.requests.append(request)
        content = json.dumps(self.server.answer(request)).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Set-Cookie", "evil=1")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = handle_one  # noqa: N815 http.server finds them by name

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="session")
def receiver_server():
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def receiver(receiver_server):
    """Give the session's server, with nothing received and answering 200."""
    receiver_server.requests.clear()
    receiver_server.status, receiver_server.answer = 200, lambda request: {"ok": True}
    return receiver_server


@pytest.fixture
def clean_environment():
    """Give an environment for child processes without this session's Airflow."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "NEXUS_"))}
