"""Names that mean one dataset, on a real Neo4j: merged, taken apart again, in any order with one result."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from nexus_core.events.decision import decision_event
from nexus_core.graph.hash import canonical_rows
from nexus_core.model.aliases import EVERY
from nexus_core.model.decision import DecidedObject, Decision
from nexus_core.model.envelope import Authority, Envelope
from nexus_core.settings import GraphSettings
from nexus_core.sql import ParsePool
from nexus_core.store.names import proposals
from tests.merging import (
    EPOCH,
    HARVESTER,
    SPACE,
    Merging,
    column_facet,
    dataset,
    dataset_event,
    envelope,
    merging,
    run_event,
)

pytestmark = pytest.mark.service

STEWARD = Authority(curator=True, alias=True)
ADDRESS = "postgres://10.0.0.7:5432"
Named = tuple[str, str]
SHORT, WHOLE = (SPACE, "public.t"), (SPACE, "shop.public.t")


def other(name: str, columns: dict[str, str] | None = None, namespace: str = SPACE, **facets: Any) -> dict[str, Any]:
    """A dataset under a name of its own, without the tests' database before it."""
    return dataset("", columns, **facets) | {"namespace": namespace, "name": name}


def decided(action: str, minutes: float, one: Named = SHORT, two: Named = WHOLE) -> Envelope:
    decision = Decision("alias", action, tuple(DecidedObject(*name) for name in (one, two)))
    return envelope(decision_event(decision, EPOCH + timedelta(minutes=minutes)), STEWARD, "steward")


def lineage() -> list[Envelope]:
    """Two jobs write a table, one by its short name; a third reads it by the short name in SQL."""
    facet = column_facet({"a": [("s", "a")]})
    return [
        envelope(dataset_event(0, dataset("t", {"a": "int", "b": "text"})), HARVESTER, "harvester"),
        envelope(
            run_event("COMPLETE", 1, "1", "load", inputs=[dataset("s")], outputs=[dataset("t", columnLineage=facet)])
        ),
        envelope(run_event("COMPLETE", 2, "2", "fill", inputs=[dataset("r")], outputs=[other("public.t")])),
        envelope(
            run_event(
                "COMPLETE",
                3,
                "3",
                "use",
                "insert into public.u select * from public.t",
                inputs=[other("public.t")],
                outputs=[other("public.u")],
            )
        ),
    ]


async def described(merge: Merging) -> list[str]:
    """Give the hash, and before it what it stands for, so that a failure shows where they differ."""
    rows = sorted(f"{edge} {sorted(properties.items())}" for edge, properties in await merge.details())
    nodes = sorted([row.decode() async for row in canonical_rows(merge.graph) if b'"label"' in row])
    return [*rows, *nodes, await merge.hash()]


async def test_an_accepted_alias_joins_the_edges_of_both_names_and_undo_parts_them(merge: Merging) -> None:
    await merge.merge(*lineage())
    apart = await described(merge)
    assert ("Dataset", "public.t") in await merge.nodes()
    assert not any("u.b" in str(edge) for edge in await merge.edges())

    await merge.merge(decided("accept", 10))
    joined = await merge.edges()
    nodes = await merge.nodes()
    assert ("Dataset", "public.t") not in nodes
    assert ("FEEDS", "s", "t", "DATASET", "") in joined
    assert ("FEEDS", "r", "t", "DATASET", "") in joined
    assert ("FEEDS", "t", "public.u", "DATASET", "") in joined
    # The harvested columns explain the star of the statement that used the short name.
    assert ("FEEDS", "t.b", "public.u.b", "DIRECT", "IDENTITY") in joined
    assert await described(merge) != apart

    await merge.merge(decided("undo", 11))
    assert await described(merge) == apart

    await merge.merge(decided("reject", 12), decided("accept", 13))
    assert await merge.edges() == joined
    await merge.start_again()
    await merge.merge(decided("reject", 14))
    assert await described(merge) == apart


async def test_later_events_under_either_name_belong_to_the_one_dataset(merge: Merging) -> None:
    await merge.merge(decided("accept", 0))
    await merge.merge(*lineage())
    late = [*lineage(), decided("accept", 0)]
    assert ("Dataset", "public.t") not in await merge.nodes()
    assert ("FEEDS", "t.b", "public.u.b", "DIRECT", "IDENTITY") in await merge.edges()
    once = await described(merge)
    await merge.merge(*late)
    assert await described(merge) == once


async def test_an_alias_of_two_servers_holds_for_every_table_on_them(merge: Merging) -> None:
    here = [
        envelope(dataset_event(0, dataset("a", {"x": "int"})), HARVESTER, "harvester"),
        envelope(
            run_event(
                "COMPLETE",
                1,
                "1",
                inputs=[other("shop.public.a", namespace=ADDRESS)],
                outputs=[other("shop.public.b", namespace=ADDRESS)],
            )
        ),
    ]
    await merge.merge(*here)
    apart = await described(merge)
    await merge.merge(decided("accept", 5, (SPACE, EVERY), (ADDRESS, EVERY)))
    rows = [properties async for properties in _datasets(merge)]
    assert {(row["namespace"], row["name"]) for row in rows} == {(SPACE, "shop.public.a"), (SPACE, "shop.public.b")}
    await merge.merge(
        envelope(run_event("COMPLETE", 6, "2", "later", outputs=[other("shop.public.c", namespace=ADDRESS)]))
    )
    assert (SPACE, "shop.public.c") in {(row["namespace"], row["name"]) async for row in _datasets(merge)}
    await merge.merge(decided("undo", 7, (SPACE, EVERY), (ADDRESS, EVERY)))
    assert {row["namespace"] async for row in _datasets(merge)} == {SPACE, ADDRESS}
    assert set(apart[:-1]) <= set(await described(merge))


async def test_symlinks_join_names_only_with_the_authority_for_it(merge: Merging) -> None:
    link = {"identifiers": [{"namespace": SPACE, "name": "shop.public.t", "type": "TABLE"}]}
    told = dataset_event(1, other("public.t", symlinks=link))
    await merge.merge(*lineage(), envelope(told))
    assert ("Dataset", "public.t") in await merge.nodes()
    await merge.merge(envelope(told, Authority(jobs=("*",), outputs=("*",), alias=True), "linker"))
    assert ("Dataset", "public.t") not in await merge.nodes()
    await merge.merge(decided("reject", 9))
    assert ("Dataset", "public.t") in await merge.nodes()


async def test_names_that_look_alike_are_proposed_once_they_are_merged(merge: Merging) -> None:
    await merge.merge(*lineage())
    async with merge.worker.merger.ledger.reading() as snapshot:
        found = await proposals(snapshot.connection, 10)
    assert [(row.left_name, row.right_name, row.reason) for row in found] == [
        ("public.t", "shop.public.t", "shorter"),
    ]


async def _datasets(merge: Merging) -> AsyncIterator[dict[str, Any]]:
    async for row in canonical_rows(merge.graph):
        value = orjson.loads(row)
        if value.get("label") == "Dataset":
            yield value["properties"]


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as running:
        yield running


DECISIONS = st.lists(
    st.builds(
        decided,
        st.sampled_from(("accept", "accept", "reject", "undo")),
        st.integers(0, 5),
        st.sampled_from((SHORT, (SPACE, "t"), (ADDRESS, "shop.public.t"))),
        st.sampled_from((WHOLE, (SPACE, "public.u"))),
    ),
    min_size=1,
    max_size=4,
)
SERVERS = st.lists(
    st.builds(
        decided,
        st.sampled_from(("accept", "undo")),
        st.integers(0, 5),
        st.just((SPACE, EVERY)),
        st.just((ADDRESS, EVERY)),
    ),
    max_size=2,
)


def test_any_order_of_decisions_and_events_gives_the_same_graph(
    runner: asyncio.Runner, neo4j: GraphSettings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    parser = ParsePool(seconds=30, memory_mb=1024)
    elsewhere = envelope(
        run_event(
            "COMPLETE",
            4,
            "4",
            "move",
            inputs=[other("shop.public.t", {"a": "int", "c": "int"}, namespace=ADDRESS)],
            outputs=[other("t", {"A": "int"})],
        )
    )

    @settings(
        max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
    )
    @given(decisions=DECISIONS, servers=SERVERS, sizes=st.lists(st.integers(1, 4), max_size=6), data=st.data())
    def property_(decisions: list[Envelope], servers: list[Envelope], sizes: list[int], data: st.DataObject) -> None:
        events = list({one.id: one for one in (*lineage(), elsewhere, *decisions, *servers)}.values())
        shuffled = data.draw(st.permutations(events))
        folder = tmp_path_factory.mktemp("names")

        async def both() -> tuple[list[str], list[str]]:
            async with merging(neo4j, folder / "straight", parser) as straight:
                await straight.merge(*sorted(events, key=lambda one: (one.accepted_at, one.id)))
                expected = await described(straight)
            async with merging(neo4j, folder / "shaken", parser) as shaken:
                await _in_parts(shaken, shuffled, sizes)
                return expected, await described(shaken)

        expected, found = runner.run(both())
        assert set(found) - set(expected) == set(expected) - set(found)

    property_()
    runner.run(parser.close())


async def _in_parts(merge: Merging, events: Sequence[Envelope], sizes: Sequence[int]) -> None:
    left = list(events)
    for size in sizes:
        await merge.merge(*left[:size])
        left = left[size:]
    await merge.start_again()
    await merge.merge(*left)
