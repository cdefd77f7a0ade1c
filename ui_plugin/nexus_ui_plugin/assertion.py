"""Vouching for an Airflow user towards the LineageNexus API, one request at a time (docs/airflow.md, “Assertion”)."""

from __future__ import annotations

import hashlib
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from nexus_core.errors import ConfigurationError

HEADER = "X-Nexus-Assertion"
_AUDIENCE = "lineage-nexus"
_LIFETIME_S = 30


@dataclass(frozen=True, slots=True)
class User:
    """An Airflow user: the id that its auth manager gives, and the name to show."""

    id: str
    name: str


class Signer:
    """Signs assertions of one instance with its Ed25519 key."""

    def __init__(self, instance: str, key: Ed25519PrivateKey) -> None:
        self._instance, self._key = instance, key

    def sign(self, user: User, method: str, path: str, body: bytes) -> str:
        """Vouch for one request: `path` with its query as sent, from `/api/v1` on."""
        now = int(time.time())
        claims = {
            "iss": self._instance,
            "aud": _AUDIENCE,
            "sub": user.id,
            "name": user.name,
            "iat": now,
            "exp": now + _LIFETIME_S,
            "jti": uuid.uuid4().hex,
            "method": method,
            "path": path,
            "body": hashlib.sha256(body).hexdigest(),
        }
        return jwt.encode(claims, self._key, algorithm="EdDSA")


def read_key(path: Path) -> Ed25519PrivateKey:
    """Read an unencrypted PEM. Raises ConfigurationError for a file that is absent or no Ed25519 private key."""
    advice = f"Make one: openssl genpkey -algorithm ed25519 -out {path}"
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise ConfigurationError(f"The key {path} cannot be read: {error.strerror}", advice) from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ConfigurationError(f"{path} is no PEM private key without password", advice) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigurationError(f"{path} is no Ed25519 key", advice)
    return key
