"""The peers' own environment and the sources of the TPC queries: pinned by hash, kept in the cache folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from nexus_core.settings import Settings

PINS = Path(__file__).with_name("peers.txt")
"""Resolved from the group `peers` of pyproject.toml; CONTRIBUTING.md has the command."""
DATAHUB_PINS = Path(__file__).parents[1] / "datahub.txt"
SOURCE = "sqlglot==30.30.0 --hash=sha256:b8e344042c85d7baa1d0d827127dfe1611ce9ac59bceab6fe370665baeb14ce7\n"
"""The source archive whose tests hold the texts of TPC-DS and TPC-H with their schemas."""


def peers_python() -> Path:
    """Give the interpreter of the peers' environment, made at the first call for these pins and this Python."""
    return _python("peers", PINS, "--require-hashes")


def datahub_python() -> Path:
    """Give the interpreter of DataHub's environment, made in the same way."""
    return _python("datahub", DATAHUB_PINS)


def _python(name: str, pins: Path, *options: str) -> Path:
    folder = _cache() / f"{name}-{_digest(pins.read_text() + sys.version)}"
    if not folder.is_dir():
        making = folder.with_name(f"{folder.name}.{os.getpid()}.part")
        _uv("venv", "--python", sys.executable, str(making))
        _uv("pip", "install", "--python", str(making), *options, "--requirements", str(pins))
        _keep(making, folder)
    return folder / "bin" / "python"


def sqlglot_tests() -> Path:
    """Give the folder `tests` of sqlglot's source archive, fetched by pip from the index that the user has set."""
    folder = _cache() / f"sqlglot-tests-{_digest(SOURCE)}"
    if not folder.is_dir():
        making = folder.with_name(f"{folder.name}.{os.getpid()}.part")
        making.mkdir(parents=True)
        _fetch(making)
        _keep(making, folder)
    return folder / "tests"


def _fetch(folder: Path) -> None:
    requirement = folder / "source.txt"
    requirement.write_text(SOURCE)
    options = ["--quiet", "--no-deps", "--no-binary", ":all:", "--require-hashes", "--dest", str(folder)]
    command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", *options]
    subprocess.run([*command, "--requirement", str(requirement)], check=True)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        wanted = [member for member in archive if "/tests/helpers.py" in member.name or member.name.endswith(".sql")]
        archive.extractall(folder, wanted, filter="data")
    next(folder.glob("sqlglot-*/tests")).rename(folder / "tests")


def _keep(made: Path, folder: Path) -> None:
    """Give a finished folder its name, unless another run was faster."""
    try:
        made.rename(folder)
    except OSError:
        shutil.rmtree(made)


def _uv(*arguments: str) -> None:
    subprocess.run([Path(sys.executable).parent / "uv", "--quiet", *arguments], check=True)


def _cache() -> Path:
    return Settings.load().cache_dir.expanduser().absolute() / "benchmarks"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
