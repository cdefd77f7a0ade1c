"""Ports that programs of one user promise each other, so that two that start at once choose different ones.

A promise is a lock on one byte of one file, at the port's number (POSIX, fcntl(2)): it ends with its process, however
that ends, and leaves nothing behind.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

_FILE = "ports.lock"
_files: dict[Path, int] = {}
_promised: set[tuple[Path, int]] = set()


def claim(folder: Path, port: int) -> bool:
    """Promise a port to the caller until `release` or the process's end; False if it is promised to another.

    Only who claims in the same folder is kept off, so look besides whether somebody listens. A folder that cannot be
    written keeps nobody off.
    """
    if (folder, port) in _promised:
        return False
    try:
        file = _opened(folder)
    except OSError:
        return True
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except (BlockingIOError, PermissionError):  # fcntl(2) allows either for a lock that another has
        return False
    _promised.add((folder, port))
    return True


def release(folder: Path, port: int) -> None:
    """Give a promised port back; does nothing for another."""
    if (folder, port) in _promised:
        _promised.remove((folder, port))
        fcntl.lockf(_files[folder], fcntl.LOCK_UN, 1, port)


def _opened(folder: Path) -> int:
    """Open the file once and never close it: the first close would end all of a process's locks on it."""
    if folder not in _files:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _files[folder] = os.open(folder / _FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    return _files[folder]
