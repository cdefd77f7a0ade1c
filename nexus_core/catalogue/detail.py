"""Everything known of one dataset, from the store and the graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nexus_core.catalogue.identity import load_known
from nexus_core.catalogue.merged import merge, of_this_alone, sql_of, without_sql
from nexus_core.catalogue.said import RUN
from nexus_core.catalogue.stale import stale_outputs
from nexus_core.errors import NotFoundError
from nexus_core.graph.connection import Graph
from nexus_core.graph.read_dataset import Touches, read_touches
from nexus_core.model.access import EVERYTHING, Scope
from nexus_core.model.aliases import Aliases
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.naming import canonical
from nexus_core.store import catalogue as rows
from nexus_core.store.catalogue_versions import Version, schema_versions
from nexus_core.store.database import Store, reading
from nexus_core.store.dataset_access import visible_of
from nexus_core.store.retirements import Lifecycle, lifecycles
from nexus_core.store.stale import Patience

_DEFINING = ("VIEW", "MATERIALIZED_VIEW", "PROCEDURE", "FUNCTION")


@dataclass(frozen=True, slots=True)
class TouchingJob:
    """A job that reads or writes the dataset; `facets` are its merged facets, empty if no event described it."""

    name: JobName
    role: str
    facets: Mapping[str, Any]

    @property
    def run(self) -> Mapping[str, Any]:
        """Its last run: `state`, `at`, `airflow_url`."""
        run: Mapping[str, Any] = self.facets.get(RUN, {})
        return run

    @property
    def job_type(self) -> str | None:
        """OpenLineage's job type, such as TASK or VIEW."""
        kind = self.facets.get("jobType", {}).get("jobType")
        return kind if isinstance(kind, str) else None


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset with its merged facets, what touches it, and the versions of its schema, newest first.

    `lifecycle` is there only for one that was dropped, or that no harvest covers any more; `stale` has the jobs whose
    later runs did not write it, with when they last did.
    """

    name: DatasetName
    facets: Mapping[str, Any]
    first_seen_at: datetime
    last_seen_at: datetime
    touches: Touches
    jobs: Sequence[TouchingJob]
    versions: Sequence[Version]
    lifecycle: Lifecycle | None
    stale: Mapping[JobName, datetime]

    @property
    def definition(self) -> tuple[str | None, str | None]:
        """SQL and dialect of the view or procedure that makes it, literals hidden."""
        made = (job for job in self.jobs if job.role == "writes" and (job.job_type or "").upper() in _DEFINING)
        return next((sql for job in made if (sql := sql_of(job.facets))[0]), (None, None))


async def read_dataset(
    store: Store,
    graph: Graph,
    aliases: Aliases,
    scope: Scope,
    asked: DatasetName,
    timeout_s: float,
    patience: Patience,
) -> Dataset:
    """Read one dataset under the name that stands for it.

    Raises NotFoundError if it is unknown or invisible, UnavailableError if the store or Neo4j does not answer.
    """
    name = aliases.of(canonical(asked))
    async with reading(store) as connection:
        found = await load_known(connection, await visible_of(connection, scope, [name]), aliases)
    if not found:
        raise NotFoundError(f"dataset {asked.name} in {asked.namespace}")
    owner, slots = found[0].owner, found[0].slots
    keys = [node_key(member.id) for member in aliases.members(name)]
    states = await lifecycles(store, keys)
    touches = await read_touches(graph, name, scope, timeout_s)
    facets = merge(slots)
    return Dataset(
        name,
        facets if scope.everything else of_this_alone(facets),
        owner.first_seen_at,
        owner.last_seen_at,
        touches,
        await _jobs(store, touches),
        await schema_versions(store, keys),
        next((states[key] for key in keys if key in states), None),
        {each.job: each.seen_at for each in await stale_outputs(store, patience, EVERYTHING, keys)},
    )


async def _jobs(store: Store, touches: Touches) -> list[TouchingJob]:
    known = await rows.jobs_of(store, (node_key(name.id) for name, _ in touches.jobs))
    slots = {key: facets for key, (_, facets) in known.items()}
    merged = ((name, role, merge(slots.get(node_key(name.id), {}))) for name, role in touches.jobs)
    return [
        TouchingJob(name, role, without_sql(facets) if name in touches.private else facets)
        for name, role, facets in merged
    ]
