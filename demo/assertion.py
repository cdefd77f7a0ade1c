"""The key pair with which the demo's Airflow vouches for its users (docs/airflow.md, Assertion)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

INSTANCE = "demo"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """The private key's file, and the folder of public keys that the API trusts."""

    private: Path
    trusted: Path


def key_pair(folder: Path) -> KeyPair:
    """Make the pair at the first call."""
    pair = KeyPair(folder / "airflow-key.pem", folder / "trusted")
    if not pair.private.exists():
        key = Ed25519PrivateKey.generate()
        pair.trusted.mkdir(exist_ok=True)
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (pair.trusted / f"{INSTANCE}.pem").write_bytes(public)
        pair.private.touch(mode=0o600)
        pair.private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return pair
