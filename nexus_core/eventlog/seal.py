"""Seals what must not lie in clear: AES-256-GCM under one key of the deployment (lineage.md §1)."""

from __future__ import annotations

import base64
import binascii
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from nexus_core.errors import ConfigurationError
from nexus_core.settings import Settings

_KEY_BYTES = 32
_NONCE_BYTES = 12
_HOW_TO_MAKE = "Set NEXUS_SECRETS__KEY to 32 random bytes in base64, such as `openssl rand -base64 32` makes"


@dataclass(frozen=True, slots=True)
class Seal:
    """Encrypts with a fresh nonce each time; `context` binds a sealed text to its owner, so none can be swapped."""

    key: bytes = field(repr=False)

    def close(self, clear: bytes, context: str) -> bytes:
        """Give nonce and ciphertext."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + AESGCM(self.key).encrypt(nonce, clear, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes | None:
        """Give the clear text, or None if the key or the context is another, or the text was altered."""
        try:
            return AESGCM(self.key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context.encode())
        except InvalidTag:
            return None


def seal_of(settings: Settings, *, first_start: bool) -> Seal:
    """Give the seal under the configured key, or under the data folder's, which the first start makes.

    Raises ConfigurationError if the key is malformed, or gone although the store holds sealed texts.
    """
    given = settings.secrets.key
    if given is not None:
        return Seal(_decode(given.get_secret_value(), "NEXUS_SECRETS__KEY"))
    if settings.store.url is not None:
        raise ConfigurationError("No key is set for what the store must hold sealed", _HOW_TO_MAKE)
    path = settings.data_dir.expanduser() / "secrets-key"
    if first_start:
        create_key(path)
    try:
        return Seal(_decode(path.read_text().strip(), str(path)))
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"The key {path} is gone, but the store holds texts that only it opens",
            "Restore the file from your backup, or start with a new data folder; see docs/ingestion.md",
        ) from error


def given_key(text: str, source: str, advice: str) -> Seal:
    """Give the seal under a key in base64; raises ConfigurationError, which calls it `source`, if it is malformed."""
    return Seal(_decode(text, source, advice))


def create_key(path: Path) -> None:
    """Make a file of mode 0600 with a new key in base64, if there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:  # left by a start that ended early, or made by another process of this one
        return
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(os.urandom(_KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _decode(text: str, source: str, advice: str = _HOW_TO_MAKE) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != _KEY_BYTES:
        raise ConfigurationError(f"{source} is no key of {_KEY_BYTES} bytes in base64", advice)
    return key
