"""Connectors of other distributions, as pip would install them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_GOOD = """
from nexus_core.connectors.postgresql import PostgreSQLConnector

class AcmeConnector(PostgreSQLConnector):
    kind, title, schemes = "acme", "Acme", ("acme",)
    url_example = "acme://nexus@acme.example.com/shop"
"""
_BAD = 'raise RuntimeError("the moon is in the wrong quarter")'


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    (tmp_path / "acme_good.py").write_text(_GOOD)
    (tmp_path / "acme_bad.py").write_text(_BAD)
    info = tmp_path / "acme_connectors-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-connectors\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(
        "[lineage_nexus.connectors]\nacme = acme_good:AcmeConnector\nbad = acme_bad:Bad\nless = acme_good:Missing\n"
    )
    return tmp_path


def _nexus(installation: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(installation), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "nexus_core", *arguments]
    return subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=60)


def test_are_listed_with_their_package_or_their_cause(installation: Path) -> None:
    told = _nexus(installation, "connectors").stdout.splitlines()
    assert "acme         ready    acme://nexus@acme.example.com/shop (acme-connectors 1.2)" in told
    broken = told.index("bad          broken    (acme-connectors 1.2)")
    assert told[broken + 1].strip() == "RuntimeError: the moon is in the wrong quarter"
    assert "has no attribute 'Missing'" in told[told.index("less         broken    (acme-connectors 1.2)") + 1]
    assert any(line.startswith("postgresql   ready    postgresql://") for line in told)


def test_a_broken_one_is_not_called_unknown(installation: Path) -> None:
    done = _nexus(installation, "harvest", "bad://somewhere", "--dry-run")
    assert done.returncode == 1
    assert "The connector bad is broken: RuntimeError: the moon is in the wrong quarter" in done.stderr


def test_a_working_one_harvests_as_ours(installation: Path) -> None:
    done = _nexus(installation, "harvest", "acme://nexus@127.0.0.1:1/shop", "--dry-run")
    assert done.returncode == 1
    assert done.stderr.startswith("nexus: postgres://127.0.0.1:1/shop: ")
