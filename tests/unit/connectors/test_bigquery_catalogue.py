from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from nexus_core.connectors._bigquery_catalogue import SHARDS_MAX, Catalogue, ReadSettings, in_order, shards
from nexus_core.connectors._bigquery_objects import dataset, field, file_name
from nexus_core.connectors.report import Report


class Project:
    """Answers for a project of ten datasets with `count` tables each."""

    def __init__(self, count: int, pattern: str = "t{:06}") -> None:
        self._count, self._pattern = count, pattern

    def datasets(self, project: str) -> Iterator[str]:
        return (f"d{number}" for number in range(10))

    def tables(self, project: str, dataset: str) -> Iterator[str]:
        return (self._pattern.format(number) for number in range(self._count))

    def table(self, name: str) -> dict[str, Any]:
        project, dataset, table = name.split(".")
        reference = {"projectId": project, "datasetId": dataset, "tableId": table}
        return {"tableReference": reference, "schema": {"fields": [{"name": "id", "type": "INTEGER"}]}}

    def routines(self, project: str, dataset: str) -> Iterator[str]:
        return iter(())

    def rows(self, table: Any, columns: Any, count: int) -> Iterator[Any]:
        raise AssertionError("nobody asked for rows")

    def routine(self, name: str) -> dict[str, Any]:
        raise AssertionError(name)


def _catalogue(project: Project, parallelism: int = 2) -> Catalogue:
    return Catalogue(project, "demo", ReadSettings(port=443, parallelism=parallelism), Report())


def test_memory_stays_flat_however_many_tables() -> None:
    few, many = _peak(20), _peak(300)
    assert many - few < 400_000


def _peak(count: int) -> int:
    """The most bytes held while ten datasets are read; names are cached within bounds, so read once before."""
    assert sum(1 for _ in _catalogue(Project(count)).datasets()) == 10 * count
    tracemalloc.start()
    try:
        assert sum(1 for _ in _catalogue(Project(count)).datasets()) == 10 * count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_tables_that_differ_in_their_dates_are_one() -> None:
    names = ["a_20260101", "a_20260102", "b_20260101", "c", "d_20261301", "d_20261302", "e_20260101x"]
    assert [(each.stem, list(each.tables)) for each in shards(names)] == [
        ("a", ["a_20260101", "a_20260102"]),
        (None, ["b_20260101"]),
        (None, ["c"]),
        (None, ["d_20261301"]),
        (None, ["d_20261302"]),
        (None, ["e_20260101x"]),
    ]


def test_the_newest_shards_are_named() -> None:
    names = iter(
        [f"e_{year}{month:02}{day:02}" for year in range(2000, 2030) for month in (1, 2) for day in range(1, 29)]
    )

    class Sharded(Project):
        def datasets(self, project: str) -> Iterator[str]:
            return iter(["d"])

        def tables(self, project: str, dataset: str) -> Iterator[str]:
            return names

    (found,) = _catalogue(Sharded(0)).datasets()
    assert found.name.name == "demo.d.e_*"
    assert found.partitioning is not None
    assert len(found.partitioning.partitions) == SHARDS_MAX
    assert found.partitioning.partitions[-1].name.name == "demo.d.e_20290228"


def test_gives_in_order_what_is_read_at_once() -> None:
    assert list(in_order(4, range(100), lambda number: number * 2)) == [number * 2 for number in range(100)]


def test_a_reader_who_leaves_stops_the_reading() -> None:
    read: list[int] = []
    found = in_order(2, iter(range(1_000_000)), read.append)
    next(found)
    found.close()
    assert len(read) <= 5
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("nexus-bigquery")]


@pytest.mark.parametrize(
    ("resource", "written"),
    [
        ({"type": "INTEGER"}, "INT64"),
        ({"type": "NUMERIC", "precision": "10", "scale": "2"}, "NUMERIC(10, 2)"),
        ({"type": "STRING", "mode": "REPEATED", "maxLength": "5"}, "ARRAY<STRING(5)>"),
        ({"type": "RECORD", "fields": [{"name": "a", "type": "BOOLEAN"}]}, "STRUCT<a BOOL>"),
        ({"type": "GEOGRAPHY"}, "GEOGRAPHY"),
    ],
)
def test_types_as_sql_writes_them(resource: dict[str, Any], written: str) -> None:
    assert field({"name": "f", **resource}).type == written


@pytest.mark.parametrize(
    ("uri", "namespace", "name"),
    [
        ("gs://bucket/a/*.csv", "gs://bucket", "a/*.csv"),
        ("gs://bucket", "gs://bucket", "/"),
        ("https://drive.google.com/open?id=key", "https://drive.google.com", "open"),
        ("nonsense", "file", "nonsense"),
    ],
)
def test_files(uri: str, namespace: str, name: str) -> None:
    assert (file_name(uri).namespace, file_name(uri).name) == (namespace, name)


def test_tables_of_domain_projects_and_without_schema() -> None:
    reference = {"projectId": "acme.example:shop", "datasetId": "d", "tableId": "t"}
    found = dataset({"tableReference": reference})
    assert (found.name.name, found.fields) == ("acme.example:shop.d.t", ())
