"""Reads one database of Snowflake, schema by schema; what several statements say of one object meets by its name.

`SHOW` gives at most 10,000 rows: a database with more of a kind is asked schema by schema.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

from nexus_core.connectors import _snowflake_objects as objects
from nexus_core.connectors._samples import Look, Rows, SampledSettings, UnreadError, each_value, sampler, selected
from nexus_core.connectors._snowflake_names import Account, quoted
from nexus_core.connectors._snowflake_objects import Place, Row
from nexus_core.connectors.objects import DatasetKind, JobKind, Sample, SourceDataset, SourceField, SourceJob
from nexus_core.connectors.report import Report

SHOW_MAX_ROWS = 10_000
Ask = Callable[..., Iterator[dict[str, Any]]]
"""Gives the rows of a statement by its name, with identifiers and values by keyword; raises Refused."""

_KEYED = {
    "PRIMARY KEYS": ("schema_name", "table_name"),
    "UNIQUE KEYS": ("schema_name", "table_name"),
    "IMPORTED KEYS": ("fk_schema_name", "fk_table_name"),
    "DYNAMIC TABLES": ("schema_name", "name"),
    "MATERIALIZED VIEWS": ("schema_name", "name"),
    "EXTERNAL TABLES": ("schema_name", "name"),
}
_OTHERS = ("STREAMS", "STAGES", "PIPES", "EXTERNAL TABLES")
_STORED = frozenset({DatasetKind.TABLE, DatasetKind.DYNAMIC_TABLE})
_USAGE = ("tags", "policies", "dependencies")
_ROUTINES = (("procedures", JobKind.PROCEDURE), ("functions", JobKind.FUNCTION))


class Refused(Exception):  # noqa: N818 - it is an answer, which never leaves the connector
    """The source let the account not read what a statement asks for, or knows no such thing."""


class Meeting:
    """Rows in the order of their keys, given out to whoever asks for keys in that order."""

    def __init__(self, rows: Iterable[Row], *names: str) -> None:
        self._groups = groupby(rows, itemgetter(*names))
        self._next = next(self._groups, None)
        self._rows = list(self._next[1]) if self._next else []

    def at(self, key: object) -> Sequence[Row]:
        """Give the rows of a key; those of lesser keys, which nobody asked for, are passed over."""
        while self._next and self._next[0] < key:
            self._advance()
        return self._rows if self._next and self._next[0] == key else ()

    def _advance(self) -> None:
        self._next = next(self._groups, None)
        self._rows = list(self._next[1]) if self._next else []


class Database:
    """One database; `schemas` limits what is read of it."""

    def __init__(
        self,
        ask: Ask,
        account: Account,
        name: str,
        schemas: Sequence[str],
        report: Report,
        settings: SampledSettings,
    ) -> None:
        self._ask, self._account, self._name, self._report = ask, account, name, report
        self._settings = settings
        found = [row["SCHEMA_NAME"] for row in self._ask("schemas", database=quoted(name))]
        self._schemas = [schema for schema in found if not schemas or schema in schemas]

    def datasets(self) -> Iterator[SourceDataset]:
        """Give tables and views, then streams, stages and paths in stages that are read, by schema."""
        beside = {what: Meeting(self._shown(what), *names) for what, names in _KEYED.items()}
        beside |= {what: Meeting(self._account_usage(what), "SCHEMA_NAME", "NAME") for what in _USAGE}
        others = {what: Meeting(self._shown(what), "schema_name") for what in _OTHERS}
        for schema in self._schemas:
            yield from self._tables(schema, beside)
            yield from self._others((self._name, schema), {what: found.at(schema) for what, found in others.items()})

    def jobs(self) -> Iterator[SourceJob]:
        """Give procedures, functions, tasks and pipes, by schema."""
        tasks, pipes = (Meeting(self._shown(what), "schema_name") for what in ("TASKS", "PIPES"))
        for schema in self._schemas:
            place = (self._name, schema)
            yield from self._routines(place)
            yield from (objects.task(self._account, place, row) for row in tasks.at(schema))
            yield from (objects.pipe(self._account, place, row) for row in pipes.at(schema))

    def _tables(self, schema: str, beside: Mapping[str, Meeting]) -> Iterator[SourceDataset]:
        given: dict[str, Any] = {"database": quoted(self._name), "schema": schema}
        columns = Meeting(self._ask("columns", **given, table=None), "TABLE_NAME")
        for row in self._ask("tables", **given):
            name = row["TABLE_NAME"]
            said = {what: meeting.at((schema, name)) for what, meeting in beside.items()}
            fields = [objects.field(each, objects.tags(said, each["COLUMN_NAME"])) for each in columns.at(name)]
            if row["TABLE_TYPE"] == "VIEW" and not row["VIEW_DEFINITION"]:
                self._report.denied.add(f"{self._name}.{schema}.{name}", "the role may not read the view's definition")
            dataset = objects.table(self._account, (self._name, schema), row, fields, said)
            yield replace(dataset, sample=self._sampler(quoted(self._name, schema, name), dataset))

    def _sampler(self, named: str, dataset: SourceDataset) -> Callable[[], Sample] | None:
        """Give what looks at a table's rows as the settings ask."""
        if dataset.kind not in _STORED:
            return None

        def read(fields: Sequence[SourceField], count: int) -> Rows:
            try:
                return each_value(list(self._ask("sample", columns=selected(fields, quoted), named=named, rows=count)))
            except Refused as refused:
                raise UnreadError(str(refused)) from refused

        return sampler(self._settings, self._report, Look(dataset.name.name, dataset.fields, read))

    def _others(self, place: Place, shown: Mapping[str, Sequence[Row]]) -> Iterator[SourceDataset]:
        for row in shown["STREAMS"]:
            if row.get("table_name"):
                yield objects.stream(self._account, place, row, self._base(row["table_name"]))
        stages = {stage.name: stage for stage in (objects.stage(self._account, place, row) for row in shown["STAGES"])}
        yield from stages.values()
        yield from objects.folders(self._account, place, shown["PIPES"], shown["EXTERNAL TABLES"], stages)

    def _base(self, written: str) -> list[SourceField]:
        """Read the columns of a stream's table, which may be in another database."""
        database, schema, table = self._account.parts(written)
        try:
            rows = list(self._ask("columns", database=quoted(database), schema=schema, table=table))
        except Refused:
            return []  # the role may read the stream, but not the table
        return [objects.field(row) for row in rows]

    def _routines(self, place: Place) -> Iterator[SourceJob]:
        for query, kind in _ROUTINES:
            for row in self._listed(query, schema=place[1]):
                if not row["DEFINITION"]:
                    name = ".".join((*place, row["NAME"]))
                    self._report.denied.add(name, f"the role may not read the {kind.value.lower()}'s body")
                yield objects.routine(self._account, place, row, kind)

    def _listed(self, query: str, **values: Any) -> Iterator[Row]:
        try:
            yield from self._ask(query, database=quoted(self._name), **values)
        except Refused as refused:
            self._lose(query, refused)

    def _account_usage(self, what: str) -> Iterator[Row]:
        try:
            yield from self._ask(what, name=self._name)
        except Refused as refused:
            self._report.denied.add(f"{self._name} {what}", str(refused))

    def _shown(self, what: str) -> Iterator[Row]:
        """Give what SHOW gives, in the order of schema and name."""
        try:
            rows = list(self._ask("show", what=what, where=f"DATABASE {quoted(self._name)}"))
            if len(rows) < SHOW_MAX_ROWS:
                return iter(sorted(rows, key=_order(what)))
            return chain.from_iterable(self._shown_in(what, schema) for schema in self._schemas)
        except Refused as refused:
            self._lose(what.lower(), refused)
            return iter(())

    def _shown_in(self, what: str, schema: str) -> list[Row]:
        rows = list(self._ask("show", what=what, where=f"SCHEMA {quoted(self._name, schema)}"))
        if len(rows) >= SHOW_MAX_ROWS:
            self._report.failed.add(f"{self._name}.{schema}", f"more than {SHOW_MAX_ROWS} {what.lower()}: some are cut")
            self._report.partial = True
        return sorted(rows, key=_order(what))

    def _lose(self, what: str, refused: Refused) -> None:
        self._report.denied.add(f"{self._name} {what}", str(refused))
        self._report.partial = True


def _order(what: str) -> Callable[[Row], Any]:
    names = _KEYED.get(what, ("schema_name", "name"))
    return lambda row: tuple(row[name] for name in names)
