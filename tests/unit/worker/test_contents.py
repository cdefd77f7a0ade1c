"""What of the contents is kept while rounds and tellings overlap."""

from __future__ import annotations

from contextlib import ExitStack

from nexus_core.model.partition import ALL_PARTITIONS
from nexus_core.store.ledger_rows import Changes
from nexus_core.worker.datasets import Contents

LARGE = b"[" + b",".join([b'"abcdefgh"'] * 100_000) + b"]"


def large(number: int) -> bytes:
    return b"[%d," % number + LARGE[1:]


def test_blocks_that_overlap_without_end_keep_what_they_use_and_no_more() -> None:
    contents, changes = Contents(), Changes(ALL_PARTITIONS)
    with ExitStack() as former:
        blocks: list[tuple[ExitStack, str]] = []
        for number in range(40):
            block = former.enter_context(ExitStack())
            block.enter_context(contents.in_use())
            blocks.append((block, contents.add(large(number), changes)))
            if len(blocks) > 2:
                blocks.pop(0)[0].close()
            assert all(contents[used] for _, used in blocks)
    kept = [number for number, row in enumerate(changes.contents) if _is_kept(contents, row.fingerprint)]
    assert len(kept) < 30


def _is_kept(contents: Contents, fingerprint: str) -> bool:
    try:
        return bool(contents[fingerprint])
    except LookupError:
        return False
