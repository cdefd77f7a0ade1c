"""When datasets and jobs were there, and when not: what ends evidence and suspends the edges that read a source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from nexus_core.model.timeline import Area, Fact, Point, greatest, history, spans
from nexus_core.store.ledger import Snapshot
from nexus_core.store.ledger_rows import Changes, ExistenceRow

_THERE, _GONE = "there", "gone"  # of both at one moment, what is there holds: lineage is not lost


class Existence:
    """Ends and returns of subjects (keys of datasets and jobs), those of this round included."""

    def __init__(self, ledger: Snapshot, changes: Changes) -> None:
        self._ledger, self._changes = ledger, changes
        self._points: dict[str, list[Point[str]]] = {}

    async def load(self, subjects: Iterable[str]) -> None:
        """Fetch subjects."""
        missing = set(subjects) - self._points.keys()
        rows: dict[str, dict[tuple[object, ...], ExistenceRow]] = defaultdict(dict)
        dropped = set(self._changes.dropped_existence)
        for row in await self._ledger.existence(missing):
            if row[:5] not in dropped:
                rows[row.subject_key][row[:5]] = row
        for row in self._changes.existence:
            if row.subject_key in missing:
                rows[row.subject_key][row[:5]] = row
        for key in missing:
            self._points[key] = history((_fact(row) for row in rows[key].values()), greatest)

    def ends(self, subjects: Sequence[str]) -> list[Fact[tuple[str, ...]]]:
        """Give the ends of a loaded subject as facts about its evidence: it claims nothing from then on.

        Several keys are those of one dataset's names.
        """
        return [
            Fact(point.at, (), point.event_id, point.since, point.until)
            for point in self._together(subjects)
            if point.value == _GONE
        ]

    def absences(self, subjects: Sequence[str]) -> list[Area]:
        """Give when, and as was believed when, a loaded subject was not there; keys as in `ends`."""
        return [
            Area(span.start, span.end, span.since, span.until)
            for span in spans(self._together(subjects))
            if span.value == _GONE
        ]

    def _together(self, subjects: Sequence[str]) -> list[Point[str]]:
        if len(subjects) == 1:
            return self._points[subjects[0]]
        return history((Fact(*point) for key in subjects for point in self._points[key]), greatest)


def _fact(row: ExistenceRow) -> Fact[str]:
    return Fact(row.valid_at, _THERE if row.exists else _GONE, row.event_id, row.since, row.until)
