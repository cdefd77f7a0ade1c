"""From the events of one unit to the one version that they make: which runs count, when, and what they say together.

A unit is what ran as one: the mapped tasks of one DAG run, with each retry replaced by the last attempt; or a single
run; or one static event. Pure, and the same for any order and duplication of the events (lineage.md §2).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nexus_core.model.edge import digest_of, source_key
from nexus_core.model.envelope import EventKind
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.partition import beside
from nexus_core.worker.facets import ColumnFacet
from nexus_core.worker.said import Said, SqlText

_ENDS = {"COMPLETE": 1, "FAIL": 0, "ABORT": 0}  # of two ends at one moment success is believed: lineage is not lost
_LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")


@dataclass(frozen=True, slots=True)
class Part:
    """What one run, or one static event, says: names as written, facets of the latest event that has them.

    `uses` add up over its events, since each tells of what the one before did not know yet.
    """

    inputs: tuple[DatasetName, ...]
    outputs: tuple[DatasetName, ...]
    sql: SqlText | None
    origin: str
    source_code: str | None
    columns: Mapping[DatasetName, ColumnFacet]
    uses: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unit:
    """One version of what a job does; `source` fingerprints its source text, None where that is not known."""

    key: str
    principal_class: str
    job: JobName | None
    valid_at: int
    accepted_at: int
    event_id: str
    parts: tuple[Part, ...]
    source: str | None

    @property
    def source_key(self) -> str:
        """The job as this principal class tells of it."""
        return source_key(self.principal_class, self.job)


def unit_key(principal_class: str, job_key: str | None, run_key: str, parent_run_id: str | None) -> str:
    """Give the key of the unit of a run, once its parent is known (or known to be absent), in the run's partition."""
    if parent_run_id is None:
        return beside(run_key, digest_of(["run", run_key]))
    return beside(run_key, digest_of(["parent", principal_class, job_key, parent_run_id]))


def counts(event_types: Iterable[tuple[str, bool]]) -> bool:
    """Whether events of these types (with whether they stream) can make a version: a look before they are read."""
    return any(kind in ("COMPLETE", "STATIC") or streaming for kind, streaming in event_types)


def literals_hidden(sql: str) -> str:
    """Give a SQL text with its string and number literals replaced, so that neither data nor dates stay in it."""
    return _LITERAL.sub("?", sql)


def make_unit(key: str, events: Sequence[Said]) -> Unit | None:
    """Give the version that a unit's events make together, or None as long as no run of it counts."""
    by_run: dict[str, list[Said]] = defaultdict(list)
    for said in sorted(events, key=lambda said: (said.valid_at, _ENDS.get(said.event_type, -1), said.event_id)):
        by_run[said.run_key].append(said)
    runs = _last_attempts({run: said for run, said in by_run.items() if _run_counts(said)})
    if not runs:
        return None
    told = [said for run in runs for said in run]
    first = told[0]
    parts = tuple(_part(run) for run in runs)
    return Unit(
        key=key,
        principal_class=first.principal_class,
        job=first.job,
        valid_at=_began(told),
        accepted_at=min(said.accepted_at for said in told),
        event_id=_cause(told),
        parts=parts,
        source=_source(parts),
    )


def _run_counts(run: Sequence[Said]) -> bool:
    if run[0].kind is not EventKind.RUN or any(said.streaming for said in run):
        return True
    ends = [said for said in run if said.event_type in _ENDS]
    return bool(ends) and ends[-1].event_type == "COMPLETE"


def _last_attempts(runs: Mapping[str, list[Said]]) -> list[list[Said]]:
    """Keep of each slot the last attempt; a run without a slot stands for itself."""
    last: dict[str, tuple[int, int, str]] = {}
    for key, run in runs.items():
        slot = next((said.slot for said in run if said.slot is not None), key)
        rank = (max(said.attempt for said in run), _began(run), key)
        last[slot] = max(last.get(slot, rank), rank)
    return [runs[key] for key in sorted(rank[2] for rank in last.values())]


def _began(events: Sequence[Said]) -> int:
    starts = [said.valid_at for said in events if said.event_type == "START"]
    return min(starts or [said.valid_at for said in events])


def _cause(events: Sequence[Said]) -> str:
    ends = [said for said in events if said.event_type == "COMPLETE"]
    return min((said.valid_at, said.event_id) for said in ends or events)[1]


def _part(run: Sequence[Said]) -> Part:
    columns: dict[DatasetName, ColumnFacet] = {}
    uses: Counter[str] = Counter()
    sql, origin, source_code = None, "sql", None
    for said in run:
        columns.update(said.columns)
        for user, count in said.uses:
            uses[user] += count
        source_code = said.source_code or source_code
        if said.sql is not None or said.origin != "sql":
            sql, origin = said.sql or sql, said.origin
    return Part(
        inputs=tuple(sorted({name for said in run for name in said.inputs})),
        outputs=tuple(sorted({name for said in run for name in said.outputs})),
        sql=sql,
        origin=origin,
        source_code=source_code,
        columns=columns,
        uses=uses,
    )


def _source(parts: Sequence[Part]) -> str | None:
    texts = {literals_hidden(part.sql.text) for part in parts if part.sql}
    codes = {part.source_code for part in parts if part.source_code}
    return digest_of([sorted(texts), sorted(codes)]) if texts or codes else None
