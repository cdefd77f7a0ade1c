"""Where lineage has gaps: coverage by namespace, SQL that was not understood, names that nobody described."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson

from nexus_core.catalogue.stale import StaleOutput, stale_outputs
from nexus_core.graph.connection import Graph
from nexus_core.graph.read_coverage import Coverage, read_coverage
from nexus_core.model.access import Scope
from nexus_core.model.aliases import Aliases
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName, JobName
from nexus_core.store import lineage_health as rows
from nexus_core.store.database import Store, reading
from nexus_core.store.dataset_access import visible_of
from nexus_core.store.names import Connection, named_rows
from nexus_core.store.names_rows import SqlReadingRow
from nexus_core.store.stale import Patience

_SAMPLES = 3
_ORPHANS = 20


@dataclass(frozen=True, slots=True)
class Sample:
    """One job whose SQL was not understood: the event that told it, and what was wrong, literals hidden."""

    event_id: str
    job: JobName
    message: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A reason (docs/sql.md) why SQL of a dialect was not understood, in how many jobs, with some of them."""

    code: str
    job_count: int
    samples: Sequence[Sample]


@dataclass(frozen=True, slots=True)
class DialectHealth:
    """How the SQL of one dialect was read: jobs with SQL, those understood completely, and what was not."""

    dialect: str
    job_count: int
    complete_count: int
    problems: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class LineageHealth:
    """The gaps as far as the caller sees them.

    `sql` is None, and `proposals` empty, for callers who do not see everything: they tell of what these may not see.
    `stale` are outputs that later runs of their job did not write, `orphans` names that SQL or events use and that
    nothing describes; of all of `orphan_count` the first.
    """

    coverage: Mapping[str, Coverage]
    sql: Sequence[DialectHealth] | None
    orphan_count: int
    orphans: Sequence[DatasetName]
    stale: Sequence[StaleOutput]
    proposals: Mapping[str, int]


async def read_lineage_health(
    store: Store, graph: Graph, aliases: Aliases, scope: Scope, timeout_s: float, patience: Patience
) -> LineageHealth:
    """Read all figures; raises UnavailableError if store or Neo4j does not answer."""
    coverage = await read_coverage(graph, scope, timeout_s)
    stale = await stale_outputs(store, patience, scope)
    async with reading(store) as connection:
        count, orphans = await _orphans(connection, aliases, scope)
        return LineageHealth(
            coverage=coverage,
            sql=await _sql(connection) if scope.everything else None,
            orphan_count=count,
            orphans=orphans,
            stale=stale,
            proposals=await rows.proposals_by_reason(connection) if scope.everything else {},
        )


async def _sql(connection: Connection) -> list[DialectHealth]:
    counts: dict[str, Counter[bool]] = defaultdict(Counter)
    for dialect, complete, count in await rows.readings_by_dialect(connection):
        counts[dialect][complete] += count
    problems = _problems(await rows.incomplete_readings(connection))
    return [
        DialectHealth(dialect, of.total(), of[True], problems.get(dialect, []))
        for dialect, of in sorted(counts.items())
    ]


def _problems(found: Iterable[SqlReadingRow]) -> dict[str, list[Problem]]:
    """Group by dialect and code; what was not resolved though nothing was wrong with the text is `unresolved`."""
    jobs: dict[tuple[str, str], list[Sample]] = defaultdict(list)
    for row in found:
        told = {code: message for code, message, _ in reversed(orjson.loads(row.problems))} or {"unresolved": ""}
        for code, message in told.items():
            sample = Sample(row.event_id, JobName(row.job_namespace, row.job_name), message)
            jobs[row.dialect, code].append(sample)
    by_dialect: dict[str, list[Problem]] = defaultdict(list)
    for (dialect, code), samples in jobs.items():
        by_dialect[dialect].append(Problem(code, len(samples), samples[:_SAMPLES]))
    return {dialect: sorted(of, key=lambda one: (-one.job_count, one.code)) for dialect, of in by_dialect.items()}


async def _orphans(connection: Connection, aliases: Aliases, scope: Scope) -> tuple[int, list[DatasetName]]:
    """Count and give orphans; a name that has an alias counts where the name that stands for it does."""
    counts = await rows.undescribed_by_namespace(connection, scope)
    seen = sorted(space for space in counts if aliases.space(space) == space)
    known = await visible_of(connection, scope, await _described_elsewhere(connection, aliases))
    total = sum(counts[space] for space in seen) - sum(name.namespace in seen for name in known)
    found = await rows.undescribed(connection, scope, seen, _ORPHANS + len(known))
    return total, [name for name in found if name not in known][:_ORPHANS]


async def _described_elsewhere(connection: Connection, aliases: Aliases) -> set[DatasetName]:
    """Give the undescribed names that stand for nothing of their own, or are described under another name."""
    members = {name: first for first, of in aliases.datasets.items() for name in of}
    named = {row.dataset: row for row in await named_rows(connection, (node_key(name.id) for name in members))}
    described = {members[name] for name, row in named.items() if row.described or row.harvested}
    return {
        name
        for name, row in named.items()
        if not (row.described or row.harvested) and (members[name] != name or name in described)
    }
