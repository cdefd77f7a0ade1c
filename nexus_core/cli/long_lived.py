"""How memory is collected, and given back, in a process that lives long and handles JSON."""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
import time

_YOUNG, _MIDDLE, _OLD = 100_000, 10, 10
"""Objects made beyond those freed until the youngest are looked through; times of that until the next older are."""

_ARENA_MAX, _ARENAS = -8, 2  # of mallopt(3)
_MMAP_THRESHOLD, _MMAP_BYTES = -3, 256 * 2**10
_TRIM_SECONDS = 10.0


def collect_seldom(young: int = _YOUNG) -> None:
    """Leave what the imports made alone, and look for cycles far less often than Python does by itself.

    Decoded events are thousands of objects each and hold no cycles: looking for them was a quarter of a worker's CPU.
    Who has more objects at a time than the default of `young` looks through them all again and again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(young, _MIDDLE, _OLD)


def give_back() -> None:
    """Have glibc keep few arenas and give back to the system what is free; nothing with another C library.

    Large blocks go back at once, and what is free between small ones every few seconds. Each connection to SQLite has
    a thread, and each thread an arena: what one frees no other uses.
    """
    libc = ctypes.CDLL(None)
    if sys.platform == "linux" and hasattr(libc, "mallopt"):
        libc.mallopt(_ARENA_MAX, _ARENAS)
        libc.mallopt(_MMAP_THRESHOLD, _MMAP_BYTES)
        threading.Thread(target=_trim, args=(libc,), name="malloc_trim", daemon=True).start()


def _trim(libc: ctypes.CDLL) -> None:
    while True:
        time.sleep(_TRIM_SECONDS)
        libc.malloc_trim(0)
