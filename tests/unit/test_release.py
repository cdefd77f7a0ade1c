"""One version, wherever it is written, and upgrade notes for it."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def test_chart_and_web_ui_have_the_version() -> None:
    chart = yaml.safe_load((ROOT / "charts" / "lineage-nexus" / "Chart.yaml").read_text())
    assert chart["version"] == chart["appVersion"] == VERSION
    assert json.loads((ROOT / "ui_plugin" / "web" / "package.json").read_text())["version"] == VERSION


def test_tags_of_images_are_the_version() -> None:
    files = ["docker/Dockerfile", "docker/airflow/Dockerfile", "docker/compose.yaml", "docs/deployment.md"]
    tags = {tag for name in files for tag in re.findall(r"lineage-nexus(?:-airflow)?[:}]+([\d.]+\d)", read(name))}
    defaults = {tag for name in files for tag in re.findall(r"NEXUS_VERSION:-([\d.]+)", read(name))}
    assert tags | defaults | set(re.findall(r"NEXUS_VERSION:-([\d.]+)", read("docker/prepare"))) == {VERSION}


def test_the_version_has_upgrade_notes_and_changes() -> None:
    assert re.search(rf"^\| {re.escape(VERSION)} \| \S", read("docs/upgrading.md"), re.MULTILINE)
    headings = re.findall(r"^## (.+)$", read("CHANGELOG.md"), re.MULTILINE)
    assert all(each == "Unreleased" or re.fullmatch(r"\d+\.\d+\.\d+ \(\d{4}-\d\d-\d\d\)", each) for each in headings)


def read(name: str) -> str:
    return (ROOT / name).read_text()
