"""Small files that other processes read while they are written."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Replace a file's text in one step: whoever reads it meanwhile sees the old text or the new, never a part.

    Call it from one process at a time.
    """
    draft = path.with_name(f"{path.name}.new")
    draft.write_text(text)
    os.replace(draft, path)
