"""The code of the version before: the newest in the history of git whose migrations are a proper part of today's."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
_VERSIONS = "nexus_core/store/migrations/versions/"


def former_commit() -> str:
    """Give SOAK_FORMER if it is set, else the newest commit on the main line with less migrations than today's."""
    if named := os.environ.get("SOAK_FORMER"):
        return named
    today = _migrations("HEAD")
    for commit in _git("log", "--first-parent", "--format=%H", "--", _VERSIONS).split():
        if (found := _migrations(commit)) and found < today:
            return commit
    raise AssertionError("The drill of an upgrade needs the history of git: fetch it whole")


def former_code(folder: Path) -> Path:
    """Unpack the code of that commit into a folder and give it."""
    folder.mkdir()
    packed = subprocess.run(
        ["git", "-C", str(ROOT), "archive", former_commit(), "nexus_core", "operators", "ui_plugin"],
        check=True,
        capture_output=True,
        timeout=60,
    )
    subprocess.run(["tar", "-x", "-C", str(folder)], input=packed.stdout, check=True, timeout=60)
    return folder


def _migrations(commit: str) -> frozenset[str]:
    return frozenset(_git("ls-tree", "--name-only", commit, _VERSIONS).split())


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
