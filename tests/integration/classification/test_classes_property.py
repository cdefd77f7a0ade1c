"""Random lineage, circles included, and random decisions: step by step the same as one plain fix point over all."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from nexus_core.model.classes import OPEN, UNDECIDED, Act
from nexus_core.model.mark import HASH, mark
from tests.integration.classification.estate import Lineage, copied, from_scratch, key_of, known, lineage, named, whole

TABLES = ("a", "b", "c", "d")
FIELDS = ("x", "y")
tables, fields = st.sampled_from(TABLES), st.sampled_from(FIELDS)

writes = st.tuples(
    st.just("write"),
    tables,
    st.sampled_from(("j", "k")),
    st.lists(st.tuples(tables, fields, fields), max_size=3, unique=True),
    st.sampled_from(("", "x", "none")),
    st.booleans(),
)
decisions = st.tuples(
    st.just("decide"),
    st.sampled_from((Act.SET, Act.SET, Act.APPROVE, Act.REJECT, Act.BREAKER)),
    tables,
    st.sampled_from(("", *FIELDS)),
    st.sampled_from(("Public", "Confidential", "PII")),
    st.sampled_from(("anna", "bert")),
)
steps = st.lists(st.tuples(writes | decisions, st.booleans()), min_size=1, max_size=12)


async def do(running: Lineage, action: Any) -> None:
    if action[0] == "write":
        _, output, job, sources, told, hashed = action
        edges = [copied(f"{table}.{at}", f"{output}.{into}") for table, at, into in sources]
        edges += [whole(table, output) for table, _, _ in sources]
        edges += [] if told == "none" else [known(f"{output}.{told}" if told else output)]
        edges += [mark(named(output), "x", HASH)] if hashed else []
        await running.write(job, output, *edges)
        return
    _, act, table, at, class_name, by = action
    details: dict[str, Any] = {}
    if act is Act.REJECT:
        details = {"sources": [key_of(each) for each in TABLES[:2]]}
    if act is Act.BREAKER:
        details = {"job": ["jobs", "j"], "breaks": "hash"}
    await running.decide(act, f"{table}.{at}" if at else table, class_name, by, **details)


async def levels(running: Lineage) -> dict[tuple[str, str], tuple[str, bool]]:
    found = await running.effective(*TABLES)
    asked = [(key_of(table), at) for table in TABLES for at in ("", *FIELDS, "other")]
    return {one: (effective.class_name, effective.suspected) for one in asked if (effective := found.get(one))}


async def expected(running: Lineage, actions: list[Any]) -> dict[tuple[str, str], tuple[str, bool]]:
    found = await from_scratch(running, TABLES)
    asked = [(key_of(table), at) for table in TABLES for at in ("", *FIELDS, "other")]
    sets = [action for action, _ in actions if action[0] == "decide" and action[1] is Act.SET]
    public = {(key_of(table), at) for _, _, table, at, class_name, _ in sets if class_name == "Public"}
    return {
        (key, at): ("Public" if level == OPEN and public & {(key, at), (key, "")} else level.name, not level.certain)
        for key, at in asked
        for level in (found[key].level_of(at),)
    }


async def check(actions: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with lineage(Path(folder)) as running:
            for action, settles in actions:
                await do(running, action)
                if settles:
                    await running.settle()
            await running.settle()
            right = await expected(running, actions)
            assert {one: right[one] for one in await levels(running)} == await levels(running)
            silent = right.keys() - (await levels(running)).keys()
            assert all(right[one] == (UNDECIDED, False) for one in silent)


@given(steps)
@settings(max_examples=60)
def test_steps_give_what_a_fix_point_gives(actions: list[Any]) -> None:
    asyncio.run(check(actions))
