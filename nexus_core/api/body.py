"""Request bodies of ingestion: decoded within a limit, whatever they unpack to."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from fastapi import Request

from nexus_core.errors import InvalidInputError, TooLargeError
from nexus_core.events.check import decode

BATCH_MAX = 1000
_GZIP = 16 + zlib.MAX_WBITS


async def read_body(request: Request, limit: int) -> bytes:
    """Give the decoded body; raises TooLargeError from `limit` bytes, before more is unpacked."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    body = await request.body()
    if encoding == "gzip":
        body = _unzip(body, limit)
    elif encoding != "identity":
        raise InvalidInputError("Content-Encoding must be gzip or absent")
    if len(body) > limit:
        raise TooLargeError(f"the body is larger than {limit} bytes")
    return body


def _unzip(packed: bytes, limit: int) -> bytes:
    """Unpack the members of a gzip stream (RFC 1952)."""
    parts: list[bytes] = []
    left = limit + 1
    try:
        while packed:
            member = zlib.decompressobj(_GZIP)
            parts.append(member.decompress(packed, left))
            left -= len(parts[-1])
            if left <= 0:
                raise TooLargeError(f"the body unpacks to more than {limit} bytes")
            if not member.eof:
                raise InvalidInputError("the gzip stream ends early")
            packed = member.unused_data
    except zlib.error as error:
        raise InvalidInputError("the body is no gzip stream") from error
    return b"".join(parts)


def batch_items(body: bytes, content_type: str) -> list[Any]:
    """Give the items of a JSON array, or of NDJSON: there a line that is not JSON is its error.

    Raises InvalidInputError, and TooLargeError from 1,001 items.
    """
    if "ndjson" in content_type or not body.lstrip().startswith(b"["):
        items: list[Any] = list(_lines(body))
    else:
        items = decode(body)
    if len(items) > BATCH_MAX:
        raise TooLargeError(f"a batch holds at most {BATCH_MAX} events")
    return items


def _lines(body: bytes) -> Iterator[Any]:
    for line in body.split(b"\n"):
        if not line.strip():
            continue
        try:
            yield decode(line)
        except InvalidInputError as error:
            yield error
