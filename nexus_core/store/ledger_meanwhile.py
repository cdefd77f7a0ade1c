"""What a process writes into its ledger while it tells the graph what it read there before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from nexus_core.store.ledger_rows import Changes


class Meanwhile:
    """Keys that commits wrote since the graph's next batch was read: they stay pending, whatever that batch told.

    Commits of other processes are told apart by the versions of subjects (`ledger_subjects`).
    """

    def __init__(self) -> None:
        self._written: set[str] = set()
        self._under_way: list[set[str]] = []
        self._renames = False

    def begin(self) -> None:
        """Forget what is committed, before the next batch is read; a commit under way may land after that."""
        self._written.clear()
        self._renames = bool(self._under_way) and self._renames

    @contextmanager
    def committing(self, changes: Changes) -> Iterator[None]:
        """Note what a commit writes, from before it begins."""
        keys = _keys(changes)
        self._renames |= changes.renames
        self._under_way.append(keys)
        try:
            yield
        finally:
            self._under_way.remove(keys)
            self._written |= keys

    @property
    def renames(self) -> bool:
        """Whether names became one, or parted: anything may be pending anew then."""
        return self._renames

    def untouched(self, keys: Iterable[str]) -> list[str]:
        """Give those of the keys that nothing has written."""
        touched = self._written.union(*self._under_way)
        return [key for key in keys if key not in touched]


def _keys(changes: Changes) -> set[str]:
    return {
        *(row.dataset_key for row in changes.datasets),
        *(row.job_key for row in changes.jobs),
        *(row.evidence_key for row in changes.evidence),
    }
