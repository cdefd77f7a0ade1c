"""Every command that the docs tell is run: here on a running `nexus up`, or by the test that ELSEWHERE names."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from click.testing import Result
from typer.testing import CliRunner

from nexus_core.cli import app
from tests import services
from tests.docs.commands import PAGES, ROOT, Command, commands

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]

NAMESPACE, NAME = "postgres://db:5432", "shop.public.orders"
NOT_HERE = "not run: "
ELSEWHERE = {
    "make demo": "tests/e2e/test_demo.py",
    "make install": "tests/e2e/test_wheel.py",
    "make test": ".ci/run",
    "make": ".ci/run",
    ".venv/bin/nexus up": "tests/e2e/test_up.py",
    ".venv/bin/nexus harvest": "tests/e2e/test_harvest_postgresql.py",
    "airflow roles": "tests/airflow/test_sign_in.py",
    "airflow": "tests/airflow/test_install_doc.py",
    "pip install --constraint": "tests/airflow/test_install_doc.py",
    "pip install": "tests/e2e/test_wheel.py",
    "openssl": "tests/airflow/test_install_doc.py",
    "nexus forward": "tests/airflow/test_install_doc.py",
    "nexus harvest": "tests/e2e/test_harvest_postgresql.py",
    "nexus proxy": "tests/integration/masking/test_commands.py",
    "nexus reconciler": "tests/integration/masking/test_commands.py",
    "nexus audit feed": "tests/integration/audit/test_feed.py",
    "nexus audit seal": "tests/integration/audit/test_sealing.py",
    "nexus audit prune": "tests/integration/audit/test_sealing.py",
    "nexus audit verify --trusted FILE": "tests/integration/audit/test_sealing.py",
    "nexus policy emit": "tests/integration/masking/test_native_mysql.py",
    "nexus report subject": "tests/integration/test_reports_api.py",
    "nexus compact": "tests/integration/merge/test_compact_command.py",
    "nexus retirements confirm": "tests/integration/test_retirements_cli.py",
    "nexus retirements undo": "tests/integration/test_retirements_cli.py",
    "nexus requests approve": "tests/integration/curation/test_commands.py",
    "nexus lineage sql": "tests/unit/cli/test_lineage_sql_command.py",
    "nexus mcp": "tests/integration/quality/test_programs.py",
    "docker/prepare": "tests/deploy/test_containers.py",
    "docker build": "tests/deploy/test_images.py",
    "docker compose": "tests/deploy/test_containers.py",
    "helm": "tests/deploy/test_chart.py",
    "kubectl": NOT_HERE + "there is no cluster where this is tested",
    "psql": "tests/integration/masking/test_proxy.py",
    "curl": "tests/integration/test_ingest_api.py",
    "alembic": NOT_HERE + "somebody else's migration",
    "dbt": NOT_HERE + "dbt's own commands",
    "gcloud": NOT_HERE + "Google's own commands",
    "kafka-acls.sh": NOT_HERE + "Kafka's own commands",
    "pip-audit": NOT_HERE + "no source of advisories can be reached where this is tested",
    "npm audit": NOT_HERE + "no source of advisories can be reached where this is tested",
}
"""By how a command begins, the longest that fits: the test that runs it, or why none does."""

ASKING = ("classify", "curate", "impact", "lineage", "names", "policy", "report", "requests", "retirements", "usage")
"""Commands that ask the API."""

IN_A_NEW_FOLDER = ("restore",)
"""Commands that make a data folder."""

LEARNT = {
    "rb_…": r"\b(rb_\w{8,})",
    "acc_…": r"\b(acc_\w{8,})",
    "tok_…": r"\b(tok_\w{8,})  etl",
    "3": r"[Vv]ersion (\d+)",
}
"""What placeholders stand for, as earlier commands print it."""

EXITS = {
    "policy plan": {0, 2},
    "policy drift": {0, 1},
    "impact": {0, 1},
}
POLICIES = """
version: 1
policies:
  - {name: pii, match: {classes: [PII]}, mask: {kind: "null"}, clear_for: [steward]}
"""
EVENT = {
    "eventType": "COMPLETE",
    "eventTime": "2026-01-01T00:00:01Z",
    "producer": "https://example.org/docs",
    "run": {"runId": "0190f8a0-0000-7000-8000-0000000000d0"},
    "job": {"namespace": "docs", "name": "load"},
    "inputs": [],
    "outputs": [
        {
            "namespace": NAMESPACE,
            "name": NAME,
            "facets": {
                "schema": {
                    "_producer": "https://example.org/docs",
                    "_schemaURL": "https://openlineage.io/spec/facets/1-1-1/SchemaDatasetFacet.json",
                    "fields": [{"name": name, "type": "text"} for name in ("total", "email", "note")],
                }
            },
        }
    ],
}


@dataclass
class Terminal:
    """A shell beside a running `nexus up`: what its placeholders stand for is learnt from what commands print."""

    nexus: services.Nexus
    places: dict[str, str] = field(default_factory=dict)

    def run(self, command: Command) -> Result:
        """Run a command in this process; its output goes where its line says."""
        filled = command.filled(self.places)
        words = [*filled.words[1:], *self._own(filled)]
        data = self._new() if words[0] in IN_A_NEW_FOLDER else self.nexus.data
        done = CliRunner().invoke(app, words, input="a long password of alice\n" * 2, env={"NEXUS_DATA_DIR": str(data)})
        if command.into:
            Path(command.into).write_text(done.stdout)
        self._learn(done.output)
        return done

    def copy(self, command: Command) -> None:
        """Copy a file once it is there."""
        _, source, target = command.filled(self.places).words
        _wait(Path(source).exists)
        shutil.copy(source, target)

    def _new(self) -> Path:
        """A data folder that has the key alone, which is no part of a backup."""
        folder = Path("new")
        folder.mkdir(mode=0o700)
        shutil.copy(self.nexus.data / "secrets-key", folder)
        return folder

    def _own(self, command: Command) -> list[str]:
        """Where the API is, for commands that ask it, and who asks: another account than the author approves."""
        if command.words[1] not in ASKING or command.words[2] == "test":
            return []
        token = ["--token-file", "other-token"] if command.words[2] == "approve" else []
        return ["--api", self.nexus.url, *token]

    def _learn(self, output: str) -> None:
        for name, pattern in LEARNT.items():
            if found := re.search(pattern, output):
                self.places[name] = found[1]


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    folder = tmp_path_factory.mktemp("docs")
    witness = folder / "checkpoints"
    settings = {
        **services.BRIEF_JAVA,
        "NEXUS_AUDIT__WITNESSES": json.dumps([f"file:{witness}"]),
        "NEXUS_AUDIT__CHECKPOINT_SECONDS": "1",
    }
    before = Path.cwd()
    with services.nexus(folder / "data", **settings) as nexus:
        os.chdir(folder)
        made = Terminal(nexus)
        fill(made, witness)
        yield made
        os.chdir(before)


def fill(terminal: Terminal, witness: Path) -> None:
    """Send an event, and write the files that commands of the docs read."""
    nexus = terminal.nexus
    sent = httpx.post(f"{nexus.url}/api/v1/lineage", json=EVENT, headers=nexus.admin, timeout=30).json()
    terminal.places |= {
        "NAMESPACE": NAMESPACE,
        "NAME": NAME,
        "FIELD": "email",
        "sha256:…": sent["id"],
        "/mnt/witness/checkpoints": str(witness),
    }
    Path("policies.yaml").write_text(POLICIES)
    Path("changes.yaml").write_text(
        f"namespace: {NAMESPACE}\nchanges:\n  - {{kind: drop_field, name: {NAME}, field: note}}\n"
    )
    _repository()
    terminal.run(Command("", ("nexus", "token", "create", "other", "--authority", "admin"), "other-token"))
    terminal.run(Command("", ("nexus", "user", "create", "carl", "--role", "analyst")))
    _wait(lambda: figure(nexus, "nexus_eventlog_lag_events") == 0)


def _repository() -> None:
    """A repository of git whose main has another schema and manifest than the folder."""
    Path("schema.sql").write_text("CREATE TABLE orders (total text, email text, note text);\n")
    Path("target").mkdir()
    manifest = {"metadata": {"adapter_type": "postgres"}, "nodes": {}, "sources": {}}
    Path("target/manifest.json").write_text(json.dumps(manifest))
    commit = ("-c", "user.name=docs", "-c", "user.email=docs@example.org", "commit", "-q", "-m", "One")
    for words in (("init", "-q", "-b", "main"), ("add", "schema.sql", "target"), commit):
        subprocess.run(["git", *words], check=True, timeout=60)
    Path("schema.sql").write_text("CREATE TABLE orders (total text, email text);\n")


def figure(nexus: services.Nexus, name: str) -> float:
    lines = httpx.get(f"{nexus.url}/metrics", timeout=30).text.splitlines()
    return next(float(line.rpartition(" ")[2]) for line in lines if line.rpartition(" ")[0] == name)


def _wait(condition: object, seconds: float = 120) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def elsewhere(command: Command) -> str | None:
    text = " ".join(command.words)
    fitting = [begin for begin in ELSEWHERE if text == begin or text.startswith(f"{begin} ")]
    return ELSEWHERE[max(fitting, key=len)] if fitting else None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_of_a_page_run(page: Path, request: pytest.FixtureRequest) -> None:
    for command in [each for each in commands(page) if elsewhere(each) is None]:
        assert command.words[0] in ("cp", "nexus"), f"nobody runs `{command}`: name its test in ELSEWHERE"
        shell = request.getfixturevalue("terminal")
        if command.words[0] == "cp":
            shell.copy(command)
            continue
        done = shell.run(command)
        wanted = next((exits for begin, exits in EXITS.items() if f"nexus {begin}" in " ".join(command.words)), {0})
        assert done.exit_code in wanted, f"{command}\n{done.output}\n{done.exception!r}"


def test_tests_that_run_commands_elsewhere_are_there() -> None:
    told = {command: elsewhere(command) for page in PAGES for command in commands(page)}
    used = {where for where in told.values() if where is not None}
    assert set(ELSEWHERE.values()) - used == set()
    assert [where for where in used if not where.startswith(NOT_HERE) and not (ROOT / where).exists()] == []
