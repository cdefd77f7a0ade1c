"""The condition of SQL lets through what the scope itself does, in both databases, whatever names and patterns are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from nexus_core.model.access import CLASSES, UNKNOWN, Attributes, Reach, Scope
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName
from nexus_core.settings import Settings
from nexus_core.store.catalogue_tables import catalogue_dataset
from nexus_core.store.database import Store, open_store, reading, writing
from nexus_core.store.dataset_access import AccessRow, put_access, visible_in
from nexus_core.store.scope_condition import condition
from tests.stores import STORES

_PARTS = ["a", "b/", "é", "*", "?", "[", "]", "^", "-", "!", "\\", "'", ";", "%", "_", ".", "A", "\n", ":x", "(", "$"]
_PIECES = ["*", "?", "[a]", "[!a]", "[a-c]", "[]a]", "[!]a]", "[^a]", "[-a]", "[", "[[]", "[*]", *_PARTS]
_names = st.lists(st.sampled_from(_PARTS), min_size=1, max_size=4).map("".join)
_patterns = st.lists(st.sampled_from(_PIECES), min_size=1, max_size=4).map("".join)
_several = st.none() | st.lists(_patterns, max_size=3).map(tuple)
_plain = st.builds(
    Reach,
    namespaces=_several,
    datasets=_several,
    domains=st.none() | st.lists(st.sampled_from(["sales", "o'x"]), max_size=2).map(tuple),
    ceiling=st.sampled_from([None, None, *CLASSES, "Secret"]),
)
_reaches = _plain | st.builds(lambda one, other: Scope((one,)).limited_to(Scope((other,))).reaches[0], _plain, _plain)
_scopes = st.lists(_reaches, max_size=3).map(lambda reaches: Scope(tuple(reaches)))
_attributes = st.builds(
    Attributes, st.sampled_from([None, "sales", "o'x"]), st.sampled_from([None, *CLASSES, "Secret"]), st.just(1)
)
_datasets = st.dictionaries(st.builds(DatasetName, _names, _names), st.none() | _attributes, min_size=1, max_size=6)


@dataclass
class Opened:
    """A store on a loop of its own, which hypothesis asks again and again."""

    runner: asyncio.Runner
    store: Store


@pytest.fixture(params=STORES, scope="module")
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with asyncio.Runner() as runner:
        made: Settings = runner.run(STORES[request.param](request, tmp_path_factory.mktemp("store")))  # type: ignore[arg-type]
        store = open_store(made.store_url)
        yield Opened(runner, store)
        runner.run(store.dispose())


@given(scope=_scopes, datasets=_datasets)
@example(scope=Scope((Reach(("[^a]*",)),)), datasets={DatasetName("^a", "x"): None, DatasetName("b", "x"): None})
@example(scope=Scope((Reach(datasets=("[[]a/*",)),)), datasets={DatasetName("[a", "x"): None})
@settings(max_examples=150)
def test_a_row_is_seen_as_the_scope_sees_it(
    opened: Opened, scope: Scope, datasets: dict[DatasetName, Attributes | None]
) -> None:
    told = {name: of or UNKNOWN for name, of in datasets.items()}
    oracle = {name for name in datasets if scope.sees(name, told[name])}
    by_sql, by_python = opened.runner.run(_asked(opened.store, scope, datasets))
    assert by_python == oracle
    assert by_sql <= oracle  # never more than the scope itself
    if not any(_is_read_otherwise(pattern) for reach in scope.reaches for pattern in _all_patterns(reach)):
        assert by_sql == oracle


async def _asked(
    store: Store, scope: Scope, datasets: dict[DatasetName, Attributes | None]
) -> tuple[set[DatasetName], frozenset[DatasetName]]:
    async with writing(store) as connection:
        await connection.execute(text("DELETE FROM catalogue_dataset"))
        await connection.execute(text("DELETE FROM dataset_access"))
        rows = [
            {"dataset_key": node_key(name.id), "namespace": name.namespace, "name": name.name, **_REST}
            for name in datasets
        ]
        await connection.execute(catalogue_dataset.insert(), rows)
        await put_access(
            connection,
            [
                AccessRow(node_key(name.id), name.namespace, name.name, of.domain, of.class_name, of.generation)
                for name, of in datasets.items()
                if of is not None
            ],
        )
    seen, parameters = condition(scope, store.dialect.name, "c")
    async with reading(store) as connection:
        query = text(f"SELECT namespace, name FROM catalogue_dataset c WHERE {seen}")
        found = {DatasetName(*row) for row in await connection.execute(query, parameters)}
    return found, await visible_in(store, scope, datasets)


_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
_REST = {"first_seen_at": _MOMENT, "last_seen_at": _MOMENT, "stamps": b"{}"}


def _all_patterns(reach: Reach) -> list[str]:
    own = [*(reach.namespaces or ()), *(reach.datasets or ())]
    return [*own, *(pattern for other in reach.also for pattern in _all_patterns(other))]


def _is_read_otherwise(pattern: str) -> bool:
    """Sets that databases cannot say match nothing there; `governance.scopes` refuses them."""
    return (
        "[^" in pattern
        or "[!^" in pattern
        or "[[" in pattern
        or pattern.count("[") != pattern.count("]")
        or "-" in pattern
    )
