"""A tag that classifies is a proposal, in any order of events, until a steward decides."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from nexus_core.catalogue.record import record_of
from nexus_core.model.aliases import Aliases
from nexus_core.model.classes import Act
from nexus_core.store.class_proposals import tagged
from nexus_core.store.database import reading, writing
from tests.integration.classification.estate import Lineage, lineage
from tests.merging import dataset, dataset_event, envelope


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Lineage]:
    async with lineage(tmp_path) as found:
        yield found


async def proposed(running: Lineage) -> list[tuple[str, str]]:
    async with reading(running.store) as connection:
        return [(row.field, row.class_name) for row in await tagged(connection, 10)]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_the_latest_tag_proposes(running: Lineage, order: tuple[int, int]) -> None:
    told = [
        {"tags": [{"key": "Classification", "value": value, "field": "Email"}, {"key": "team", "value": "sales"}]}
        for value in ("Public", "PII")
    ]
    events = [envelope(dataset_event(at, dataset("people", tags=tags))) for at, tags in enumerate(told)]
    for at in order:
        async with writing(running.store) as connection:
            await record_of([events[at]], Aliases())(connection)
    assert await proposed(running) == [("email", "PII")]
    assert await running.of("people.email") is None
    await running.decide(Act.REJECT, "people.email")
    assert await proposed(running) == []
