"""The frame between `ParsePool` and its child: a length and so many bytes of JSON."""

from __future__ import annotations

import struct

HEADER = struct.Struct(">I")
"""Four bytes of length, big endian."""

OUT_OF_MEMORY = 12
"""Exit status of a child whose memory limit was reached."""

MAX_ANSWER = 128 * 2**20
"""Bytes of an answer that is read."""
