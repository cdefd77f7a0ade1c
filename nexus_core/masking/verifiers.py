"""Passwords of roles as PostgreSQL keeps them, so that no statement holds one in clear (RFC 5802, RFC 7677)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets

_ITERATIONS = 4096
_SALT_BYTES = 16


def new_password() -> str:
    """Give a password of 256 random bits."""
    return secrets.token_urlsafe(32)


def verifier(password: str) -> str:
    """Give the SCRAM-SHA-256 verifier of a password in ASCII, under a new salt, in the form of `pg_authid`."""
    salt = os.urandom(_SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, _ITERATIONS)
    stored = hashlib.sha256(_mac(salted, b"Client Key")).digest()
    server = _mac(salted, b"Server Key")
    return f"SCRAM-SHA-256${_ITERATIONS}:{_text(salt)}${_text(stored)}:{_text(server)}"


def _mac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
