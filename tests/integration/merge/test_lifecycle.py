"""Ends and returns on a real graph: harvest manifests, facets, decisions, holds and undo."""

from __future__ import annotations

import random

import pytest

from nexus_core.model.edge import OPEN_END
from nexus_core.model.envelope import Envelope
from tests.harvested import CURATOR, copied, decided, harvest, lifecycle
from tests.merging import HARVESTER, PRODUCER, Merging, dataset, envelope, micros, run_event

pytestmark = pytest.mark.service


def direct(source: str, target: str, type_: str = "FEEDS") -> tuple[str, ...]:
    return (type_, f"{source}.a", f"{target}.a", "DIRECT", "IDENTITY")


async def held(merge: Merging, edge: tuple[str, ...]) -> list[tuple[int, int]]:
    for found, properties in await merge.details():
        if found == edge:
            return list(zip(properties["froms"], properties["tos"], strict=True))
    return []


LINE = [copied(0, "a", "b"), copied(1, "b", "c"), copied(2, "c", "d")]


async def test_a_table_that_a_harvest_lacks_ends_and_suspends_its_readers(merge: Merging) -> None:
    await merge.merge(*LINE, *harvest(5, "a", "b", "c", "d"), *harvest(10, "a", "c", "d"))
    edges = await merge.edges()
    assert direct("c", "d") in edges
    assert {direct("a", "b", "FED"), direct("b", "c", "FED")} <= edges
    assert not {direct("a", "b"), direct("b", "c")} & edges
    assert await held(merge, direct("a", "b", "FED")) == [(micros(0), micros(10))]
    assert await held(merge, direct("b", "c", "FED")) == [(micros(1), micros(10))]


async def test_its_return_revives_the_edges_that_read_it(merge: Merging) -> None:
    await merge.merge(*LINE, *harvest(5, "a", "b", "c", "d"), *harvest(10, "a", "c", "d"))
    await merge.merge(*harvest(20, "a", "b", "c", "d"))
    assert await held(merge, direct("b", "c")) == [(micros(1), micros(10)), (micros(20), OPEN_END)]
    assert direct("a", "b", "FED") in await merge.edges()  # nothing has written it since
    await merge.merge(copied(30, "a", "b"))
    assert await held(merge, direct("a", "b")) == [(micros(0), micros(10)), (micros(30), OPEN_END)]


async def test_a_write_is_a_return_too(merge: Merging) -> None:
    await merge.merge(*LINE, *harvest(5, "a", "b", "c", "d"), *harvest(10, "a", "c", "d"), copied(15, "a", "b"))
    assert await held(merge, direct("b", "c")) == [(micros(1), micros(10)), (micros(15), OPEN_END)]


@pytest.mark.parametrize(
    "second",
    [
        harvest(10, "a", "c", "d", partial=True),
        harvest(10, "a", "c", "d", lack=1),
        harvest(10, "a", scope="shop.public.a"),
    ],
    ids=["partial", "a chunk missing", "another scope"],
)
async def test_what_a_harvest_did_not_surely_look_for_does_not_end(merge: Merging, second: list[Envelope]) -> None:
    await merge.merge(*LINE, *harvest(5, "a", "b", "c", "d"), *second)
    assert {direct("a", "b"), direct("b", "c")} <= await merge.edges()


async def test_a_forged_digest_retires_nothing(merge: Merging) -> None:
    second = harvest(10, "a", "c", "d")
    event = dict(second[-1].event)
    event["run"]["facets"]["lineageNexus_harvest"]["digest"] = "0" * 64
    await merge.merge(*LINE, *harvest(5, "a", "b", "c", "d"), *second[:-1], envelope(event, HARVESTER, "harvester"))
    assert direct("a", "b") in await merge.edges()


async def test_a_manifest_without_harvest_authority_has_no_effect(merge: Merging) -> None:
    forged = [envelope(dict(one.event), PRODUCER) for one in harvest(10, "a", "c", "d")]
    await merge.merge(*LINE, *harvest(5, "a", "b", "c", "d"), *forged)
    assert direct("a", "b") in await merge.edges()


async def test_a_drop_ends_and_a_later_write_brings_back(merge: Merging) -> None:
    await merge.merge(*LINE, lifecycle(10, "b", "DROP"))
    assert {direct("a", "b", "FED"), direct("b", "c", "FED")} <= await merge.edges()
    await merge.merge(copied(20, "a", "b"), lifecycle(21, "b", "OVERWRITE"))
    assert await held(merge, direct("b", "c")) == [(micros(1), micros(10)), (micros(20), OPEN_END)]


async def test_a_producer_does_not_drop_what_a_harvest_lists(merge: Merging) -> None:
    await merge.merge(*LINE, *harvest(5, "a", "b", "c", "d"), lifecycle(10, "b", "DROP"))
    assert {direct("a", "b"), direct("b", "c")} <= await merge.edges()
    await merge.merge(lifecycle(11, "c", "DROP", HARVESTER))
    assert {direct("b", "c", "FED"), direct("c", "d", "FED")} <= await merge.edges()


async def test_a_run_that_failed_dropped_nothing(merge: Merging) -> None:
    event = dict(lifecycle(10, "b", "DROP").event) | {"eventType": "FAIL"}
    await merge.merge(*LINE, envelope(event))
    assert direct("a", "b") in await merge.edges()


async def test_a_rename_ends_the_former_name_and_merges_nothing(merge: Merging) -> None:
    await merge.merge(*LINE, lifecycle(10, "bb", "RENAME", former="b"))
    assert direct("a", "b") in await merge.edges()  # no producer renames anything
    await merge.merge(lifecycle(11, "bb", "RENAME", HARVESTER, former="b"))
    edges = await merge.edges()
    assert {direct("a", "b", "FED"), direct("b", "c", "FED")} <= edges
    assert not any("bb" in part for edge in edges for part in edge if edge[0] in ("FEEDS", "FED"))


async def test_a_steward_retires_and_takes_it_back(merge: Merging) -> None:
    retired = decided(10, "retire", "b")
    await merge.merge(*LINE, retired)
    assert {direct("a", "b", "FED"), direct("b", "c", "FED")} <= await merge.edges()
    await merge.merge(decided(20, "undo", "b", event=retired.id))
    assert await held(merge, direct("a", "b")) == [(micros(0), OPEN_END)]
    assert await held(merge, direct("b", "c")) == [(micros(1), OPEN_END)]


async def test_restoring_begins_anew(merge: Merging) -> None:
    await merge.merge(*LINE, decided(10, "retire", "b"), decided(20, "restore", "b"))
    assert await held(merge, direct("b", "c")) == [(micros(1), micros(10)), (micros(20), OPEN_END)]


async def test_who_is_no_steward_retires_nothing(merge: Merging) -> None:
    await merge.merge(*LINE, decided(10, "retire", "b", authority=PRODUCER))
    assert direct("a", "b") in await merge.edges()


MANY = [f"t{number}" for number in range(20)]


async def test_mass_retirement_waits_for_a_steward(merge: Merging) -> None:
    second = harvest(10, "c", "d")
    await merge.merge(*LINE, *harvest(5, "a", "b", "c", "d", *MANY), *second)
    assert {direct("a", "b"), direct("b", "c")} <= await merge.edges()
    await merge.merge(decided(20, "confirm", "b", harvest=second[-1].id))
    assert await held(merge, direct("a", "b", "FED")) == [(micros(0), micros(10))]
    assert await held(merge, direct("b", "c", "FED")) == [(micros(1), micros(10))]
    await merge.merge(decided(30, "undo", "b", harvest=second[-1].id))
    assert await held(merge, direct("a", "b")) == [(micros(0), OPEN_END)]
    assert await held(merge, direct("b", "c")) == [(micros(1), OPEN_END)]


async def test_a_steward_sets_what_is_much(merge: Merging) -> None:
    await merge.merge(*LINE, decided(0, "guard", share=0.1, least=1), *harvest(5, "a", "b", "c", "d"))
    await merge.merge(*harvest(10, "a", "c", "d"))
    assert direct("a", "b") in await merge.edges()


async def test_a_view_ends_with_its_job(merge: Merging) -> None:
    view = {"namespace": "postgres://db:5432", "name": "shop.public.v", "facets": {}}
    view["facets"] = {
        "sql": {"query": "select a from public.b"},
        "lineageNexus_origin": {"origin": "view"},
        "jobType": {"jobType": "VIEW", "processingType": "BATCH", "integration": "POSTGRESQL"},
    }
    event = run_event("COMPLETE", 4, "r")
    event = {"eventTime": event["eventTime"], "producer": "x", "job": view, "inputs": [], "outputs": [dataset("v")]}
    await merge.merge(envelope(event, HARVESTER, "harvester"), *harvest(4, "b", "v"))
    assert {direct("b", "v"), ("WRITES", "v", "v", "", "")} <= await merge.edges()
    await merge.merge(*harvest(10, "b"))
    assert direct("b", "v", "FED") in await merge.edges()
    assert await held(merge, ("WRITES", "v", "v", "", "")) == [(micros(4), micros(10))]
    assert await held(merge, ("READS", "b", "v", "", "")) == [(micros(4), micros(10))]


STORY = [
    *LINE,
    *harvest(5, "a", "b", "c", "d", *MANY),
    *harvest(10, "a", "c", "d", *MANY[:12]),
    *harvest(15, "a", "c", "d", *MANY[:1]),
    *harvest(20, "a", "b", *MANY[:1]),
    lifecycle(12, "c", "DROP"),
    lifecycle(13, "d", "DROP"),
    copied(14, "c", "d"),
    lifecycle(16, "x", "DROP", CURATOR),
    copied(17, "c", "x"),
    decided(18, "retire", "a"),
    decided(22, "restore", "a"),
    decided(11, "guard", share=0.5, least=3),
]
STORY += [
    decided(25, "confirm", *MANY[1:4], harvest=next(one for one in STORY if one.valid_at.minute == 15).id),
    decided(26, "undo", "c", harvest=[one for one in STORY if one.valid_at.minute == 20][-1].id),
]


async def test_any_order_gives_the_same(merge: Merging) -> None:
    """Shuffled, in batches of any size, with repetitions; the graph's rows with both times are compared."""
    await merge.merge(*STORY)
    expected = sorted((edge, sorted(properties.items())) for edge, properties in await merge.details())
    assert {edge[0] for edge, _ in expected} == {"FED", "FEEDS", "ONCE", "READS", "WRITES"}
    for seed in range(4):
        await _forget(merge)
        chance = random.Random(seed)
        shuffled = chance.sample(STORY, len(STORY))
        while shuffled:
            size = chance.randint(1, 6)
            await merge.merge(*shuffled[:size])
            shuffled = shuffled[size:]
        found = sorted((edge, sorted(properties.items())) for edge, properties in await merge.details())
        assert found == expected


async def _forget(merge: Merging) -> None:
    """Empty graph, log and ledger, as after a replay's start."""
    from nexus_core.store.tables import metadata

    await merge.graph.execute_query("MATCH (n) DETACH DELETE n")
    async with merge.store.begin() as connection:
        for table in metadata.sorted_tables:
            if not table.name.startswith(("catalogue", "seal_probe", "lease")):
                await connection.execute(table.delete())
    await merge.start_again()
