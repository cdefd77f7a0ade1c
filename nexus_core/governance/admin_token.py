"""The admin token that the first start of an embedded installation writes."""

from __future__ import annotations

import os
from pathlib import Path

import structlog

from nexus_core.errors import AuthenticationError
from nexus_core.governance.tokens import Tokens
from nexus_core.store.accounts import Token

_LOG = structlog.get_logger()

ADMIN_NAME = "admin"


async def ensure_admin_token(tokens: Tokens, path: Path) -> Token:
    """Give the token in a file; make it, readable by its owner only, if it is not there or not valid in this store."""
    secret = _read(path)
    if secret:
        try:
            return await tokens.live(secret)
        except AuthenticationError:  # of another store, or revoked: the new one takes its place
            _LOG.warning("admin_token_replaced", path=str(path))
    made = await tokens.create(ADMIN_NAME, ["admin"])
    _write(path, made.secret)
    return made.token


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return ""


def _write(path: Path, secret: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # an old file's mode is not to be trusted
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(secret + "\n")
