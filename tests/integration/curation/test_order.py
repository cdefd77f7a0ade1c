"""Edits that are merged in any order, and as often as one likes, leave the catalogue as it was edited."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from nexus_core.catalogue.curated import edited_slots
from nexus_core.catalogue.identity import load_known
from nexus_core.catalogue.record import record_of
from nexus_core.eventlog.opening import open_log
from nexus_core.eventlog.partition import ALL_PARTITIONS
from nexus_core.governance.curation import Curation, Edit
from nexus_core.model.aliases import Aliases
from nexus_core.model.curation import Facet, Subject, SubjectKind
from nexus_core.model.envelope import Envelope
from nexus_core.model.names import DatasetName
from nexus_core.store.database import open_store, reading, writing
from tests.stores import sqlite_settings

NAME = DatasetName("postgres://db:5432", "shop.public.orders")
Drawn = tuple[str, Facet, dict[str, str] | None, tuple[str, ...], tuple[str, ...]]
"""Field, facet, value, what is added and what removed."""

_LABELS = st.lists(st.sampled_from(["a", "b", "c:1"]), max_size=2).map(tuple)
_EDITS = st.one_of(
    st.builds(
        lambda field, text: (field, Facet.DESCRIPTION, {"text": text}, (), ()),
        st.sampled_from(["", "id"]),
        st.sampled_from(["x", "y", "Ü"]),
    ),
    st.builds(lambda facet: ("", facet, None, (), ()), st.sampled_from([Facet.DESCRIPTION, Facet.TAGS])),
    st.builds(
        lambda facet, add, remove: ("", facet, None, add, remove),
        st.sampled_from([Facet.TAGS, Facet.OWNERS]),
        _LABELS,
        _LABELS,
    ),
)


@settings(max_examples=15)
@given(edits=st.lists(_EDITS, min_size=1, max_size=8), seed=st.integers(0, 2**32))
def test_any_order_and_repetition_of_edits_gives_the_same_catalogue(edits: Sequence[Drawn], seed: int) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_check(Path(folder), edits, random.Random(seed)))


async def _check(folder: Path, edits: Sequence[Drawn], chance: random.Random) -> None:
    stored = await sqlite_settings(folder)
    main = open_store(stored.store_url)
    try:
        log = await open_log(main, stored)
        curation = Curation(main, log)
        for field, facet, value, add, remove in edits:
            subject = Subject(SubjectKind.DATASET, NAME.name, NAME.namespace, field)
            await curation.edit("someone", [Edit(subject, facet, value, add, remove)])
        events = await log.pending(ALL_PARTITIONS, 100)
        shuffled = [*events, *chance.choices(events, k=len(events))] if events else []
        chance.shuffle(shuffled)
        for part in _parts(shuffled, chance):
            async with writing(main) as connection:
                await record_of(part, Aliases())(connection)
        async with reading(main) as connection:
            known = await load_known(connection, [NAME], Aliases())
        assert (dict(known[0].slots) if known else {}) == await edited_slots(
            main, [Subject(SubjectKind.DATASET, NAME.name, NAME.namespace).key]
        )
    finally:
        await main.dispose()


def _parts(events: Sequence[Envelope], chance: random.Random) -> list[Sequence[Envelope]]:
    cut = chance.randint(0, len(events))
    return [part for part in (events[:cut], events[cut:]) if part]
