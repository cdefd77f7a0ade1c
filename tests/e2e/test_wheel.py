"""The wheel that users install, built from the sdist: what is in it, and that it runs in a fresh environment."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests import services

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).parent / "uv"


def run(*command: str | Path) -> str:
    done = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(UV, "build", "--quiet", "--out-dir", folder)  # the sdist, and the wheel from it
    return next(folder.glob("*.whl"))


def test_the_sdist_holds_what_it_takes_to_build_and_no_tests(wheel: Path) -> None:
    (sdist,) = wheel.parent.glob("*.tar.gz")
    with tarfile.open(sdist) as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}
    assert {"pyproject.toml", "LICENSE", "README.md", "ui_plugin/nexus_ui_plugin/dist/index.html"} <= names
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "ui_plugin/web/node_modules/"))]


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


def test_it_serves_with_all_extras(wheel: Path, tmp_path: Path) -> None:
    run(UV, "venv", "--quiet", "--python", sys.executable, tmp_path / "venv")
    python, nexus = tmp_path / "venv" / "bin" / "python", tmp_path / "venv" / "bin" / "nexus"
    constraints = ("--constraints", ROOT / "constraints.txt")
    run(UV, "pip", "install", "--quiet", "--python", python, *constraints, f"lineage-nexus[all] @ {wheel.as_uri()}")
    listed = run(nexus, "connectors").splitlines()
    assert [line for line in listed if line.split()[1] != "ready"] == []
    assert len(listed) == 10
    with serving(nexus, tmp_path) as url:
        page = httpx.get(url, timeout=30)
        assert page.headers["content-type"].startswith("text/html")
        script = page.text.partition('src="')[2].partition('"')[0].removeprefix("./").removeprefix("/")
        assert httpx.get(f"{url}/{script}", timeout=30).status_code == httpx.codes.OK


@contextmanager
def serving(nexus: Path, folder: Path) -> Iterator[str]:
    """Migrate a new store by an installed `nexus`, and let it serve; its URL once it lives."""
    port = services.free_port()
    outside = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    graph = {"NEXUS_GRAPH__URI": f"bolt://127.0.0.1:{services.free_port()}", "NEXUS_GRAPH__PASSWORD": "none"}
    environment = {**outside, **graph, "NEXUS_DATA_DIR": str(folder / "data"), "NEXUS_API__PORT": str(port)}
    subprocess.run([nexus, "migrate"], env=environment, cwd=folder, check=True, timeout=120, capture_output=True)
    with (folder / "api.log").open("wb") as output:
        process = subprocess.Popen([nexus, "api"], env=environment, cwd=folder, stdout=output, stderr=output)
    try:
        wait_for_answer(process, f"http://127.0.0.1:{port}/health/live", folder / "api.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def wait_for_answer(process: subprocess.Popen[bytes], url: str, output: Path) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            httpx.get(url, timeout=10).raise_for_status()
        except httpx.HTTPError:
            assert process.poll() is None, output.read_text()[-2000:]
            assert time.monotonic() < deadline, output.read_text()[-2000:]
            time.sleep(0.2)
        else:
            return
