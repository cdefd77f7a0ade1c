"""A small disk that a drill fills."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def small_disk(folder: Path, mebibytes: int) -> Iterator[Path]:
    """An ext4 file system of its own size, mounted on a folder: needs root, as mounting does."""
    assert os.geteuid() == 0, "A drill of full disks mounts a small one: run it as root"
    image = Path(tempfile.mkstemp(prefix="nexus-disk-", dir=folder.parent)[1])
    with image.open("wb") as file:
        file.truncate(mebibytes * 2**20)
    folder.mkdir(exist_ok=True)
    for command in (["mkfs.ext4", "-q", "-m", "0", image], ["mount", "-o", "loop", image, folder]):
        subprocess.run([str(part) for part in command], check=True, timeout=60)
    try:
        yield folder
    finally:
        _unmount(folder)
        image.unlink()


def _unmount(folder: Path) -> None:
    for _ in range(50):
        if not subprocess.run(["umount", str(folder)], check=False, capture_output=True, timeout=60).returncode:
            return
        time.sleep(0.1)
    subprocess.run(["umount", "-l", str(folder)], check=True, timeout=60)


def fill(folder: Path, *, leave_bytes: int = 0) -> Path:
    """Take all the space that a file system has left; the file to remove."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (2**20, 4096, 1):
            try:
                while shutil.disk_usage(folder).free > leave_bytes:
                    file.write(b"\0" * size)
            except OSError:
                continue
    return ballast
