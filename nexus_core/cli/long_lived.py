"""How memory is collected, and given back, in a process that lives long and handles JSON."""

from __future__ import annotations

import ctypes
import gc
import sys

_YOUNG, _MIDDLE, _OLD = 100_000, 10, 10
"""Objects made beyond those freed until the youngest are looked through; times of that until the next older are."""

_ARENA_MAX, _ARENAS = -8, 2  # of mallopt(3)
_MMAP_THRESHOLD, _MMAP_BYTES = -3, 256 * 2**10


def collect_seldom() -> None:
    """Leave what the imports made alone, and look for cycles far less often than Python does by itself.

    Decoded events are thousands of objects each and hold no cycles: looking for them was a quarter of a worker's CPU.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)


def give_back() -> None:
    """Have glibc keep few arenas, and give large blocks back to the system at once; nothing with another C library.

    Each connection to SQLite has a thread, and each thread an arena: what one frees no other uses.
    """
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:
        mallopt(_ARENA_MAX, _ARENAS)
        mallopt(_MMAP_THRESHOLD, _MMAP_BYTES)
