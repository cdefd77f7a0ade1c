"""What a client asks within a session: its stream cut into frames, and the few of them that are read."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from nexus_core.errors import InvalidInputError
from nexus_core.proxy.protocol.frames import HEADER_BYTES, LENGTH, frame, take_raw

QUERY, PARSE, BIND, EXECUTE, DESCRIBE, CLOSE, SYNC, FLUSH, TERMINATE, CALL = b"QPBEDCSHXF"
TERMINATED = frame(b"X")
_COPIED = frozenset(b"dcf")
_KNOWN = frozenset(b"QPBEDCSHXFdcf")
MORE = 0
"""Not a kind: bytes that go on with the frame before."""

_NAMES_BYTES = 2048
"""Of a long Bind so much is read before it is passed on: portal and statement are named there."""

_NAMING_TYPES = frozenset(
    {24, 2202, 2203, 2204, 2205, 2206, 3734, 3769, 4089, 4096, 4191}  # regproc to regcollation, by pg_type.dat
    | {1008, 2207, 2208, 2209, 2210, 2211, 3735, 3770, 4090, 4097, 4192}  # arrays of them
)

_RUN_ENDS = frozenset(described + frame(b"E", bytes(5)) + frame(b"S") for described in (b"", frame(b"D", b"P\0")))
"""What follows the Bind where a prepared statement is run: its columns or not, all rows of the unnamed portal."""

_RUN_LEAST = HEADER_BYTES + min(map(len, _RUN_ENDS))

_SMALL_MAX = 4096
"""Most bytes of a frame that only names something."""


@dataclass(frozen=True, slots=True)
class ParseText:
    """A Parse message: the statement's name, its text, and the types of its parameters as they came."""

    name: bytes
    text: bytes
    types: bytes

    def saying(self, text: bytes) -> bytes:
        """Give the frame with another text."""
        return frame(b"P", self.name + b"\0" + text + b"\0" + self.types)


class Requests:
    """Cuts a client's stream; `text_max` is the most bytes of a statement.

    A longer Query or Parse comes out as an empty frame of its kind, and its bytes are dropped. What is sent for a COPY
    into the server is dropped, too: no such COPY ever runs.
    """

    def __init__(self, text_max: int) -> None:
        self._most = _sizes(text_max + HEADER_BYTES)
        self._rest: list[bytes] = []
        self._rest_bytes = self._missing = self._pass = self._drop = 0

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """Give the whole frames of what came, by kind; raises InvalidInputError for what is no request."""
        if self._rest:
            self._keep(data)
            if self._rest_bytes < self._missing:
                return []
            data = b"".join(self._rest)
            self._rest, self._rest_bytes = [], 0
        found: list[tuple[int, bytes]] = []
        most_of, at, end = self._most, 0, len(data)
        if self._pass or self._drop:
            at = self._go_on(data, found)
        while end - at >= HEADER_BYTES:
            kind = data[at]
            size = LENGTH(data, at + 1)[0] + 1
            after, most = at + size, most_of[kind]
            if HEADER_BYTES <= size <= most and after <= end:
                found.append((kind, data[at:after]))
                at = after
                continue
            if not most or size < HEADER_BYTES:
                raise InvalidInputError("the message is none of PostgreSQL's protocol")
            if size > most:
                at = self._leave_out(kind, size, end - at, found) + at
            elif kind == BIND and end - at >= _NAMES_BYTES:
                found.append((BIND, data[at:end]))
                self._pass = after - end
                at = end
            else:
                self._missing = size if kind != BIND else min(size, _NAMES_BYTES)
                break
        else:
            self._missing = HEADER_BYTES
        if at < end:
            self._keep(data[at:])
        return found

    def run(self, data: bytes) -> bytes | None:
        """Give the statement that a part of the stream runs, if it does nothing else; None if `feed` is to read it.

        Such a part is a Bind of the unnamed portal, an Execute of all of it, and a Sync: what most clients send each
        time for a statement that they have prepared.
        """
        if data[0] != BIND or self._rest or self._pass or self._drop or len(data) < _RUN_LEAST:
            return None
        after = LENGTH(data, 1)[0] + 1
        if after <= HEADER_BYTES or data[HEADER_BYTES] or data[after:] not in _RUN_ENDS:
            return None
        end = data.find(b"\0", HEADER_BYTES + 1, after)
        return data[HEADER_BYTES + 1 : end] if end > 0 else None

    def _keep(self, data: bytes) -> None:
        self._rest.append(data)
        self._rest_bytes += len(data)

    def _go_on(self, data: bytes, found: list[tuple[int, bytes]]) -> int:
        """Pass on or drop what belongs to the frame before; gives where the next begins."""
        if self._pass:
            part = data[: self._pass]
            found.append((MORE, part))
            self._pass -= len(part)
            return len(part)
        at = min(self._drop, len(data))
        self._drop -= at
        return at

    def _leave_out(self, kind: int, size: int, there: int, found: list[tuple[int, bytes]]) -> int:
        """Drop a frame; gives how many of its bytes are there."""
        if kind not in (QUERY, PARSE) and kind not in _COPIED:
            raise InvalidInputError("the message is longer than any of its kind")
        if kind not in _COPIED:
            found.append((kind, b""))
        taken = min(size, there)
        self._drop = size - taken
        return taken


def _sizes(text_max: int) -> list[int]:
    """Give the most bytes of a frame by its kind, 0 for what is no kind; what a COPY sends is always too long."""
    sizes = [0] * 256
    for kind in _KNOWN:
        sizes[kind] = _SMALL_MAX
    sizes[QUERY] = sizes[PARSE] = text_max
    sizes[BIND] = sizes[CALL] = 2**31
    for kind in _COPIED:
        sizes[kind] = 1
    return sizes


def query_text(raw: bytes) -> bytes:
    """Give the text of a Query. Raises InvalidInputError."""
    text, after = take_raw(raw, HEADER_BYTES)
    if after != len(raw):
        raise InvalidInputError("a Query with more than a text")
    return text


def query(text: bytes) -> bytes:
    """Give a Query."""
    return frame(b"Q", text + b"\0")


def parse_text(raw: bytes) -> ParseText:
    """Read a Parse. Raises InvalidInputError."""
    name, at = take_raw(raw, HEADER_BYTES)
    text, at = take_raw(raw, at)
    types = raw[at:]
    if len(types) < 2 or len(types) != 2 + 4 * struct.unpack_from("!H", types)[0]:
        raise InvalidInputError("a Parse whose types are not as many as it says")
    return ParseText(name, text, types)


def names_objects(types: bytes) -> bool:
    """Whether a parameter is said to be of a type whose values are looked up among the database's objects."""
    return not _NAMING_TYPES.isdisjoint(struct.unpack_from(f"!{(len(types) - 2) // 4}I", types, 2))


def bound_names(raw: bytes) -> tuple[bytes, bytes]:
    """Give the portal and the statement of a Bind. Raises InvalidInputError."""
    portal, at = take_raw(raw, HEADER_BYTES)
    statement, _ = take_raw(raw, at)
    return portal, statement


def executed(raw: bytes) -> tuple[bytes, int]:
    """Give the portal of an Execute, and how many rows it asks for, 0 for all. Raises InvalidInputError."""
    portal, after = take_raw(raw, HEADER_BYTES)
    if after + 4 != len(raw):
        raise InvalidInputError("an Execute that is not as long as it must be")
    return portal, max(0, LENGTH(raw, after)[0])


def named(raw: bytes) -> tuple[int, bytes]:
    """Give what a Describe or Close names: S or P, and the name. Raises InvalidInputError."""
    name, after = take_raw(raw, HEADER_BYTES + 1)
    if after != len(raw) or raw[HEADER_BYTES] not in b"SP":
        raise InvalidInputError("a Describe or Close that names neither a statement nor a portal")
    return raw[HEADER_BYTES], name
