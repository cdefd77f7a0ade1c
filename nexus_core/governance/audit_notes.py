"""Checkpoints of the audit log as signed notes, and the keys that sign them.

The text is that of C2SP tlog-checkpoint (origin, size, root in base64, then our line with the time), the envelope that
of C2SP signed-note with Ed25519 (RFC 8032), so that witnesses and tools of transparency logs read them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from nexus_core.errors import ConfigurationError, InvalidInputError

_DASH = "— "
_KEY = "key "
_ED25519 = b"\x01"

Signatures = tuple[tuple[str, bytes, bytes], ...]
"""`(name, key id, signature)`"""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a note says: the tree of `origin` had `size` leaves and this root."""

    origin: str
    size: int
    root: bytes
    at: datetime

    @property
    def text(self) -> str:
        """What is signed."""
        stamp = self.at.astimezone(UTC).isoformat(timespec="seconds")
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\ntime {stamp}\n"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key as the signed-note format writes it: `NAME+ID+KEY`."""

    name: str
    key: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which signatures name it."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.key).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_ED25519 + self.key).decode()}"


@dataclass(frozen=True, slots=True)
class Note:
    """A checkpoint with its signatures."""

    checkpoint: Checkpoint
    text: str
    signatures: Signatures

    @property
    def full(self) -> bytes:
        """All of it, with the signatures."""
        return f"{self.text}\n{''.join(map(_signed, self.signatures))}".encode()

    def signed_by(self, key: VerifierKey) -> bool:
        """Whether a key signed it."""
        return signed_by(self.text, self.signatures, key)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The signer's key, under the name that its notes carry."""

    name: str
    private: Ed25519PrivateKey

    @property
    def verifier(self) -> VerifierKey:
        """Its public half."""
        return VerifierKey(self.name, self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, checkpoint: Checkpoint) -> str:
        """Give the signed note."""
        return f"{checkpoint.text}\n{self.signature(checkpoint.text)}"

    def signature(self, text: str) -> str:
        """Give the line that signs a text."""
        blob = base64.b64encode(self.verifier.id + self.private.sign(text.encode())).decode()
        return f"{_DASH}{self.name} {blob}\n"


def read_key(path: Path, name: str) -> SigningKey:
    """Read a private key in PEM; raises ConfigurationError."""
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise ConfigurationError(f"{path} holds no private key in PEM", "See docs/audit.md") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigurationError(f"{path} holds no Ed25519 key", "See docs/audit.md")
    return SigningKey(name, key)


def read_note(note: str) -> Note:
    """Read a signed note; raises InvalidInputError."""
    try:
        text, signatures = split(note)
        origin, size, root, time, *more = text.split("\n")
        if more != [""] or not time.startswith("time ") or not size.isdecimal():
            raise ValueError
        checkpoint = Checkpoint(
            origin, int(size), base64.b64decode(root, validate=True), datetime.fromisoformat(time.removeprefix("time "))
        )
        if checkpoint.text != text:
            raise ValueError
    except (ValueError, binascii.Error) as error:
        raise InvalidInputError("it is no signed checkpoint") from error
    return Note(checkpoint, text, signatures)


def split(note: str) -> tuple[str, Signatures]:
    """Give the text of a signed note, and its signatures; raises ValueError for what is none in its one form."""
    text, gap, signed = note.partition("\n\n")
    signatures = tuple(_signature(line) for line in signed.removesuffix("\n").split("\n"))
    if not gap or f"{text}\n\n{''.join(map(_signed, signatures))}" != note:
        raise ValueError
    return f"{text}\n", signatures


def signed_by(text: str, signatures: Signatures, key: VerifierKey) -> bool:
    """Whether a key signed a text."""
    public = Ed25519PublicKey.from_public_bytes(key.key)
    for name, key_id, signature in signatures:
        if (name, key_id) == (key.name, key.id):
            try:
                public.verify(signature, text.encode())
            except InvalidSignature:
                return False
            return True
    return False


def read_verifier(line: str) -> VerifierKey:
    """Read a public key `NAME+ID+KEY`; raises InvalidInputError."""
    try:
        name, key_id, blob = line.strip().split("+", 2)
        raw = base64.b64decode(blob, validate=True)
        key = VerifierKey(name, raw[1:])
        if raw[:1] != _ED25519 or len(raw) != 33 or key.id.hex() != key_id:
            raise ValueError
    except (ValueError, binascii.Error) as error:
        raise InvalidInputError("it is no Ed25519 key of signed notes") from error
    return key


def blocks(text: str) -> tuple[list[VerifierKey], list[str]]:
    """Split a witness's file: lines `key NAME+ID+KEY`, and signed notes, in any order, with empty lines between.

    Raises InvalidInputError.
    """
    keys = [read_verifier(line.removeprefix("key ")) for line in text.splitlines() if line.startswith(_KEY)]
    return keys, list(_notes("\n".join(line for line in text.splitlines() if not line.startswith(_KEY))))


def _notes(text: str) -> Iterator[str]:
    """Split at the ends of signatures."""
    lines: list[str] = []
    for line in text.splitlines():
        if lines and lines[-1].startswith(_DASH) and not line.startswith(_DASH):
            yield "\n".join(lines) + "\n"
            lines = []
        if line or lines:
            lines.append(line)
    if lines:
        yield "\n".join(_trimmed(lines)) + "\n"


def _trimmed(lines: Iterable[str]) -> list[str]:
    found = list(lines)
    while found and not found[-1]:
        found.pop()
    return found


def _signature(line: str) -> tuple[str, bytes, bytes]:
    if not line.startswith(_DASH):
        raise ValueError
    name, blob = line.removeprefix(_DASH).split(" ")
    raw = base64.b64decode(blob, validate=True)
    return name, raw[:4], raw[4:]


def _signed(signature: tuple[str, bytes, bytes]) -> str:
    name, key_id, made = signature
    return f"{_DASH}{name} {base64.b64encode(key_id + made).decode()}\n"
