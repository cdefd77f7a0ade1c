"""The graph is a function of the set of events: order, duplicates, batches and crashes leave no trace in its hash."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from nexus_core.errors import LostLeaseError
from nexus_core.eventlog.partition import ALL_PARTITIONS
from nexus_core.graph.hash import canonical_rows, graph_hash
from nexus_core.model.envelope import Envelope
from nexus_core.settings import GraphSettings
from nexus_core.sql import ParsePool
from nexus_core.store.ledger_lease import Held, claim
from nexus_core.worker.project import project_pending
from tests.harvested import closed, decided, harvest, lifecycle
from tests.merging import (
    HARVESTER,
    PRODUCER,
    Merging,
    column_facet,
    dataset,
    dataset_event,
    envelope,
    merging,
    run_event,
)

pytestmark = pytest.mark.service

STATEMENTS = (
    None,
    "insert into public.t (a) select a from public.s",
    "insert into public.t (a) select b from public.s where a > 1",
    "insert into public.t select * from public.s",
    "insert into public.u (a) select sum(a) from public.s; insert into public.t (a) select a from public.u",
)
FACETS = (None, column_facet({"a": [("s", "b")]}), column_facet({"a": [("s", "a")], "z": [("s", "z")]}))
SCHEMAS = ({"a": "int"}, {"a": "int", "b": "text"}, {"b": "text", "a": "bigint"})
MINUTES = st.integers(0, 6)


@st.composite
def run_events(draw: st.DrawFn) -> list[Envelope]:
    """Some events of one run: of a plain job, of a mapped task's attempt, or of a query folded into its task."""
    run, shape = f"run{draw(st.integers(0, 3))}", draw(st.integers(0, 2))
    sql, facet = draw(st.sampled_from(STATEMENTS)), draw(st.sampled_from(FACETS))
    more: dict[str, Any] = {"sql": sql, "inputs": [dataset("s", draw(st.sampled_from((None, *SCHEMAS))))]}
    more["outputs"] = [dataset("t", columnLineage=facet) if facet else dataset("t")]
    if shape == 1:
        index, attempt = draw(st.integers(0, 1)), draw(st.integers(1, 2))
        more |= {"parent": "dagrun", "airflow": {"taskInstance": {"map_index": index, "try_number": attempt}}}
    elif shape == 2:
        more |= {"job": "job.query.1"}
    kinds = draw(st.lists(st.sampled_from(("START", "START", "COMPLETE", "COMPLETE", "FAIL")), min_size=1, max_size=3))
    events = [run_event(kind, draw(MINUTES), run, **more) for kind in kinds]
    for event in events:
        if shape == 2:
            event["job"]["facets"]["jobType"] = {
                "jobType": "QUERY",
                "processingType": "BATCH",
                "integration": "AIRFLOW",
            }
            task = {"namespace": "airflow", "name": "job"}
            event["run"]["facets"]["parent"] = {"run": {"runId": "task"}, "job": task}
        if draw(st.integers(0, 5)) == 0:
            event["run"]["facets"].pop("parent", None)  # some producers name the parent once
    return [envelope(event, principal=draw(st.sampled_from(("one", "two")))) for event in events]


@st.composite
def schema_events(draw: st.DrawFn) -> list[Envelope]:
    described = dataset(draw(st.sampled_from(("s", "t", "u"))), draw(st.sampled_from(SCHEMAS)))
    return [envelope(dataset_event(draw(MINUTES), described), HARVESTER, "harvester")]


@st.composite
def endings(draw: st.DrawFn) -> list[Envelope]:
    """A harvest that lacks some tables, a lifecycle facet, or a steward's decision and perhaps its undoing."""
    minutes, table = draw(MINUTES), draw(st.sampled_from(("s", "t", "u")))
    shape = draw(st.integers(0, 3))
    if shape == 0:
        seen = draw(st.lists(st.sampled_from(("s", "t", "u")), unique=True))
        return harvest(minutes, *seen, scope=draw(st.sampled_from(("shop.*", "shop.public.t"))), chunk=1)
    if shape == 1:
        authority = draw(st.sampled_from((HARVESTER, PRODUCER)))
        return [lifecycle(minutes, table, draw(st.sampled_from(("DROP", "DROP", "CREATE"))), authority)]
    if shape == 2:
        told = closed(minutes, "job", table)
        return [told, closed(draw(MINUTES), "job", table, undoes=told.id)] if draw(st.booleans()) else [told]
    retired = decided(minutes, draw(st.sampled_from(("retire", "retire", "restore"))), table)
    undone = [decided(draw(MINUTES), "undo", table, event=retired.id)] if draw(st.booleans()) else []
    return [retired, *undone]


FACTS = st.lists(st.one_of(run_events(), run_events(), schema_events(), endings()), min_size=2, max_size=6)
STEPS = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from(("whole", "parts", "ledger", "graph", "between"))), max_size=8
)


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as running:
        yield running


def test_any_order_duplication_batching_and_crash_give_the_same_hash(
    runner: asyncio.Runner, neo4j: GraphSettings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    parser = ParsePool(seconds=30, memory_mb=1024)

    # Shrinking would take minutes here; a failure tells the rows that differ.
    @settings(
        max_examples=30, deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
    )
    @given(facts=FACTS, steps=STEPS, data=st.data())
    def property_(facts: list[list[Envelope]], steps: list[tuple[int, str]], data: st.DataObject) -> None:
        events = list({one.id: one for of in facts for one in of}.values())
        shuffled = data.draw(st.permutations(events))
        folder = tmp_path_factory.mktemp("merge")

        async def both() -> tuple[list[str], list[str]]:
            async with merging(neo4j, folder / "straight", parser) as straight:
                await straight.merge(*sorted(events, key=lambda one: (one.valid_at, one.id)))
                expected = await _described(straight)
            async with merging(neo4j, folder / "shaken", parser) as shaken:
                await _shake(shaken, shuffled, steps)
                return expected, await _described(shaken)

        expected, found = runner.run(both())
        if set(found) != set(expected):
            for one in set(found) - set(expected):
                print("SHAKEN", one)
            for one in set(expected) - set(found):
                print("STRAIGHT", one)
        assert set(found) - set(expected) == set(expected) - set(found)

    property_()
    runner.run(parser.close())


async def _described(merge: Merging) -> list[str]:
    """Give the hash, and before it what it stands for, so that a failure shows where they differ."""
    rows = sorted(f"{edge} {sorted(properties.items())}" for edge, properties in await merge.details())
    both_times = [await graph_hash(merge.graph, bitemporal=bitemporal) for bitemporal in (False, True)]
    everything = [row.decode() async for row in canonical_rows(merge.graph, bitemporal=True)]
    return [*everything, *rows, *map(str, sorted(await merge.nodes())), *both_times]


async def _shake(merge: Merging, events: Sequence[Envelope], steps: Sequence[tuple[int, str]]) -> None:
    """Let events come bit by bit, some twice, and break the worker off in the middle of rounds."""
    left = list(events)
    for size, end in steps:
        arrived, left = left[:size], left[size:]
        if arrived:
            await merge.log.append([*arrived, *arrived[:1]])
        pending = await merge.log.pending(ALL_PARTITIONS, 3)
        if end in ("whole", "parts"):
            merge.worker.batch_events = 1 if end == "parts" else 256  # of parts one is told while the next is taken
            await merge.round(pending)
        else:
            await _break_off(merge, pending, end)
            await merge.start_again()
    await merge.merge(*left)


async def _break_off(merge: Merging, pending: Sequence[Envelope], end: str) -> None:
    merger = merge.worker.merger
    if pending:
        await merger.take(pending, merge.held)
    if end == "graph":
        await merger.finish(merge.held)
    elif end == "between":
        # The store's lease goes over while the graph is being written: it is told, but not noted as told.
        await claim(merge.store, Held(merge.held.owner, {}))
        async with merger.ledger.reading() as ledger:
            told = any(await ledger.pending(ALL_PARTITIONS, 1))
        if told:
            with pytest.raises(LostLeaseError):
                await project_pending(merger.ledger, merge.graph, merger.contents, merger.aliases, merge.held)


def test_the_hash_of_nothing_differs_from_that_of_something(
    runner: asyncio.Runner, neo4j: GraphSettings, tmp_path: Path
) -> None:
    async def hashes() -> tuple[str, str]:
        async with ParsePool(seconds=30, memory_mb=1024) as parser, merging(neo4j, tmp_path, parser) as merge:
            before = await merge.hash()
            await merge.merge(envelope(dataset_event(0, dataset("s", {"a": "int"}))))
            return before, await merge.hash()

    before, after = runner.run(hashes())
    assert before != after
