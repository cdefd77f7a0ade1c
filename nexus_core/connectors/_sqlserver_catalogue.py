"""Reads one database of a SQL Server through its catalogue views, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from nexus_core.connectors import _sqlserver_objects as objects
from nexus_core.connectors._sqlserver_objects import Place, Row
from nexus_core.connectors._sqlserver_session import DENIED, LOST, Session, code, sentence
from nexus_core.connectors.objects import Sample, SourceDataset, SourceJob
from nexus_core.connectors.report import Report
from nexus_core.model.naming_tables import joined

BATCH_OBJECTS = 200
LIST_OBJECTS = 5_000
_DATASETS, _ROUTINES = "'U', 'V', 'SN', 'ET'", "'P', 'FN', 'IF', 'TF', 'TR'"
_DETAILS = (
    "columns",
    "properties",
    "labels",
    "indexes",
    "foreign_keys",
    "checks",
    "triggers",
    "sizes",
    "bytes",
    "partitions",
    "reads",
)
_UNSEEN = "VIEW DEFINITION is missing, or it is encrypted"

Read = Callable[[Sequence[int]], Iterator[Any]]
Sampler = Callable[[Row, SourceDataset], Callable[[], Sample] | None]
"""Gives what looks at the rows of a dataset, if anyone asked for that."""


class Catalogue:
    """The objects of one database, over an open session; `errors` are those of the driver."""

    def __init__(
        self,
        session: Session,
        report: Report,
        namespace: str,
        database: str,
        errors: type[Exception],
        sampler: Sampler = lambda _row, _dataset: None,
    ) -> None:
        self._session, self._report, self._errors, self._sampler = session, report, errors, sampler
        linked = {row["name"]: row["data_source"] or row["name"] for row in session.all("servers")}
        self._place = Place(namespace, database, linked)
        self.readable: set[int] = set()
        """Ids of the routines whose texts were read."""

    def schemas(self) -> list[str]:
        """Name the schemas of the database."""
        return [row["name"] for row in self._session.all("schemas")]

    def datasets(self, schemas: Sequence[str]) -> Iterator[SourceDataset]:
        """Give tables, views, synonyms and external tables in the order of their names."""
        return self._batches(_DATASETS, schemas, self._read_datasets)

    def jobs(self, schemas: Sequence[str]) -> Iterator[SourceJob]:
        """Give procedures, functions and triggers in the order of their names."""
        return self._batches(_ROUTINES, schemas, self._read_jobs)

    def _batches(self, types: str, schemas: Sequence[str], read: Read) -> Iterator[Any]:
        after: dict[str, Any] = {"after_schema": "", "after": "", "limit": LIST_OBJECTS}
        while listed := self._session.all("objects", after, types=types, schemas=_condition(schemas)):
            for start in range(0, len(listed), BATCH_OBJECTS):
                yield from self._batch(listed[start : start + BATCH_OBJECTS], read)
            after |= {"after_schema": listed[-1]["schema_name"], "after": listed[-1]["name"]}

    def _batch(self, listed: Sequence[Row], read: Read) -> list[Any]:
        """Read details of listed objects; a batch that fails is read again one by one."""
        try:
            return list(read([row["id"] for row in listed]))
        except self._errors as error:
            if code(error) in LOST or code(error) == 0:
                raise
            if len(listed) > 1:
                return [found for row in listed for found in self._batch([row], read)]
            tally = self._report.denied if code(error) in DENIED else self._report.failed
            tally.add(self._named(listed[0]), sentence(error))
            self._report.partial = True
            return []

    def _read_datasets(self, ids: Sequence[int]) -> Iterator[SourceDataset]:
        rows = self._session.details("datasets", ids)
        details = {query: objects.by_object(self._session.details(query, ids)) for query in _DETAILS}
        if synonyms := [row["id"] for row in rows if row["base"]]:
            details["columns"] |= self._columns_of_bases(synonyms)
        for row in rows:
            if row["has_module"] and row["definition"] is None:
                self._report.denied.add(self._named(row), f"its definition: {_UNSEEN}")
                self._report.partial = True
            dataset = objects.dataset(row, self._place, details)
            yield replace(dataset, sample=self._sampler(row, dataset))

    def _columns_of_bases(self, synonyms: Sequence[int]) -> dict[int, list[Row]]:
        """Give synonyms the columns of what they stand for, where that is in this database."""
        bases = {row["id"]: row["base_id"] for row in self._session.details("bases", synonyms) if row["base_id"]}
        if not bases:
            return {}
        columns = objects.by_object(self._session.details("columns", sorted(set(bases.values()))))
        return {synonym: columns.get(base, []) for synonym, base in bases.items()}

    def _read_jobs(self, ids: Sequence[int]) -> Iterator[SourceJob]:
        for row in self._session.details("jobs", ids):
            if row["definition"] is None:
                self._report.denied.add(self._named(row), f"its body: {_UNSEEN}")
                self._report.partial = True
            else:
                self.readable.add(row["id"])
            yield objects.routine(row, self._place)

    def _named(self, row: Row) -> str:
        return joined(self._place.database, row["schema_name"], row["name"])


def _condition(schemas: Sequence[str]) -> str:
    """Write which schemas are read; `%` stands for itself, as in the driver's statements."""
    if not schemas:
        return "1 = 1"
    names = ", ".join("N'" + schema.replace("'", "''").replace("%", "%%") + "'" for schema in schemas)
    return f"s.name IN ({names})"
