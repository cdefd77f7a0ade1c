"""Reads the `.sql` file beside a connector: statements named by `-- name: NAME` lines."""

from __future__ import annotations

import re
from importlib.resources import files

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def load(kind: str) -> dict[str, str]:
    """Give the statements of `KIND.sql` by name."""
    text = files("nexus_core.connectors").joinpath(f"{kind}.sql").read_text(encoding="utf-8")
    pieces = _NAME.split(text)[1:]
    return {name: body.strip() for name, body in zip(pieces[::2], pieces[1::2], strict=True)}
