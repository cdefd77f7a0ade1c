"""Frames: a byte that tells the kind, a length of four bytes that counts itself, and a body."""

from __future__ import annotations

import struct

from nexus_core.errors import InvalidInputError

LENGTH = struct.Struct("!i").unpack_from
HEAD = struct.Struct("!Bi").unpack_from
HEADER_BYTES = 5
_HEAD = struct.Struct("!ci").pack
_INT = struct.Struct("!i").pack


def frame(kind: bytes, body: bytes = b"") -> bytes:
    """Give a frame."""
    return _HEAD(kind, len(body) + 4) + body


def untyped(body: bytes) -> bytes:
    """Give a packet without a kind, as a connection begins with."""
    return _INT(len(body) + 4) + body


def text(value: str) -> bytes:
    """Give a text as the protocol has it, ended by a zero; raises InvalidInputError for one with a zero in it."""
    raw = value.encode()
    if b"\0" in raw:
        raise InvalidInputError("a text with a zero byte")
    return raw + b"\0"


def take_raw(body: bytes, at: int) -> tuple[bytes, int]:
    """Give the bytes before the next zero, and where what follows begins; raises InvalidInputError without a zero."""
    end = body.find(b"\0", at)
    if end < 0:
        raise InvalidInputError("a text without its end")
    return body[at:end], end + 1


def take_text(body: bytes, at: int) -> tuple[str, int]:
    """Give the same as text; raises InvalidInputError for what is no UTF-8."""
    raw, after = take_raw(body, at)
    try:
        return raw.decode(), after
    except UnicodeDecodeError as error:
        raise InvalidInputError("a text that is not UTF-8") from error
