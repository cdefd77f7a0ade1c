"""The wheel that users install: what is in it, and that it runs with nothing but its own dependencies."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).parent / "uv"


def run(*command: str | Path) -> str:
    done = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(UV, "build", "--quiet", "--wheel", "--out-dir", folder)
    return next(folder.glob("*.whl"))


def test_it_holds_three_packages_with_their_data_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    top = {name.partition("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {
        "nexus_core",
        "nexus_operators",
        "nexus_ui_plugin",
    }
    assert "nexus_core/graph/embedded/jars.txt" in names
    assert "nexus_core/store/migrations/env.py" in names
    assert any(name.startswith("nexus_core/store/migrations/versions/") for name in names)
    assert "nexus_ui_plugin/dist/index.html" in names, "build the web UI first: make web"


def test_it_runs_with_its_own_dependencies_alone(wheel: Path, tmp_path: Path) -> None:
    run(UV, "venv", "--quiet", "--python", sys.executable, tmp_path)
    python = tmp_path / "bin" / "python"
    run(UV, "pip", "install", "--quiet", "--python", python, "--constraints", ROOT / "constraints.txt", wheel)
    nexus = tmp_path / "bin" / "nexus"
    assert "Usage: nexus" in run(nexus, "--help")
    assert "NEXUS_DATA_DIR" in run(nexus, "settings")
    done = subprocess.run([nexus, "up"], capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "lineage-nexus[all]" in done.stderr
