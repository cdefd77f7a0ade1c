"""How long a backup takes while the stack runs, a restore, and until the restored log has given the same graph.

A witness took checkpoints of the audit log before the backup; what is restored is verified against them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx

from benchmarks.stack import Stack, running
from benchmarks.steady import memory_by_part

EVENTS = int(os.environ.get("BENCH_EVENTS", "20000"))
_FILES = ("store.backup", "keys.backup")
_KEPT = ("secrets-key", "admin-token", "audit-key")
_CHECKPOINT_SECONDS, _CHECKPOINT_WITHIN = 1, 60


def measure() -> Iterator[tuple[str, str]]:
    """Give (what, figure) rows; a tenth of the events is new lineage, the rest runs that repeat it."""
    with tempfile.TemporaryDirectory(prefix="nexus-bench-") as folder:
        kept = Path(folder)
        with running(settings=_witnessed(kept)) as stack:
            whole = _fill(stack)
            shutil.copy(_checkpointed(stack, kept / "witness" / "checkpoints"), kept / "trusted")
            seconds = _timed(stack.folder, "backup", kept)
            for name in _KEPT:
                shutil.copy(stack.folder / name, kept)
        megabytes = sum((kept / name).stat().st_size for name in _FILES) / 1e6
        yield f"backup of {EVENTS:,} events while everything runs", f"{seconds:.1f} s, {megabytes:.0f} MB"
        yield from _restored(kept, whole)


def _restored(kept: Path, whole: str) -> Iterator[tuple[str, str]]:
    took: list[float] = []
    began = time.monotonic()
    with running(before=partial(_restore, kept, took)) as again:
        yield "restore into a new folder", f"{took[0]:.1f} s"
        yield "from its beginning until `nexus up` answers", f"{time.monotonic() - began:.0f} s"
        again.wait_merged()
        yield "… and until all events are merged into an empty Neo4j", f"{time.monotonic() - began:.0f} s"
        yield "the graph's hash of both times", "the same" if _hash(again.folder) == whole else "ANOTHER"
        yield (
            "the audit log, by the checkpoints of before",
            _nexus(again.folder, "audit", "verify", "--trusted", str(kept / "trusted")).partition("\n")[0],
        )


def _witnessed(kept: Path) -> dict[str, str]:
    """Settings by which checkpoints go into a file outside of the data folder."""
    (kept / "witness").mkdir()
    witness = f"file:{kept / 'witness' / 'checkpoints'}"
    return {
        "NEXUS_AUDIT__WITNESSES": json.dumps([witness]),
        "NEXUS_AUDIT__CHECKPOINT_SECONDS": str(_CHECKPOINT_SECONDS),
    }


def _checkpointed(stack: Stack, checkpoints: Path) -> Path:
    """Do something that is audited, and wait until the witness was told of it."""
    body = {"name": "bench", "authority": ["viewer"]}
    httpx.post(f"{stack.url}/api/v1/tokens", json=body, headers=stack.headers).raise_for_status()
    deadline = time.monotonic() + _CHECKPOINT_WITHIN
    while not checkpoints.exists():
        if time.monotonic() > deadline:
            raise TimeoutError(f"no checkpoint in {checkpoints}")
        time.sleep(0.2)
    return checkpoints


def _fill(stack: Stack) -> str:
    """Send and merge the events; gives the graph's hash."""
    for _ in memory_by_part(stack, EVENTS, parts=4):
        pass
    return _hash(stack.folder)


def _restore(kept: Path, took: list[float], data: Path) -> None:
    for name in _KEPT:
        shutil.copy(kept / name, data)
    took.append(_timed(data, "restore", kept))


def _timed(data: Path, command: str, files: Path) -> float:
    began = time.monotonic()
    _nexus(data, command, str(files / _FILES[0]), "--keys", str(files / _FILES[1]))
    return time.monotonic() - began


def _hash(data: Path) -> str:
    return _nexus(data, "graph", "hash", "--bitemporal")


def _nexus(data: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "nexus_core", *arguments]
    environment = os.environ | {"NEXUS_DATA_DIR": str(data)}
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
