"""What differs between two moments, with its cause, after a real worker has merged real events."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from nexus_core.model.envelope import Envelope
from tests.integration.changes.conftest import Estate, short
from tests.merging import EPOCH, HARVESTER, SPACE, at, column_facet, dataset, dataset_event, envelope, run_event

pytestmark = pytest.mark.service
TARGET = "shop.public.t"


def copies(
    source: str, minutes: float, run: str, job: str = "job", target: str = "t", accepted: float | None = None
) -> Envelope:
    """A run that fills `target.a` from `source.a`."""
    facet = column_facet({"a": [(source, "a")]})
    outputs = [dataset(target, columnLineage=facet)]
    made = envelope(run_event("COMPLETE", minutes, run, job, inputs=[dataset(source)], outputs=outputs))
    return made if accepted is None else replace(made, accepted_at=EPOCH + timedelta(minutes=accepted))


def inserts(sql: str, minutes: float, run: str) -> Envelope:
    return envelope(run_event("COMPLETE", minutes, run, sql=sql, inputs=[dataset("s")], outputs=[dataset("t")]))


async def test_what_a_run_changes_names_its_cause(estate: Estate) -> None:
    first = envelope(dataset_event(0, dataset("s", {"a": "int", "b": "int"})), HARVESTER)
    second = inserts("insert into public.t (x) select a from public.s where b = 'secret'", 10, "run1")
    await estate.merge.merge(first, second)
    rows = await estate.diff(at(5), at(15))
    assert short(rows) == [
        ("added", "edge", "", "s>t DATASET"),
        ("added", "edge", "", "s.b>t INDIRECT FILTER"),
        ("added", "edge", "", "s.a>t.x DIRECT IDENTITY"),
    ]
    shown = "insert into public.t (x) select a from public.s where b = 'xxxxxx'"
    assert [row["cause"] for row in rows] == [{"event": second.id, "run": "run1", "sql": shown}] * 3
    assert {row["at"] for row in rows} == {at(10)}
    assert rows[2]["after"]["job"] == {"namespace": "airflow", "name": "job"}


async def test_another_expression_is_a_changed_transformation(estate: Estate) -> None:
    await estate.merge.merge(
        inserts("insert into public.t (x) select a from public.s", 10, "run1"),
        inserts("insert into public.t (x) select a * 2 from public.s", 20, "run2"),
    )
    rows = await estate.diff(at(15), at(25))
    assert [row[:2] for row in short(rows)] == [("changed", "transformation")]
    assert (rows[0]["before"]["subtype"], rows[0]["after"]["subtype"]) == ("IDENTITY", "TRANSFORMATION")
    assert rows[0]["cause"]["run"] == "run2"


async def test_a_source_exchanged_is_one_edge_less_and_one_more(estate: Estate) -> None:
    await estate.merge.merge(copies("one", 10, "r1"), copies("two", 20, "r2"))
    rows = await estate.diff(at(15), at(25))
    assert set(short(rows)) == {
        ("removed", "edge", "one>t DATASET", ""),
        ("added", "edge", "", "two>t DATASET"),
        ("removed", "edge", "one.a>t.a DIRECT", ""),
        ("added", "edge", "", "two.a>t.a DIRECT"),
    }
    assert {row["cause"]["run"] for row in rows} == {"r2"}
    assert await estate.diff(at(21), at(25)) == []


async def test_there_and_back_is_no_difference(estate: Estate) -> None:
    await estate.merge.merge(copies("one", 10, "r1"), copies("two", 20, "r2"), copies("one", 30, "r3"))
    assert await estate.diff(at(15), at(35)) == []
    rows = await estate.diff(at(25), at(35))
    assert {row["cause"]["run"] for row in rows} == {"r3"}


async def test_an_edge_of_two_writers_goes_only_when_both_end_it(estate: Estate) -> None:
    await estate.merge.merge(
        copies("one", 10, "a1", "job a"),
        copies("one", 11, "b1", "job b"),
        copies("two", 20, "a2", "job a"),
        copies("two", 30, "b2", "job b"),
    )
    assert {row[2:] for row in short(await estate.diff(at(15), at(25)))} == {
        ("", "two>t DATASET"),
        ("", "two.a>t.a DIRECT"),
    }
    rows = await estate.diff(at(25), at(35))
    assert {row[2:] for row in short(rows)} == {("one>t DATASET", ""), ("one.a>t.a DIRECT", "")}
    assert {row["cause"]["run"] for row in rows} == {"b2"}


async def test_a_late_event_recuts_what_was_known_before(estate: Estate) -> None:
    await estate.merge.merge(copies("one", 10, "r1", accepted=11), copies("three", 30, "r3", accepted=31))
    await estate.merge.merge(copies("two", 20, "r2", accepted=100))
    late = await estate.diff(at(15), at(25))
    assert {(row[0], (row[2] or row[3]).partition(">")[0]) for row in short(late)} == {
        ("removed", "one"),
        ("added", "two"),
        ("removed", "one.a"),
        ("added", "two.a"),
    }
    assert await estate.diff(at(15), at(25), known_at=at(99)) == []
    known = await estate.diff(at(15), at(35), known_at=at(99))
    assert {row["cause"]["run"] for row in known} == {"r3"}
    assert "two" not in str(known)


async def test_fields_come_go_and_change_their_type(estate: Estate) -> None:
    await estate.merge.merge(
        envelope(dataset_event(10, dataset("t", {"a": "int", "b": "text"})), HARVESTER),
        envelope(dataset_event(20, dataset("t", {"a": "bigint", "c": "date"})), HARVESTER),
    )
    assert short(await estate.diff(at(15), at(25))) == [
        ("changed", "type", "t.a int", "t.a bigint"),
        ("removed", "field", "t.b text", ""),
        ("added", "field", "", "t.c date"),
    ]
    assert {row[:2] for row in short(await estate.diff(at(5), at(15)))} == {("added", "field")}


async def test_the_whole_estate_pages_in_order_and_streams_the_same(estate: Estate) -> None:
    await estate.merge.merge(*(copies("s", 10, f"r{n}", f"job{n}", f"t{n:02}") for n in range(12)))
    whole = await estate.diff(at(5), at(15))
    assert len(whole) == 24
    assert [row["dataset"] for row in whole] == sorted(row["dataset"] for row in whole)
    for limit in (1, 5, 24):
        assert await estate.diff(at(5), at(15), limit=limit) == whole
    async with estate.client.stream(
        "GET",
        "/api/v1/lineage/diff",
        params={"from": at(5), "to": at(15)},
        headers={"Accept": "application/x-ndjson"},
    ) as answer:
        assert answer.headers["content-type"].startswith("application/x-ndjson")
        assert [orjson.loads(line) async for line in answer.aiter_lines()] == whole
    assert await estate.diff(at(5), at(15), namespace=SPACE) == whole
    assert await estate.diff(at(5), at(15), namespace="postgres://other:5432") == []


async def test_a_dataset_is_compared_with_what_is_around_it_at_either_moment(estate: Estate) -> None:
    await estate.merge.merge(
        copies("a", 10, "r1", "j1", "b"), copies("b", 10, "r2", "j2", "c"), copies("x", 10, "r3", "j3", "y")
    )

    async def around(depth: int) -> set[str]:
        rows = await estate.diff(at(5), at(15), namespace=SPACE, name="shop.public.c", depth=depth)
        return {row[3] for row in short(rows) if "DATASET" in row[3]}

    assert await around(1) == {"b>c DATASET"}
    assert await around(2) == {"b>c DATASET", "a>b DATASET"}
    await estate.merge.merge(copies("z", 20, "r4", "j1", "b"))
    rows = await estate.diff(at(15), at(25), namespace=SPACE, name="shop.public.c")
    assert {row["op"] for row in rows} == {"added", "removed"}


async def test_what_a_reader_may_not_see_is_left_out(estate: Estate) -> None:
    secret = {"namespace": "postgres://secret:5432", "name": "x.y.z", "facets": {}}
    facet = column_facet({"a": [("s", "a")]})
    facet["fields"]["b"] = {"inputFields": [{"namespace": secret["namespace"], "name": "x.y.z", "field": "k"}]}
    both = run_event("COMPLETE", 10, "r1", inputs=[dataset("s"), secret], outputs=[dataset("t", columnLineage=facet)])
    await estate.merge.merge(envelope(both))
    created = await estate.tokens.create("narrow", [f"viewer:{SPACE}"])
    headers = {"Authorization": f"Bearer {created.secret}"}
    answer = await estate.client.get("/api/v1/lineage/diff", params={"from": at(5), "to": at(15)}, headers=headers)
    assert {row[3] for row in short(answer.json()["changes"])} == {"s>t DATASET", "s.a>t.a DIRECT"}
    assert "secret" not in answer.text
    for name in ("x.y.z", "nothing"):
        asked = {"namespace": secret["namespace"], "name": name}
        assert (await estate.client.get("/api/v1/lineage/history", params=asked, headers=headers)).status_code == 404


WRONG = (
    ({"from": at(10), "to": at(10)}, "$.query.from"),
    ({"from": at(10), "to": at(5)}, "$.query.from"),
    ({"from": "2026-01-01T00:00:00"}, "$.query.from"),
    ({"from": at(1), "to": "2026-01-02T00:00:00"}, "$.query.to"),
    ({"from": at(1), "known_at": "2026-01-02T00:00:00"}, "$.query.known_at"),
    ({"from": "yesterday"}, "$.query.from"),
    ({}, "$.query.from"),
    ({"from": at(1), "cursor": "x"}, "$.query.cursor"),
    ({"from": at(1), "cursor": "W10="}, "$.query.cursor"),
    ({"from": at(1), "name": "t"}, "$.query.namespace"),
)


async def test_wrong_questions_are_refused_with_advice(estate: Estate) -> None:
    for query, path in WRONG:
        status, problem = await estate.get("diff", **query)
        assert (status, problem["path"]) == (422, path), query
    assert (await estate.get("diff", **{"from": at(1), "namespace": SPACE, "name": "no"}))[0] == 404
