"""People sign in to Airflow's FAB application by the Keycloak that signs them in to LineageNexus."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.keycloak_server import AIRFLOW_CLIENT, AIRFLOW_SECRET

pytestmark = [pytest.mark.airflow, pytest.mark.service, pytest.mark.timeout(1200)]

CONFIG = """
from nexus_ui_plugin.single_sign_on import sign_in_settings

globals().update(sign_in_settings({issuer!r}, {client!r}, {secret!r}, {{"stewards": ["Op"], "analysts": ["Viewer"]}}))
WTF_CSRF_ENABLED = True
"""


def test_groups_become_roles_and_people_are_told_by_subject(keycloak, tmp_path):
    config = CONFIG.format(issuer=keycloak.realm, client=AIRFLOW_CLIENT, secret=AIRFLOW_SECRET)
    (tmp_path / "webserver_config.py").write_text(config)
    settings = {
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{tmp_path}/airflow.db",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
        "AIRFLOW__FAB__CONFIG_FILE": str(tmp_path / "webserver_config.py"),
        "AIRFLOW__API__BASE_URL": keycloak.airflow_url,
        "AIRFLOW__API__SECRET_KEY": "a secret of this test only",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        "PYTHONPATH": os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")]),
    }
    argv = [sys.executable, "tests/airflow/fab_sign_in.py", keycloak.airflow_url, "alice", "bob", "alice"]
    done = subprocess.run(argv, env={**os.environ, **settings}, capture_output=True, text=True, timeout=380)
    assert done.returncode == 0, done.stderr[:3000]
    alice, bob, again = (json.loads(line) for line in done.stdout.splitlines() if line.startswith("{"))
    assert all(each["signed_in"] for each in (alice, bob, again)), done.stdout + done.stderr[-2000:]
    assert [each["roles"] for each in (*alice["new"], *bob["new"])] == [["Op", "Public"], ["Public", "Viewer"]]
    assert alice["new"][0]["name"].startswith("alice#")
    assert alice["new"][0]["email"] == "alice@example.org"
    assert again["new"] == []
