"""What ran in a project, by its list of jobs: queries, loads, extracts and copies (REST API v2, jobs.list).

The list tells what INFORMATION_SCHEMA.JOBS lacks: files of loads and extracts, default datasets, write dispositions; it
costs nothing, and holds for all locations. The watermark is the time up to which ended jobs were told, in RFC 3339.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from nexus_core.connectors import _statements
from nexus_core.connectors._bigquery_catalogue import Missing
from nexus_core.connectors._bigquery_objects import NAMESPACE, file_name, name
from nexus_core.connectors.objects import Execution, JobKind, SourceCode, SourceJob, SqlText, Use, Written
from nexus_core.connectors.report import Report
from nexus_core.model.names import DatasetName, JobName

KEPT_MAX = 20_000
"""Most different statements of one day that are held to count who ran them."""
_LONGEST = timedelta(hours=6)  # of a query (quotas and limits of BigQuery)
_DAY = timedelta(days=1)
_MOVES = re.compile(r"\b(insert|update|delete|merge|call|create|load\s+data|export\s+data)\b", re.IGNORECASE)
_TOLD = frozenset(
    {
        "SELECT",
        "INSERT",
        "UPDATE",
        "DELETE",
        "MERGE",
        "CREATE_TABLE",
        "CREATE_TABLE_AS_SELECT",
        "CREATE_SNAPSHOT_TABLE",
        "CALL",
        "SCRIPT",
        "EXPORT_DATA",
        "LOAD_DATA",
    }
)


class JobsApi(Protocol):
    """Gives finished jobs that were created within a time, as google-cloud-bigquery's objects, newest first."""

    def jobs(self, project: str, since: datetime, until: datetime) -> Iterator[Any]: ...


@dataclass(slots=True)
class _Kept:
    """A statement of one day: its first run so far, and who ran it.

    `ended_at` is the last end, `scripts` are the ids of the scripts that it was a step of; None: it ran by itself.
    """

    job: SourceJob
    ended_at: datetime
    users: Counter[str | None] = field(default_factory=Counter)
    scripts: set[str | None] = field(default_factory=set)

    def told(self) -> SourceJob:
        uses = tuple(Use(user, count) for user, count in sorted(self.users.items(), key=lambda use: use[0] or ""))
        ran = self.job.execution
        assert ran is not None  # noqa: S101 - each kept job is a run
        return replace(self.job, execution=Execution(ran.at, ran.query_id, uses=uses))


class History:
    """The jobs of one project."""

    def __init__(self, api: JobsApi, project: str, report: Report) -> None:
        self._api, self._project, self._report = api, project, report

    def jobs(self, since: datetime, until: datetime) -> Iterator[SourceJob]:
        """Give what ended in between, each statement once a day; days that it touches are counted as a whole."""
        day = (since - _LONGEST).replace(hour=0, minute=0, second=0, microsecond=0)
        try:
            while day < until:
                yield from self._day(day, since, until)
                day += _DAY
        except Missing as missing:
            self._report.denied.add(f"{self._project} jobs", missing.reason)

    def _day(self, day: datetime, since: datetime, until: datetime) -> Iterator[SourceJob]:
        kept: dict[str, _Kept] = {}
        scripts: dict[str, str] = {}
        for job in self._api.jobs(self._project, day, min(day + _DAY - timedelta(milliseconds=1), until)):
            if job.ended is None or job.ended > until or job.error_result:
                continue
            if (found := self._job(job)) is None:
                continue
            if found.name.name not in kept and len(kept) >= KEPT_MAX:
                self._report.skipped.add(self._project, f"more than {KEPT_MAX} different statements on one day")
                continue
            held = kept.setdefault(found.name.name, _Kept(found, job.ended))
            held.job, held.ended_at = found, max(held.ended_at, job.ended)  # the first run comes last
            held.users[job.user_email] += 1
            held.scripts.add(job.parent_job_id)
            if getattr(job, "statement_type", None) == "SCRIPT":
                scripts[job.job_id] = _statements.normalised(job.query)
        for _, each in sorted(kept.items()):
            if each.ended_at > since and not _stands_in(each, scripts):
                yield each.told()

    def _job(self, job: Any) -> SourceJob | None:
        at = (job.started or job.created).astimezone(UTC)
        ran = Execution(at, f"{job.project}:{job.location}.{job.job_id}" if job.location else job.job_id)
        if job.job_type == "query":
            return self._query(job, ran)
        if job.job_type == "load":
            files = tuple(dict.fromkeys(file_name(uri) for uri in job.source_uris or ()))
            return self._moved("load", job, ran, files, [_name(job.destination)])
        if job.job_type == "copy":
            sources = tuple(_name(each) for each in job.sources)
            return self._moved("copy", job, ran, sources, [_name(job.destination)])
        if job.job_type == "extract" and job.source is not None and hasattr(job.source, "table_id"):
            files = tuple(dict.fromkeys(file_name(uri) for uri in job.destination_uris or ()))
            return self._moved("extract", job, ran, (_name(job.source),), list(files))
        return None

    def _query(self, job: Any, ran: Execution) -> SourceJob | None:
        sql, kind = job.query or "", job.statement_type
        if len(sql) > _statements.SQL_MAX_CHARS:
            self._report.skipped.add(self._project, f"a statement of {len(sql)} characters")
            return None
        written = _destination(job)
        is_step = job.parent_job_id is not None  # of a script or procedure: only what it did, not what it looked up
        if kind not in _TOLD or (kind == "SCRIPT" and not _MOVES.search(sql)) or (is_step and kind == "SELECT"):
            return None
        default = job.default_dataset
        place = f"{self._project}.{default.dataset_id}" if default else self._project
        text = None if job.use_legacy_sql else _text(job, sql, written)
        return SourceJob(
            name=JobName(NAMESPACE, f"{place}.query.{_statements.fingerprint(text.sql if text else sql)[:12]}"),
            kind=JobKind.QUERY,
            text=text,
            code=None if text else SourceCode(sql, "BigQuery legacy SQL"),
            execution=ran,
            inputs=tuple(_name(each) for each in job.referenced_tables),
            outputs=(Written(written),) if written else (),
            properties=_labels(job),
        )

    def _moved(
        self, what: str, job: Any, ran: Execution, inputs: tuple[DatasetName, ...], outputs: list[DatasetName]
    ) -> SourceJob:
        target = inputs[0] if what == "extract" else outputs[0]
        place, _, table = target.name.rpartition(".")
        return SourceJob(
            name=JobName(NAMESPACE, f"{place}.{what}.{table}"),
            kind=JobKind.QUERY,
            execution=ran,
            inputs=inputs,
            outputs=tuple(Written(each) for each in outputs),
            properties=_labels(job),
        )


def _stands_in(kept: _Kept, scripts: Mapping[str, str]) -> bool:
    """Whether a statement only ran as a step of scripts that hold its text, and tell it with their variables."""
    text = _statements.normalised(kept.job.text.sql) if kept.job.text else ""
    return bool(text) and all(script is not None and text in scripts.get(script, "") for script in kept.scripts)


def _text(job: Any, sql: str, written: DatasetName | None) -> SqlText:
    """Say where a query's result went, which its text does not tell if the destination was an option."""
    default = job.default_dataset
    project, dataset = (default.project, default.dataset_id) if default else (job.project, None)
    made = f"CREATE OR REPLACE TABLE `{written.name}` AS\n{sql}" if written and job.statement_type == "SELECT" else sql
    return SqlText(made, project, dataset)


def _destination(job: Any) -> DatasetName | None:
    """Give the table that a query wrote; results that nobody named go to a hidden dataset for a day."""
    target = job.destination
    return _name(target) if target is not None and not target.dataset_id.startswith("_") else None


def _name(reference: Any) -> DatasetName:
    return name({"projectId": reference.project, "datasetId": reference.dataset_id, "tableId": reference.table_id})


def _labels(job: Any) -> tuple[tuple[str, str], ...]:
    return tuple((f"label.{key}", str(value)) for key, value in sorted((job.labels or {}).items()))
