"""Python programs that stand in for cloud services, each in an environment of its own in the user's cache."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
from uv import find_uv_bin

from nexus_core.settings import Settings

_LISTS = Path(__file__).parent / "data" / "emulators"


def environment(name: str, prepare: str = "") -> Path:
    """The folder of an environment with what `data/emulators/NAME.txt` pins; it is made if need be, once.

    `prepare` is Python that then runs in it, with its folder `home` as home.
    """
    packages = _LISTS / f"{name}.txt"
    digest = hashlib.sha256(packages.read_bytes()).hexdigest()[:12]
    cache = Settings.load().cache_dir.expanduser().absolute()
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / f"{name}-{digest}"
    with (cache / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            _uv("venv", "--clear", "--python", sys.executable, folder)
            _uv("pip", "install", "--python", folder / "bin" / "python", "-r", packages)
            (folder / "home").mkdir(exist_ok=True)
            argv = [str(folder / "bin" / "python"), "-c", prepare]
            subprocess.run(argv, check=True, timeout=300, env=_variables({"HOME": str(folder / "home")}))
            (folder / "complete").touch()
    return folder


@contextmanager
def running(argv: list[str], home: Path, url: str, **variables: str) -> Iterator[None]:
    """Run a server until the end of the block; it answers at `url` when the block begins."""
    with (home / "output.log").open("wb") as output:
        process = subprocess.Popen(argv, cwd=home, env=_variables(variables), stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + 120
        while not _answers(url):
            assert process.poll() is None, (home / "output.log").read_text()
            assert time.monotonic() < deadline, (home / "output.log").read_text()
            time.sleep(0.2)
        yield
    finally:
        process.kill()
        process.wait(30)


def _variables(more: Mapping[str, str]) -> dict[str, str]:
    """Leave out our own path: the emulator has its own packages."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | dict(more)


def _uv(*arguments: object) -> None:
    argv = [find_uv_bin(), "--quiet", *(str(each) for each in arguments)]
    subprocess.run(argv, check=True, timeout=600)


def _answers(url: str) -> bool:
    try:
        httpx.get(url, timeout=10, trust_env=False)
    except httpx.TransportError:
        return False
    return True
