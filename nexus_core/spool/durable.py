"""Writes that survive a crash of the machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_WRITERS = 8


def write_all_durably(contents: Mapping[Path, bytes]) -> None:
    """Write files as `write_durably`, several at once, so that one commit of the disk's journal serves many."""
    with ThreadPoolExecutor(min(_WRITERS, len(contents))) as pool:
        for _ in pool.map(write_durably, contents, contents.values()):
            pass


def write_durably(path: Path, content: bytes) -> None:
    """Make a file, mode 0600, whose content is on disk when this returns; its folder entry needs `sync_folder`."""
    target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(target, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(target)


def sync_folder(path: Path) -> None:
    """Put a folder's entries on disk, as fsync(2) of a file does not."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def size_of(folder: Path) -> int:
    """Add up the files' bytes, passing over those that another process takes away meanwhile."""
    total = 0
    for entry in os.scandir(folder):
        try:
            total += entry.stat().st_size
        except FileNotFoundError:
            continue
    return total
