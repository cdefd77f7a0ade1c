"""Classes follow lineage: what is raised, suspected, broken and lowered, on a real store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from nexus_core.model.access import Reach, Scope
from nexus_core.model.classes import UNDECIDED, Act
from nexus_core.model.edge import EdgeKind
from nexus_core.model.mark import AGGREGATE, HASH, mark
from nexus_core.store.dataset_access import visible_in
from tests.integration.classification.estate import (
    Lineage,
    copied,
    key_of,
    known,
    lineage,
    named,
    whole,
)


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Lineage]:
    async with lineage(tmp_path) as found:
        yield found


async def test_a_class_follows_columns_and_tells_its_path(running: Lineage) -> None:
    await running.write("load", "b", copied("a.email", "b.mail"), copied("a.id", "b.id"), whole("a", "b"), known("b"))
    await running.write("more", "c", copied("b.mail", "c.contact"), whole("b", "c"), known("c"))
    await running.decide(Act.SET, "a.email", "PII")
    await running.settle()
    assert [await running.of(at) for at in ("a.email", "b.mail", "c.contact")] == ["PII"] * 3
    assert [await running.of(at) for at in ("a.id", "b.id", "c.other")] == [UNDECIDED] * 3
    assert await running.of("c") == "PII"


async def test_a_condition_propagates_and_a_filter_does_not(running: Lineage) -> None:
    edges = [
        copied("a.email", "b.is_known", "CONDITION", EdgeKind.INDIRECT),
        copied("a.name", "b", "FILTER", EdgeKind.INDIRECT),
    ]
    await running.write("load", "b", *edges, whole("a", "b"), known("b"))
    await running.decide(Act.SET, "a.email", "PII")
    await running.decide(Act.SET, "a.name", "Secret")
    await running.settle()
    assert await running.of("b.is_known") == "PII"
    assert await running.of("b.other") == UNDECIDED


async def test_unknown_inputs_are_suspected_until_a_steward_decides(running: Lineage) -> None:
    await running.write("load", "b", copied("a.id", "b.id"), whole("a", "b"), known("b.id"))
    await running.decide(Act.SET, "a.email", "PII")
    await running.settle()
    assert await running.of("b.id") == UNDECIDED
    assert await running.of("b.anything") == "suspected:PII"
    await running.decide(Act.REJECT, "b.total", "PII", sources=[key_of("a")])
    await running.settle()
    assert await running.of("b.total") == UNDECIDED
    assert await running.of("b.anything") == "suspected:PII"
    await running.decide(Act.ACCEPT, "b.anything", "PII")
    await running.settle()
    assert await running.of("b.anything") == "PII"


async def test_lost_lineage_lowers_only_once_approved(running: Lineage) -> None:
    await running.write("load", "b", copied("a.email", "b.x"), whole("a", "b"), known("b"))
    await running.write("more", "c", copied("b.x", "c.x"), whole("b", "c"), known("c"))
    await running.decide(Act.SET, "a.email", "PII")
    await running.settle()
    await running.write("load", "b", copied("a.id", "b.x"), whole("a", "b"), known("b"))
    await running.settle()
    assert [await running.of(at) for at in ("b.x", "c.x")] == ["PII", "PII"]
    (asked,) = await running.requests()
    assert (asked.field, asked.from_class, asked.to_class, asked.reason) == ("x", "PII", UNDECIDED, "lineage")
    await running.decide(Act.APPROVE, "b.x", by="bert")
    await running.settle()
    assert [await running.of(at) for at in ("b.x", "c.x")] == [UNDECIDED, UNDECIDED]
    assert await running.requests() == []


async def test_who_lowers_a_class_may_not_approve_it(running: Lineage) -> None:
    await running.decide(Act.SET, "a.email", "PII", by="anna")
    await running.decide(Act.SET, "a.email", "Public", by="bert")
    await running.settle()
    assert await running.of("a.email") == "PII"
    await running.decide(Act.APPROVE, "a.email", by="bert")
    await running.settle()
    assert await running.of("a.email") == "PII"
    await running.decide(Act.APPROVE, "a.email", by="anna")
    await running.settle()
    assert await running.of("a.email") == "Public"


@pytest.mark.parametrize(
    ("proof", "rule", "becomes"),
    [
        (mark(named("b"), "h", HASH), {"breaks": "hash"}, "Confidential"),
        (None, {"breaks": "hash"}, "PII"),
        (mark(named("b"), "h", HASH), {"breaks": "aggregate"}, "PII"),
        (mark(named("b"), "h", AGGREGATE, "10"), {"breaks": "aggregate", "least": 10}, UNDECIDED),
        (mark(named("b"), "h", AGGREGATE, "9"), {"breaks": "aggregate", "least": 10}, "PII"),
    ],
)
async def test_a_breaker_needs_rule_proof_and_approval(
    running: Lineage, proof: object, rule: dict[str, object], becomes: str
) -> None:
    edges = [copied("a.email", "b.h"), whole("a", "b"), known("b"), *([proof] if proof else [])]
    await running.write("load", "b", *edges)  # type: ignore[arg-type]
    await running.decide(Act.SET, "a.email", "PII")
    await running.decide(Act.BREAKER, "b.h", "Public", by="anna", job=["jobs", "load"], **rule)
    await running.settle()
    assert await running.of("b.h") == "PII"
    await running.decide(Act.APPROVE, "b.h", by="bert")
    await running.settle()
    assert await running.of("b.h") == becomes


async def test_a_harvested_view_that_is_redefined_needs_no_approval(running: Lineage) -> None:
    for source, becomes in (("a.email", "PII"), ("a.id", UNDECIDED)):
        edges = (copied(source, "v.x"), whole("a", "v"), known("v"))
        await running.write("v", "v", *edges, origin="view", principal="harvest")
        await running.decide(Act.SET, "a.email", "PII")
        await running.settle()
        assert await running.of("v.x") == becomes


async def test_circles_support_nothing(running: Lineage) -> None:
    await running.write("in", "b", copied("a.x", "b.x"), whole("a", "b"), known("b"))
    await running.write("there", "c", copied("b.x", "c.x"), whole("b", "c"), known("c"))
    await running.write("back", "b", copied("c.x", "b.x"), whole("c", "b"), known("b"))
    await running.decide(Act.SET, "a.x", "PII")
    await running.settle()
    assert [await running.of(at) for at in ("a.x", "b.x", "c.x")] == ["PII"] * 3
    await running.decide(Act.SET, "a.x", "Public", by="anna")
    await running.decide(Act.APPROVE, "a.x", by="bert")
    await running.settle()
    assert [await running.of(at) for at in ("a.x", "b.x", "c.x")] == ["Public", UNDECIDED, UNDECIDED]


async def test_parts_of_a_field_and_the_whole(running: Lineage) -> None:
    await running.write("load", "b", copied("a.person", "b.p"), copied("a.person.name", "b.n"), known("b"))
    await running.decide(Act.SET, "a.person.name", "PII")
    await running.settle()
    assert [await running.of(at) for at in ("a.person", "a.person.age", "b.p", "b.n")] == [
        "PII",
        UNDECIDED,
        "PII",
        "PII",
    ]


async def test_nothing_is_classified_before_it_was_looked_at(running: Lineage) -> None:
    assert await running.of("a.email") is None
    await running.write("load", "b", copied("a.email", "b.x"), known("b"))
    assert await running.of("b.x") is None
    await running.settle()
    assert await running.of("b.x") == UNDECIDED


async def test_ceilings_of_scopes_follow_what_is_enforced(running: Lineage) -> None:
    await running.write("load", "b", copied("a.email", "b.mail"), whole("a", "b"), known("b"))
    await running.write("more", "c", copied("b.id", "c.id"), whole("b", "c"), known("c"))
    asked = [named(table) for table in ("b", "c", "nobody")]
    public = Scope((Reach(ceiling="Public"),))
    assert await visible_in(running.store, public, asked) == frozenset()  # what is not classified yet is hidden
    await running.settle()
    assert await visible_in(running.store, public, asked) == frozenset()  # nor does looking at it decide anything
    await running.decide(Act.SET, "c.id", "Public")  # which says nothing of what else c may hold
    await running.decide(Act.SET, "b", "Public")
    await running.settle()
    assert await visible_in(running.store, public, asked) == {named("b")}
    await running.decide(Act.SET, "c", "Public")
    await running.decide(Act.SET, "a.email", "PII")
    await running.settle()
    assert await visible_in(running.store, public, asked) == {named("c")}
    assert await visible_in(running.store, Scope((Reach(ceiling="PII"),)), asked) == {named("b"), named("c")}


async def test_what_a_steward_calls_public_is_public_and_what_follows_from_it_is_not(running: Lineage) -> None:
    await running.write("load", "b", copied("a.id", "b.id"), whole("a", "b"), known("b"))
    await running.decide(Act.SET, "a", "Public")
    await running.decide(Act.SET, "b.person", "Public")
    await running.settle()
    asked = ("a", "a.id", "b.person", "b.person.name", "b.id", "b")
    assert [await running.of(at) for at in asked] == ["Public"] * 4 + [UNDECIDED] * 2
