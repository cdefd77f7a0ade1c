"""Reads the tables and routines of a project through BigQuery's REST API, a bounded number at once, in order."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import Protocol, TypeVar

from pydantic import Field

from nexus_core.connectors import _bigquery_objects as objects
from nexus_core.connectors._samples import Look, Rows, SampledSettings, UnreadError, leaves, sampler, within
from nexus_core.connectors.objects import DatasetKind, SourceDataset, SourceField, SourceJob
from nexus_core.connectors.report import Report

SHARDS_MAX = 1_000
"""Most shards of one table that are listed by name, the newest; statements over older ones name them by pattern."""
_STORED = frozenset({DatasetKind.TABLE, DatasetKind.PARTITIONED_TABLE})
_SHARD = re.compile(r"(?P<stem>.+)_(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_Given = TypeVar("_Given")
_Found = TypeVar("_Found")


class ReadSettings(SampledSettings):
    """The settings that this module reads; `parallelism` tables are asked for at once."""

    parallelism: int = Field(8, ge=1, le=32, description="Tables that are asked for at once.")


class Missing(Exception):  # noqa: N818 - it is an answer, which never leaves the connector
    """An object is gone, or the account may not read it (`denied`)."""

    def __init__(self, reason: str, *, denied: bool) -> None:
        self.reason, self.denied = reason, denied
        super().__init__(reason)


class Api(Protocol):
    """What we ask of BigQuery; each method raises Missing for what is gone or denied."""

    def datasets(self, project: str) -> Iterator[str]: ...
    def tables(self, project: str, dataset: str) -> Iterator[str]: ...
    def table(self, name: str) -> objects.Resource: ...
    def routines(self, project: str, dataset: str) -> Iterator[str]: ...
    def routine(self, name: str) -> objects.Resource: ...
    def rows(self, table: objects.Resource, columns: Collection[str], count: int) -> Iterator[objects.Resource]: ...


@dataclass(frozen=True, slots=True)
class Listed:
    """A table by its id, or the tables that are shards of one, oldest first; `stem` comes before their dates."""

    tables: Sequence[str]
    stem: str | None = None


class Catalogue:
    """One project; the settings limit its datasets, and say whether rows are looked at."""

    def __init__(self, api: Api, project: str, settings: ReadSettings, report: Report) -> None:
        self._api, self._project, self._settings, self._report = api, project, settings, report

    def datasets(self) -> Iterator[SourceDataset]:
        """Give tables by dataset and name; one that is dropped meanwhile is passed over."""
        for dataset in self._datasets():
            place = f"{self._project}.{dataset}"
            listed = shards(self._listed(self._api.tables(self._project, dataset), place))
            for each in in_order(self._settings.parallelism, listed, partial(self._table, place)):
                if each is not None:
                    yield each

    def jobs(self) -> Iterator[SourceJob]:
        """Give routines by dataset and name."""
        for dataset in self._datasets():
            place = f"{self._project}.{dataset}"
            listed = self._listed(self._api.routines(self._project, dataset), place)
            for each in in_order(self._settings.parallelism, listed, partial(self._routine, place)):
                if each is not None:
                    yield each

    def _datasets(self) -> Iterator[str]:
        found = sorted(self._listed(self._api.datasets(self._project), self._project))
        return (dataset for dataset in found if not self._settings.schemas or dataset in self._settings.schemas)

    def _table(self, place: str, listed: Listed) -> SourceDataset | None:
        try:
            latest = self._api.table(f"{place}.{listed.tables[-1]}")
        except Missing as missing:
            self._lose(f"{place}.{listed.tables[-1]}", missing)
            return None
        if listed.stem is None:
            return self._sampled(objects.dataset(latest), latest)
        return self._sampled(objects.sharded(latest, listed.tables[-SHARDS_MAX:], listed.stem), latest)

    def _sampled(self, dataset: SourceDataset, resource: objects.Resource) -> SourceDataset:
        """Give a dataset with what looks at its rows as the settings ask; a view's would have to be computed."""
        if dataset.kind not in _STORED:
            return dataset

        def read(fields: Sequence[SourceField], count: int) -> Rows:
            paths = [each.name.split(".") for each in fields]
            try:
                rows = list(self._api.rows(resource, {path[0] for path in paths}, count))
            except Missing as missing:
                raise UnreadError(missing.reason) from missing
            return ([within(row, path) for path in paths] for row in rows)

        look = Look(dataset.name.name, list(leaves(dataset.fields)), read)
        return replace(dataset, sample=sampler(self._settings, self._report, look))

    def _routine(self, place: str, name: str) -> SourceJob | None:
        try:
            return objects.routine(self._api.routine(f"{place}.{name}"))
        except Missing as missing:
            self._lose(f"{place}.{name}", missing)
            return None

    def _listed(self, names: Iterator[str], place: str) -> Iterator[str]:
        try:
            yield from names
        except Missing as missing:
            self._lose(place, missing)

    def _lose(self, name: str, missing: Missing) -> None:
        if missing.denied:
            self._report.denied.add(name, missing.reason)
            self._report.partial = True
        else:
            self._report.skipped.add(name, "it was dropped while the harvest ran")


def shards(names: Iterable[str]) -> Iterator[Listed]:
    """Put tables together that differ in their dates only; names come in order, so that shards stand in a row.

    A single table that ends in a date is no shard.
    """
    for stem, group in groupby(names, _stem):
        tables = list(group) if stem else []
        if len(tables) > 1:
            yield Listed(sorted(tables), stem)
        else:
            yield from (Listed([name]) for name in tables or group)


def _stem(name: str) -> str | None:
    match = _SHARD.fullmatch(name)
    return match["stem"] if match else None


def in_order(parallelism: int, given: Iterable[_Given], read: Callable[[_Given], _Found]) -> Iterator[_Found]:
    """Read what is given, some at once, and give it in the given order; holds no more than twice as many."""
    pool = ThreadPoolExecutor(parallelism, "nexus-bigquery")
    waiting: deque[Future[_Found]] = deque()
    try:
        for each in given:
            waiting.append(pool.submit(read, each))
            if len(waiting) >= 2 * parallelism:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
