"""Verifiers of SCRAM-SHA-256: what proves a password without being it (RFC 5802, 7677)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from functools import lru_cache

ITERATIONS = 4096
SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Verifier:
    """The parts of a verifier, as PostgreSQL keeps them too."""

    salt: bytes
    iterations: int
    stored_key: bytes = field(repr=False)
    server_key: bytes = field(repr=False)


def verifier_of(password: str, salt: bytes | None = None, iterations: int = ITERATIONS) -> Verifier:
    """Make the verifier of a password in ASCII (others would have to be prepared by RFC 4013)."""
    salt = secrets.token_bytes(SALT_BYTES) if salt is None else salt
    key = salted(password, salt, iterations)
    stored = hashlib.sha256(hmac.digest(key, b"Client Key", "sha256")).digest()
    return Verifier(salt, iterations, stored, hmac.digest(key, b"Server Key", "sha256"))


@lru_cache(maxsize=256)  # a profile's login is used for many sessions, and each would cost some milliseconds
def salted(password: str, salt: bytes, iterations: int) -> bytes:
    """Give SaltedPassword."""
    return hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, iterations)
