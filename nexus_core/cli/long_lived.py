"""How Python collects garbage in a process that lives long and handles JSON."""

from __future__ import annotations

import gc

_YOUNG, _MIDDLE, _OLD = 20_000, 10, 10
"""Objects made beyond those freed until the youngest are looked through; times of that until the next older are."""


def collect_seldom() -> None:
    """Leave what the imports made alone, and look for cycles a thirtieth as often as Python does by itself.

    Decoded events are thousands of objects each and hold no cycles: looking for them was a quarter of a worker's CPU.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
