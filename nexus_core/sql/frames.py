"""The frame between `ParseProcess` and its child: a length and so many bytes of JSON."""

from __future__ import annotations

import struct

HEADER = struct.Struct(">I")
"""Four bytes of length, big endian."""

OUT_OF_MEMORY = 12
"""Exit status of a child whose memory limit was reached."""
