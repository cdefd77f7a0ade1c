"""What the worker makes of events: versions, evidence, schemas, ends."""

from __future__ import annotations

import pytest

from nexus_core.eventlog.partition import ALL_PARTITIONS
from nexus_core.model.edge import OPEN_END
from tests.merging import (
    HARVESTER,
    SPACE,
    Merging,
    at,
    column_facet,
    dataset,
    dataset_event,
    envelope,
    micros,
    run_event,
)

pytestmark = pytest.mark.service

COPY = "insert into public.dst (a) select a from public.src"
DIRECT = ("FEEDS", "src.a", "dst.a", "DIRECT", "IDENTITY")


def completed(minutes: float, run: str, sql: str | None = COPY, **more: object) -> list:
    described = {"inputs": [dataset("src")], "outputs": [dataset("dst")], **more}
    return [
        envelope(run_event("START", minutes, run, sql=sql, **described)),
        envelope(run_event("COMPLETE", minutes + 0.5, run, sql=sql, **described)),
    ]


async def intervals(merge: Merging, edge: tuple[str, ...]) -> list[tuple[int, int]]:
    return [
        interval
        for found, properties in await merge.details()
        if found == edge
        for interval in zip(properties["froms"], properties["tos"], strict=True)
    ]


async def test_a_run_counts_once_it_is_complete(merge: Merging) -> None:
    start, complete = completed(0, "r1")
    await merge.merge(start)
    assert await merge.edges() == set()
    assert ("Dataset", "dst") in await merge.nodes()
    await merge.merge(complete)
    assert DIRECT in await merge.edges()
    assert ("FEEDS", "src", "dst", "DATASET", "") in await merge.edges()
    assert ("READS", "src", "job", "", "") in await merge.edges()
    assert ("WRITES", "job", "dst", "", "") in await merge.edges()
    assert await intervals(merge, DIRECT) == [(micros(0), OPEN_END)]


async def test_a_streaming_run_counts_from_its_first_event(merge: Merging) -> None:
    event = run_event("RUNNING", 1, "r", inputs=[dataset("src")], outputs=[dataset("dst")])
    event["job"]["facets"]["jobType"] = {"processingType": "STREAMING", "integration": "FLINK", "jobType": "JOB"}
    await merge.merge(envelope(event))
    assert ("FEEDS", "src", "dst", "DATASET", "") in await merge.edges()


async def test_a_failing_run_makes_no_version_and_the_later_end_wins(merge: Merging) -> None:
    start, _ = completed(0, "r1")
    described = {"sql": COPY, "inputs": [dataset("src")], "outputs": [dataset("dst")]}
    await merge.merge(start, envelope(run_event("FAIL", 3, "r1", **described)))
    assert await merge.edges() == set()
    await merge.merge(envelope(run_event("COMPLETE", 2, "r1", **described)))
    assert await merge.edges() == set()
    await merge.merge(envelope(run_event("COMPLETE", 4, "r1", **described)))
    assert DIRECT in await merge.edges()
    await merge.merge(envelope(run_event("FAIL", 5, "r1", **described)))
    assert await merge.edges() == set()


async def test_inputs_on_start_and_outputs_on_complete_meet(merge: Merging) -> None:
    await merge.merge(
        envelope(run_event("START", 0, "r1", inputs=[dataset("src")])),
        envelope(run_event("COMPLETE", 1, "r1", outputs=[dataset("dst")])),
    )
    assert ("FEEDS", "src", "dst", "DATASET", "") in await merge.edges()


async def test_a_late_event_between_two_equal_ones_splits_them(merge: Merging) -> None:
    await merge.merge(*completed(0, "r1"), *completed(20, "r3"))
    assert await intervals(merge, DIRECT) == [(micros(0), OPEN_END)]
    other = "insert into public.dst (a) select b from public.src"
    await merge.merge(*completed(10, "r2", other))
    assert await intervals(merge, DIRECT) == [(micros(0), micros(10)), (micros(20), OPEN_END)]
    closed = ("FED", "src.b", "dst.a", "DIRECT", "IDENTITY")
    assert await intervals(merge, closed) == [(micros(10), micros(20))]


async def test_changed_sql_closes_the_evidence_of_outputs_it_no_longer_names(merge: Merging) -> None:
    await merge.merge(*completed(0, "r1"))
    moved = "insert into public.elsewhere (a) select a from public.src"
    await merge.merge(*completed(10, "r2", moved, outputs=[dataset("elsewhere")]))
    assert await intervals(merge, ("FED", *DIRECT[1:])) == [(micros(0), micros(10))]
    assert ("FEEDS", "src.a", "elsewhere.a", "DIRECT", "IDENTITY") in await merge.edges()
    await merge.merge(*completed(20, "r3"))
    assert await intervals(merge, DIRECT) == [(micros(0), micros(10)), (micros(20), OPEN_END)]


async def test_equal_sql_with_other_literals_is_no_change(merge: Merging) -> None:
    daily = COPY + " where day = '2026-01-0{}'"
    await merge.merge(*completed(0, "r1", daily.format(1)))
    before = await merge.details()
    await merge.merge(*completed(10, "r2", daily.format(2)))
    assert sorted(map(str, await merge.details())) == sorted(map(str, before))
    assert not any("2026-01" in str(row) for row in before)


async def test_mapped_tasks_are_one_version_and_retries_are_replaced(merge: Merging) -> None:
    def task(run: str, index: int, attempt: int, source: str, minutes: float, end: str = "COMPLETE") -> list:
        described = {"inputs": [dataset(source)], "outputs": [dataset("dst")], "parent": "dagrun"}
        facet = {"taskInstance": {"map_index": index, "try_number": attempt}}
        return [
            envelope(run_event("START", minutes, run, airflow=facet, **described)),
            envelope(run_event(end, minutes + 1, run, airflow=facet, **described)),
        ]

    await merge.merge(*task("a", 0, 1, "s0", 0), *task("b", 1, 1, "wrong", 1), *task("c", 1, 2, "s1", 3))
    edges = {edge for edge in await merge.edges() if edge[0] == "FEEDS"}
    assert edges == {("FEEDS", "s0", "dst", "DATASET", ""), ("FEEDS", "s1", "dst", "DATASET", "")}
    assert await intervals(merge, ("FEEDS", "s1", "dst", "DATASET", "")) == [(micros(0), OPEN_END)]


async def test_sql_wins_over_the_facet_of_its_event(merge: Merging) -> None:
    wrong = dataset("dst", columnLineage=column_facet({"id": [("src", "a")], "_0": [("src", "b")]}))
    await merge.merge(*completed(0, "r1", outputs=[wrong]))
    assert {edge for edge in await merge.edges() if edge[3] == "DIRECT"} == {DIRECT}
    assert ("Field", "dst.id") not in await merge.nodes()


async def test_a_facet_fills_only_what_sql_leaves_open(merge: Merging) -> None:
    sql = "insert into public.dst select src.a as x, t.* from public.src, lateral unknown_function(src.b) as t"
    facet = column_facet({"x": [("src", "z")], "y": [("src", "b")]})
    await merge.merge(*completed(0, "r1", sql, outputs=[dataset("dst", columnLineage=facet)]))
    direct = {edge[1:3] for edge in await merge.edges() if edge[3] == "DIRECT"}
    assert ("src.b", "dst.y") in direct
    assert ("src.z", "dst.x") not in direct


async def test_a_facet_makes_no_field_where_the_schema_is_known(merge: Merging) -> None:
    facet = column_facet({"a": [("src", "a")], "id": [("src", "a")]})
    output = dataset("dst", {"a": "int"}, columnLineage=facet)
    await merge.merge(*completed(0, "r1", None, outputs=[output]))
    assert {node for node in await merge.nodes() if node[0] == "Field"} == {("Field", "dst.a"), ("Field", "src.a")}


async def test_a_facet_may_leave_out_the_database(merge: Merging) -> None:
    facet = column_facet({"a": [("src", "a")]})
    facet["fields"]["a"]["inputFields"][0]["name"] = "public.src"
    await merge.merge(*completed(0, "r1", None, outputs=[dataset("dst", columnLineage=facet)]))
    assert ("FEEDS", "src.a", "dst.a", "DIRECT", "") in await merge.edges()


async def test_evidence_of_two_jobs_stands_side_by_side(merge: Merging) -> None:
    await merge.merge(*completed(0, "r1"), *completed(5, "r2", job="twin"))
    found = [properties for edge, properties in await merge.details() if edge == DIRECT]
    assert {properties["job_name"] for properties in found} == {"job", "twin"}
    await merge.merge(*completed(10, "r3", "insert into public.dst (a) select c from public.src", job="twin"))
    assert [properties["job_name"] for edge, properties in await merge.details() if edge == DIRECT] == ["job"]


async def test_a_schema_that_comes_late_resolves_the_star(merge: Merging) -> None:
    await merge.merge(*completed(10, "r1", "insert into public.dst select * from public.src"))
    assert not {edge for edge in await merge.edges() if edge[3] == "DIRECT"}
    await merge.merge(
        envelope(dataset_event(0, dataset("src", {"a": "int", "b": "int"})), HARVESTER, "harvester"),
        envelope(dataset_event(0, dataset("dst", {"a": "int", "b": "int"})), HARVESTER, "harvester"),
    )
    assert {edge[1:3] for edge in await merge.edges() if edge[3] == "DIRECT"} == {
        ("src.a", "dst.a"),
        ("src.b", "dst.b"),
    }


async def test_a_harvested_schema_is_believed_before_an_events(merge: Merging) -> None:
    await merge.merge(
        envelope(dataset_event(0, dataset("src", {"a": "integer"})), HARVESTER, "harvester"),
        *completed(5, "r1", inputs=[dataset("src", {"a": "int4", "ghost": "text"})]),
    )
    assert ("Field", "src.ghost") not in await merge.nodes()


async def test_nodes_go_with_their_last_edge(merge: Merging) -> None:
    await merge.merge(*completed(0, "r1", "insert into public.dst (a) select x from public.only_in_sql"))
    assert {("Dataset", "only_in_sql"), ("Field", "only_in_sql.x")} <= await merge.nodes()
    described = {"inputs": [dataset("src")], "outputs": [dataset("dst")]}
    await merge.merge(envelope(run_event("FAIL", 9, "r1", **described)))
    assert not {("Dataset", "only_in_sql"), ("Field", "only_in_sql.x")} & await merge.nodes()


async def test_what_changes_nothing_writes_nothing(merge: Merging) -> None:
    await merge.merge(*completed(0, "r1"))
    before, _, _ = await merge.graph.execute_query("MATCH ()-[r]->() RETURN collect(elementId(r)) AS ids")
    async with merge.worker.merger.ledger.reading() as ledger:
        assert await ledger.pending(10) == ([], [], [])
    await merge.log.append(completed(10, "r2"))
    await merge.worker.merger.take(await merge.log.pending(ALL_PARTITIONS, 10), merge.lease)
    async with merge.worker.merger.ledger.reading() as ledger:
        assert await ledger.pending(10) == ([], [], [])
    after, _, _ = await merge.graph.execute_query("MATCH ()-[r]->() RETURN collect(elementId(r)) AS ids")
    assert sorted(before[0]["ids"]) == sorted(after[0]["ids"])


def routine(minutes: float, body: str, name: str = "load()") -> dict:
    text = f"create procedure public.{name} language plpgsql as $$ begin {body} end $$"
    facets = {
        "sql": {"query": text},
        "lineageNexus_sqlContext": {"dialect": "postgres", "default_database": "shop", "default_schema": "public"},
        "lineageNexus_origin": {"origin": "sql"},
    }
    job = {"namespace": SPACE, "name": f"shop.public.{name}", "facets": facets}
    return {"eventTime": at(minutes), "producer": "https://example.org/harvest", "job": job}


def called(minutes: float, run: str) -> list:
    return completed(minutes, run, "call public.load()")


async def test_a_call_does_what_the_harvested_routine_does(merge: Merging) -> None:
    defined = envelope(routine(0, "insert into public.dst (a) select a from public.src;"), HARVESTER, "harvester")
    await merge.merge(defined, *called(1, "r1"))
    jobs = {properties["job_name"] for edge, properties in await merge.details() if edge == DIRECT}
    assert jobs == {"job", "shop.public.load()"}


async def test_a_routine_that_is_harvested_late_explains_earlier_calls(merge: Merging) -> None:
    await merge.merge(*called(5, "r1"))
    assert DIRECT not in await merge.edges()
    calls = "call public.inner(); "
    inner = routine(1, "insert into public.dst (a) select a from public.src;", "inner()")
    await merge.merge(envelope(routine(0, calls), HARVESTER, "harvester"))
    assert DIRECT not in await merge.edges()
    await merge.merge(envelope(inner, HARVESTER, "harvester"))
    assert DIRECT in await merge.edges()


async def test_each_call_is_read_with_the_routine_of_its_time(merge: Merging) -> None:
    first = routine(0, "insert into public.dst (a) select a from public.src;")
    second = routine(10, "insert into public.dst (a) select b from public.src;")
    await merge.merge(*called(5, "r1"), *called(15, "r2"))
    await merge.merge(*(envelope(each, HARVESTER, "harvester") for each in (second, first)))
    found = {
        (edge[1], interval)
        for edge, properties in await merge.details()
        if properties.get("job_name") == "job" and edge[0] != "ONCE" and edge[3:] == ("DIRECT", "IDENTITY")
        for interval in zip(properties["froms"], properties["tos"], strict=True)
    }
    assert found == {("src.a", (micros(5), micros(15))), ("src.b", (micros(15), OPEN_END))}


async def test_a_producer_defines_no_routine(merge: Merging) -> None:
    await merge.merge(envelope(routine(0, "insert into public.dst (a) select a from public.src;")), *called(1, "r1"))
    assert "job" not in {properties.get("job_name") for edge, properties in await merge.details() if edge == DIRECT}
