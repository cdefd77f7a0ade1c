"""The docs as a site: whole, with no broken link, and with every route of the API."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from uv import find_uv_bin

ROOT = Path(__file__).parents[2]


def test_the_site_is_built_without_a_broken_link(tmp_path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    pinned = next(word for word in makefile.split() if word.startswith("mkdocs-material=="))
    command = [find_uv_bin(), "tool", "run", "--quiet", "--from", pinned, "mkdocs", "build", "--quiet", "--strict"]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        [*command, "--site-dir", str(tmp_path)], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    page = (tmp_path / "routes.html").read_text()
    document = json.loads((ROOT / "ui_plugin" / "web" / "openapi.json").read_text())
    assert [path for path in document["paths"] if path not in page] == []
