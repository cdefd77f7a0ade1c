"""The life of one dataset or field, newest first."""

from __future__ import annotations

import pytest

from tests.integration.changes.conftest import Estate, short
from tests.integration.changes.test_diff import copies
from tests.merging import HARVESTER, SPACE, at, dataset, dataset_event, envelope

pytestmark = pytest.mark.service


async def test_a_dataset_tells_of_its_schema_of_edges_in_and_out_and_of_drops(estate: Estate) -> None:
    described = dataset("t", {"a": "int"})
    dropped = dataset("t", lifecycleStateChange={"lifecycleStateChange": "DROP"})
    await estate.merge.merge(
        envelope(dataset_event(5, described), HARVESTER),
        copies("s", 10, "r1", "into"),
        copies("t", 20, "r2", "out", "u"),
        copies("x", 25, "r3", "elsewhere", "y"),
        copies("x", 30, "r4", "out", "u"),
        copies("t", 35, "r5", "out", "u"),
        envelope(dataset_event(40, dropped), HARVESTER),
    )
    rows = await estate.history(SPACE, "shop.public.t")
    assert [(row["at"], *each) for row, each in zip(rows, short(rows), strict=True)] == [
        (at(40), "removed", "edge", "s>t DATASET", ""),
        (at(40), "removed", "field", "t.a int", ""),
        (at(40), "removed", "edge", "s.a>t.a DIRECT", ""),
        (at(40), "removed", "edge", "t>u DATASET", ""),
        (at(40), "removed", "edge", "t.a>u.a DIRECT", ""),
        (at(35), "added", "edge", "", "t>u DATASET"),
        (at(35), "added", "edge", "", "t.a>u.a DIRECT"),
        (at(30), "removed", "edge", "t>u DATASET", ""),
        (at(30), "removed", "edge", "t.a>u.a DIRECT", ""),
        (at(20), "added", "edge", "", "t>u DATASET"),
        (at(20), "added", "edge", "", "t.a>u.a DIRECT"),
        (at(10), "added", "edge", "", "s>t DATASET"),
        (at(10), "added", "edge", "", "s.a>t.a DIRECT"),
        (at(5), "added", "field", "", "t.a int"),
    ]
    for limit in (1, 3):
        assert await estate.history(SPACE, "shop.public.t", limit=limit) == rows


async def test_a_source_dropped_suspends_what_reads_it_and_its_return_revives_it(estate: Estate) -> None:
    gone, back = (dataset("s", lifecycleStateChange={"lifecycleStateChange": to}) for to in ("DROP", "CREATE"))
    await estate.merge.merge(
        copies("s", 10, "r1"),
        envelope(dataset_event(20, gone), HARVESTER),
        envelope(dataset_event(30, back), HARVESTER),
    )
    rows = await estate.history(SPACE, "shop.public.t", field="a")
    assert [(row["at"], row["op"]) for row in rows] == [(at(30), "added"), (at(20), "removed"), (at(10), "added")]
    assert {row["op"] for row in await estate.diff(at(15), at(25))} == {"removed"}
    assert await estate.diff(at(15), at(35)) == []


async def test_a_field_has_a_history_of_its_own(estate: Estate) -> None:
    await estate.merge.merge(
        envelope(dataset_event(5, dataset("t", {"a": "int", "b": "int"})), HARVESTER),
        copies("s", 10, "r1"),
        envelope(dataset_event(20, dataset("t", {"a": "bigint"})), HARVESTER),
    )
    rows = await estate.history(SPACE, "shop.public.t", field="a")
    assert short(rows) == [
        ("changed", "type", "t.a int", "t.a bigint"),
        ("added", "edge", "", "s.a>t.a DIRECT"),
        ("added", "field", "", "t.a int"),
    ]
    assert len(await estate.history(SPACE, "shop.public.t", field="b")) == 2
    for unknown in ({"name": "shop.public.t", "field": "zzz"}, {"name": "shop.public.none"}):
        assert (await estate.get("history", namespace=SPACE, **unknown))[0] == 404
    known = await estate.history(SPACE, "shop.public.t", field="a", known_at=at(15))
    assert short(known) == short(rows)[1:]
