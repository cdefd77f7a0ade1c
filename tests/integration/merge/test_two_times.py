"""What held when, and what was believed when, asked of a graph that the worker made."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from nexus_core.errors import NotFoundError
from nexus_core.graph.read import read_lineage
from nexus_core.graph.read_answer import Direction, Granularity, LineageQuery
from nexus_core.model.access import EVERYTHING
from nexus_core.model.envelope import Envelope
from tests.merging import (
    EPOCH,
    HARVESTER,
    SPACE,
    Merging,
    at,
    column_facet,
    dataset,
    dataset_event,
    envelope,
    run_event,
)

pytestmark = pytest.mark.service


def accepted(event: dict, minutes: float, *authority: object) -> Envelope:
    return replace(envelope(event, *authority), accepted_at=EPOCH + timedelta(minutes=minutes))


def copies(source: str, minutes: float, run: str, accepted_minutes: float, target: str = "t") -> Envelope:
    facet = column_facet({"a": [(source, "a")]})
    event = run_event(
        "COMPLETE", minutes, run, inputs=[dataset(source)], outputs=[dataset(target, columnLineage=facet)]
    )
    return accepted(event, accepted_minutes)


async def sources(
    merge: Merging, as_of: float | None = None, known_at: float | None = None, field: str | None = "a"
) -> set[str]:
    """Names that feed `t.a`, or `t` where no field is asked for; `?`: by unknown columns; empty: not known."""
    query = LineageQuery(
        SPACE,
        "shop.public.t",
        field,
        direction=Direction.UPSTREAM,
        granularity=Granularity.FIELD if field else Granularity.DATASET,
        as_of=None if as_of is None else datetime.fromisoformat(at(as_of)),
        known_at=None if known_at is None else datetime.fromisoformat(at(known_at)),
    )
    try:
        answer = await read_lineage(merge.graph, query, EVERYTHING, 30)
    except NotFoundError:
        return set()
    found = [node.found for node in answer.nodes if node.found and not node.found.name.endswith(".t")]
    unknown = "" if field is None else "?"
    return {each.name.removeprefix("shop.public.") + ("" if each.field else unknown) for each in found}


async def test_a_late_event_recuts_what_it_touches_and_the_former_belief_stays(merge: Merging) -> None:
    await merge.merge(copies("one", 10, "r1", 11), copies("three", 30, "r3", 31))
    await merge.merge(copies("two", 20, "r2", 100))  # 80 minutes late
    assert [await sources(merge, minute) for minute in (15, 25, 35)] == [{"one"}, {"two"}, {"three"}]
    assert [await sources(merge, minute, known_at=90) for minute in (15, 25, 35)] == [{"one"}, {"one"}, {"three"}]
    assert [await sources(merge, minute, known_at=20) for minute in (5, 15, 35)] == [set(), {"one"}, {"one"}]
    assert await sources(merge, 15, known_at=5) == set()
    assert await sources(merge, known_at=20) == {"one"}
    assert await sources(merge) == {"three"}


async def test_dataset_lineage_as_it_was_known(merge: Merging) -> None:
    await merge.merge(copies("one", 10, "r1", 11), copies("one", 30, "r3", 31))
    await merge.merge(copies("two", 20, "r2", 100))
    assert await sources(merge, 25, known_at=99, field=None) == {"one"}
    assert await sources(merge, 25, known_at=100, field=None) == {"two"}
    assert await sources(merge, 35, known_at=100, field=None) == {"one"}


async def test_a_schema_that_comes_later_makes_a_new_belief(merge: Merging) -> None:
    sql = "insert into public.t select * from public.s"
    run = run_event("COMPLETE", 10, "r1", sql=sql, inputs=[dataset("s")], outputs=[dataset("t")])
    await merge.merge(accepted(run, 11))
    assert await sources(merge, 15, field=None) == {"s"}
    for name in ("s", "t"):
        await merge.merge(accepted(dataset_event(5, dataset(name, {"a": "int"})), 50, HARVESTER, "harvester"))
    assert await sources(merge, 15) == {"s"}
    assert await sources(merge, 15, known_at=40) == {"s?"}
    assert await sources(merge, 15, known_at=40, field=None) == {"s"}


async def test_a_read_as_of_a_time_shows_the_schema_of_that_time(merge: Merging) -> None:
    await merge.merge(
        accepted(dataset_event(10, dataset("t", {"a": "int", "gone": "text"})), 11, HARVESTER, "harvester"),
        accepted(dataset_event(20, dataset("t", {"a": "bigint", "new": "text"})), 21, HARVESTER, "harvester"),
    )

    async def fields(as_of: float | None) -> dict[str | None, str | None]:
        moment = None if as_of is None else datetime.fromisoformat(at(as_of))
        query = LineageQuery(SPACE, "shop.public.t", granularity=Granularity.FIELD, as_of=moment)
        answer = await read_lineage(merge.graph, query, EVERYTHING, 30)
        return {node.found.field: node.found.type for node in answer.nodes if node.found}

    assert await fields(15) == {"a": "int", "gone": "text"}
    assert await fields(25) == {"a": "bigint", "new": "text"}
    assert await fields(None) == {"a": "bigint", "new": "text"}
