"""Secrets that we make, and how the store knows them again."""

from __future__ import annotations

import hashlib
import secrets


def new_secret(prefix: str) -> str:
    """Give a secret of 256 random bits; the prefix lets scanners find leaked ones."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def new_id(prefix: str) -> str:
    """Give an opaque id of 96 random bits."""
    return f"{prefix}_{secrets.token_hex(12)}"


def hash_of(secret: str) -> str:
    """Give SHA-256 in hex: enough for secrets of full entropy, where passwords would need argon2."""
    return hashlib.sha256(secret.encode()).hexdigest()
