"""Gives a new Neo4j a random password before its first start, so that the default one never opens it.

`neo4j-admin dbms set-initial-password` writes the same file, but shows the password in the list of processes.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

_ITERATIONS = 1024  # what Neo4j's SecureHasher uses


def set_initial_password(home: Path) -> None:
    """Make a password, keep it in `home/password` (0600) and its hash where Neo4j reads it at its first start."""
    password = secrets.token_urlsafe(24)
    _write_private(home / "data" / "dbms" / "auth.ini", f"neo4j:{credential(password, secrets.token_bytes(32))}:\n")
    _write_private(home / "password", password)


def credential(password: str, salt: bytes) -> str:
    """Give Neo4j's serialised form of a salted, iterated SHA-256 (its class SystemGraphCredential)."""
    digest = hashlib.sha256(salt + password.encode()).digest()
    for _ in range(_ITERATIONS - 1):
        digest = hashlib.sha256(digest).digest()
    return f"SHA-256,{digest.hex()},{salt.hex()},{_ITERATIONS}"


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
