"""The 64 partitions of the work: whatever must be merged in turn lies in one.

The first two digits of a key tell its partition. A job's evidence and units carry the job's two digits, so that all of
a job lies where its events do; what no job says carries those of its dataset.
"""

from __future__ import annotations

from collections.abc import Collection

PARTITION_COUNT = 64
ALL_PARTITIONS = frozenset(range(PARTITION_COUNT))

_DIGITS = 2


def partition_of_key(key: str) -> int:
    """Give the partition of a key of the ledger."""
    return int(key[:_DIGITS], 16) % PARTITION_COUNT


def beside(owner_key: str, key: str) -> str:
    """Give a key the partition of its owner."""
    return owner_key[:_DIGITS] + key[_DIGITS:]


def key_beginnings(partitions: Collection[int]) -> list[str]:
    """Give the first two digits that keys of these partitions begin with."""
    return [f"{byte:02x}" for byte in range(256) if byte % PARTITION_COUNT in partitions]
