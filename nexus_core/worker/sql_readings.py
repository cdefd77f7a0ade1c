"""How well the SQL of jobs was read, for the lineage health page: one row a job, of its last version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import orjson

from nexus_core.store.names_rows import SqlReadingRow
from nexus_core.worker.derive import Read
from nexus_core.worker.units import Unit, literals_hidden

_PROBLEMS_MOST = 20
_MESSAGE_MOST = 200  # characters


@dataclass(frozen=True, slots=True)
class Reading:
    """How the SQL of a unit was read; `problems` as JSON `[[code, message, statement], …]`."""

    dialect: str
    complete: bool
    problems: bytes


class SqlReadings:
    """Collects the readings of a round."""

    def __init__(self) -> None:
        self._rows: dict[str, SqlReadingRow] = {}

    @property
    def rows(self) -> list[SqlReadingRow]:
        """The last of each job; the store keeps a later one that it has."""
        return list(self._rows.values())

    def note(self, unit: Unit, reading: Reading | None) -> None:
        """Take in how a unit was read, if it has SQL."""
        if reading is None:
            return
        row = _row(unit, reading)
        if row[1:3] >= self._rows.get(row.source_key, row)[1:3]:
            self._rows[row.source_key] = row


def reading_of(reads: Sequence[Read]) -> Reading | None:
    """Sum up how the parts of a unit were read; None where it has no SQL."""
    told = [(read.lineage, read.dialect) for read in reads if read.lineage is not None]
    if not told:
        return None
    problems = {
        (problem.code, literals_hidden(problem.message)[:_MESSAGE_MOST], problem.statement)
        for lineage, _ in told
        for problem in lineage.problems
    }
    return Reading(
        dialect=min((dialect for _, dialect in told if dialect), default=""),
        complete=all(set(lineage.outputs) <= lineage.resolved and not lineage.problems for lineage, _ in told),
        problems=orjson.dumps(list(islice(sorted(problems), _PROBLEMS_MOST))),
    )


def _row(unit: Unit, reading: Reading) -> SqlReadingRow:
    return SqlReadingRow(
        source_key=unit.source_key,
        valid_at=unit.valid_at,
        unit_key=unit.key,
        event_id=unit.event_id,
        job_namespace=unit.job.namespace if unit.job else "",
        job_name=unit.job.name if unit.job else "",
        dialect=reading.dialect,
        complete=reading.complete,
        problems=reading.problems,
    )
