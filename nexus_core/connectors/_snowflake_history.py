"""What ran in an account: QUERY_HISTORY with ACCESS_HISTORY, and runs of tasks.

ACCOUNT_USAGE is late (QUERY_HISTORY by 45 minutes, ACCESS_HISTORY by up to three hours), so a harvest reads up to that
long ago. The watermark is that time, in RFC 3339; the next harvest goes on with what ended after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, Protocol

import orjson

from nexus_core.connectors import _statements
from nexus_core.connectors._snowflake_catalogue import Ask, Refused
from nexus_core.connectors._snowflake_names import Account
from nexus_core.connectors.objects import Execution, FieldLink, JobKind, SourceJob, Use, Written
from nexus_core.connectors.report import Report
from nexus_core.model.names import DatasetName, JobName

OWN_TAG = "lineage-nexus"
_STATEMENT = itemgetter("DAY", "HASH", "DATABASE_NAME", "SCHEMA_NAME")
_CLONES = re.compile(r"create\b(?>(?: \w+)*? table\b).*\bclone ")
_READS = re.compile(r"(?:select|with)\b")
Row = Mapping[str, Any]


class HistorySettings(Protocol):
    """The settings that this module reads."""

    @property
    def query_log_days(self) -> int: ...
    @property
    def query_log_delay_minutes(self) -> int: ...


class History:
    """The statements of one account, or of one database of it."""

    def __init__(
        self, ask: Ask, account: Account, database: str | None, settings: HistorySettings, report: Report
    ) -> None:
        self._ask, self._account, self._database = ask, account, database
        self._settings, self._report = settings, report
        self._seen: set[str] = set()
        self.watermark: str | None = None

    def jobs(self, since: str | None) -> Iterator[SourceJob]:
        """Give each statement once a day with who ran it, then each run of a task."""
        now: datetime = next(self._ask("now"))["NOW"].astimezone(UTC)
        until = now - timedelta(minutes=self._settings.query_log_delay_minutes)
        start = datetime.fromisoformat(since) if since else until - timedelta(days=self._settings.query_log_days)
        self.watermark = since
        given = {"since": start.isoformat(), "until": until.isoformat(), "database": self._database}
        try:
            for job in self._read(given):
                self._report.read[job.kind.value] += 1
                yield job
            self.watermark = until.isoformat()
        except Refused as refused:
            self._report.denied.add("query log", str(refused))

    def _read(self, given: Mapping[str, Any]) -> Iterator[SourceJob]:
        for _, runs in groupby(self._statements(given), _STATEMENT):
            yield from self._statement(list(runs))
        try:
            yield from (self._task_run(row) for row in self._ask("task_runs", **given))
        except Refused as refused:
            self._report.denied.add("runs of tasks", str(refused))

    def _statements(self, given: Mapping[str, Any]) -> Iterator[Row]:
        """Read with what ACCESS_HISTORY saw; editions without it tell statements only."""
        query = {"tag": OWN_TAG, **given}
        try:
            yield from self._ask("statements", **query, with_access=True)
        except Refused as refused:
            self._report.denied.add("ACCESS_HISTORY", str(refused))
            yield from self._ask("statements", **query, with_access=False)

    def _statement(self, runs: Sequence[Row]) -> Iterator[SourceJob]:
        first = runs[0]
        sql, database = first["QUERY_TEXT"] or "", first["DATABASE_NAME"]
        if len(sql) > _statements.SQL_MAX_CHARS:
            self._report.skipped.add("query log", f"a statement of {len(sql)} characters")
            return
        text = _statements.normalised(sql)
        if not (_statements.moves_data(sql) or _CLONES.match(text) or _READS.match(text)):
            return
        fingerprint = _statements.fingerprint(sql)[:12]
        if (key := f"{first['DAY']} {database} {first['SCHEMA_NAME']} {fingerprint}") in self._seen:
            return  # the source tells apart what differs in no more than values
        self._seen.add(key)
        uses = tuple(Use(row["USER_NAME"], row["RUN_COUNT"]) for row in runs)
        place = [part for part in (database, first["SCHEMA_NAME"]) if part]
        name = self._account.dataset(*place).name if place else "account"
        yield SourceJob(
            name=JobName(self._account.namespace, f"{name}.query.{fingerprint}"),
            kind=JobKind.QUERY,
            text=self._account.text(sql, database, first["SCHEMA_NAME"]),
            execution=Execution(first["AT_TIME"].astimezone(UTC), first["QUERY_ID"], uses=uses),
            inputs=tuple(self._names(first["DIRECT_OBJECTS_ACCESSED"])),
            outputs=tuple(self._written(first["OBJECTS_MODIFIED"])),
        )

    def _task_run(self, row: Row) -> SourceJob:
        place = (row["DATABASE_NAME"], row["SCHEMA_NAME"])
        at, failed = row["QUERY_START_TIME"].astimezone(UTC), row["STATE"] == "FAILED"
        return SourceJob(
            name=self._account.job(*place, "task", row["NAME"]),
            kind=JobKind.TASK,
            text=self._account.text(row["QUERY_TEXT"], *place) if row["QUERY_TEXT"] else None,
            execution=Execution(at, row["QUERY_ID"], failed),
        )

    def _names(self, objects: str | None) -> Iterator[DatasetName]:
        for each in _listed(objects):
            if name := self._name(each):
                yield name

    def _name(self, each: Mapping[str, Any]) -> DatasetName | None:
        """Name an object that a statement touched; stages are datasets, functions and the like are not."""
        domain, name = str(each.get("objectDomain", "")).upper(), each.get("objectName")
        if domain == "STAGE" and name:
            return self._account.stage(*self._account.parts(name))
        readable = domain.endswith(("TABLE", "VIEW")) or domain == "STREAM"
        return self._account.written(name) if readable and name else None

    def _written(self, objects: str | None) -> Iterator[Written]:
        for each in _listed(objects):
            if name := self._name(each):
                yield Written(name, tuple(self._links(each.get("columns") or ())))

    def _links(self, columns: Sequence[Mapping[str, Any]]) -> Iterator[FieldLink]:
        """Give the columns that a written column was computed from; views stay views (directSources)."""
        for column in columns:
            for source in column.get("directSources") or ():
                name = self._name(source)
                if name and source.get("columnName"):
                    yield FieldLink(column["columnName"], name, source["columnName"], subtype="TRANSFORMATION")


def _listed(objects: str | None) -> list[Mapping[str, Any]]:
    """Read a VARIANT, which the driver gives as JSON."""
    found = orjson.loads(objects) if objects else []
    return found if isinstance(found, list) else []
