"""A server's stream within a session: what matters in it is found, and rows pass untouched."""

from __future__ import annotations

from collections.abc import Callable

from nexus_core.errors import InvalidInputError
from nexus_core.proxy.protocol.frames import HEAD, HEADER_BYTES

PARSED, CLOSED, COMPLETE, EMPTY, SUSPENDED, FAILED, PARAMETER, READY = b"13CIsESZ"
_PASSED = b"2DdHcNTtn"
_TOLD = b"13CIsESZ"
TOLD_BYTES = 4096
"""So much of a frame is told at most; longer ones are never replaced."""

_UNKNOWN, _PASS, _TELL = 0, 1, 2
_WAY = bytes(_PASS if kind in _PASSED else _TELL if kind in _TOLD else _UNKNOWN for kind in range(256))

Tell = Callable[[int, bytes], bytes | None]
"""Is told a frame's kind and body; gives what takes the frame's place, None to leave it."""


class Answers:
    """Walks along the frames of a server's stream, and holds back only what it must have whole."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._rest: list[bytes] = []
        self._rest_bytes = self._missing = 0
        self.skip = 0
        """Bytes to come of the frame that was passed on last: while there are none, another frame can be put in."""

    def feed(self, data: bytes) -> bytes:
        """Give what may pass of the stream so far; raises InvalidInputError for what no such session can be told."""
        if self._rest:
            self._keep(data)
            if self._rest_bytes < self._missing:
                return b""
            data = b"".join(self._rest)
            self._rest, self._rest_bytes = [], 0
        end, at = len(data), self.skip
        if at >= end:
            self.skip = at - end
            return data
        out: list[bytes] = []
        start = 0
        while end - at >= HEADER_BYTES:
            kind, size = HEAD(data, at)
            size += 1
            if size < HEADER_BYTES:
                raise InvalidInputError("the database said what is no message")
            way = _WAY[kind]
            if way == _PASS:
                at += size
                continue
            if way == _TELL:
                told = at + min(size, TOLD_BYTES)
                if told > end:
                    self._missing = told - at
                    break
                instead = self._tell(kind, data[at + HEADER_BYTES : told])
                if instead is not None and size <= TOLD_BYTES:
                    out += (data[start:at], instead)
                    start = at + size
            else:
                raise InvalidInputError("the database said what no session of a proxy can be told")
            at += size
        else:
            self._missing = HEADER_BYTES
        self.skip = max(at - end, 0)
        if at < end:
            self._keep(data[at:])
            out.append(data[start:at])
            return b"".join(out)
        if not out:
            return data
        out.append(data[start:])
        return b"".join(out)

    def _keep(self, data: bytes) -> None:
        self._rest.append(data)
        self._rest_bytes += len(data)
