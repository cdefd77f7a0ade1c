"""Whether a folder outlives the container or pod that writes to it."""

from __future__ import annotations

import re
from pathlib import Path

_VOLATILE = frozenset({"aufs", "devtmpfs", "fuse.fuse-overlayfs", "overlay", "ramfs", "tmpfs"})
_MOUNTS = Path("/proc/self/mountinfo")
_ESCAPED = re.compile(r"\\([0-7]{3})")


def volatile_filesystem(path: Path) -> str | None:
    """Name the file system below `path` if it is lost with the container; None if it lasts or is not known.

    Reads `/proc/self/mountinfo` (proc(5)); where that is absent, as on macOS, nothing is known.
    """
    if not _MOUNTS.exists():
        return None
    kind = _filesystem(path.resolve(), _MOUNTS.read_text())
    return kind if kind in _VOLATILE else None


def _filesystem(path: Path, mountinfo: str) -> str | None:
    """Find the file system of the innermost mount; of mounts at the same point the last hides the others."""
    found: tuple[int, str | None] = (-1, None)
    for line in mountinfo.splitlines():
        mount, _, source = line.partition(" - ")
        point = Path(_ESCAPED.sub(lambda octal: chr(int(octal[1], 8)), mount.split()[4]))
        if path.is_relative_to(point) and len(point.parts) >= found[0]:
            found = (len(point.parts), source.split()[0])
    return found[1]
