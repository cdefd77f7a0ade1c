"""The child of `ParsePool`: frames of JSON in, frames of JSON out, one derivation at a time.

Started as
`python -I -m nexus_core.sql.child MEMORY_BYTES` with an empty environment: what parses untrusted text sees no secret.
"""

from __future__ import annotations

import contextlib
import gc
import resource
import sys
from typing import BinaryIO

import orjson

from nexus_core.sql.binding.binder import tried
from nexus_core.sql.codec import request_from, trial_request_from
from nexus_core.sql.engine import derive, references
from nexus_core.sql.frames import HEADER, OUT_OF_MEMORY


def main() -> None:
    """Answer until standard input ends."""
    limit = int(sys.argv[1])
    with contextlib.suppress(ValueError, OSError):  # macOS refuses this limit; there only the clock bounds a parse
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    collect_rarely()
    _write(sys.stdout.buffer, b"")  # ready: imports are no part of a request's time
    try:
        while (question := _read(sys.stdin.buffer)) is not None:
            _write(sys.stdout.buffer, _answered(question))
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)


def collect_rarely() -> None:
    """Let a process that does nothing but derive collect its garbage rarely: that is a tenth of all its time else.

    Trees are cyclic and large but die with their statement, and what the imports made stays.
    """
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _answered(question: bytes) -> bytes:
    fields = orjson.loads(question)
    if isinstance(fields, list):
        return orjson.dumps([tried(trial_request_from(each)) for each in fields])
    request = request_from(fields["request"])
    answer = references(request) if fields["only_tables"] else derive(request)
    return orjson.dumps(answer, default=list)


def _read(stream: BinaryIO) -> bytes | None:
    header = stream.read(HEADER.size)
    return stream.read(HEADER.unpack(header)[0]) if len(header) == HEADER.size else None


def _write(stream: BinaryIO, payload: bytes) -> None:
    stream.write(HEADER.pack(len(payload)) + payload)
    stream.flush()


if __name__ == "__main__":
    main()
