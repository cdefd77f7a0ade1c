"""What ran on a SQL Server: from the Query Store, else from cached plans; and the runs of SQL Server Agent.

The watermark is JSON: `until` is the end of what the Query Store has told, as ISO 8601, `calls` counts the executions
of cached statements, and `runs` is the last run of the agent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from datetime import UTC, datetime, timedelta, timezone

import orjson

from nexus_core.connectors import _statements
from nexus_core.connectors._sqlserver_objects import job_name
from nexus_core.connectors._sqlserver_session import Row, Session
from nexus_core.connectors.objects import (
    Execution,
    GrantAdvice,
    JobKind,
    SourceJob,
    SqlText,
    Use,
)
from nexus_core.connectors.report import Report

_STORE_ON = frozenset({1, 2, 4})
_MOVES = re.compile(r"(?:exec|execute|truncate|bulk insert)\b|select\b.*\binto \"?\w|with\b.*\binto \"?\w")
_TEMPORARY = re.compile(r"\binto \"?#")
_CATALOGUES = re.compile(r'(?:\w+"?\."?)?(?:sys|information_schema)"?\.|"?msdb"?\.')
_BRACKETED = re.compile(r"'(?:[^']|'')*+'?|\[(?P<name>(?:[^\]]|\]\])*+)\]?")


class Progress:
    """Where a harvest of the logs began and how far it is."""

    def __init__(self, since: str | None, days: int) -> None:
        before = orjson.loads(since) if since else {}
        self.now = datetime.now(UTC)
        self.since: str = before.get("until") or (self.now - timedelta(days=days)).isoformat()
        self.calls: dict[str, int] = dict(before.get("calls", {}))
        self.runs: int = before.get("runs", 0)

    def watermark(self) -> str:
        """Say where the next harvest begins."""
        told = {"until": self.now.isoformat(), "calls": self.calls, "runs": self.runs}
        return orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()


class QueryLog:
    """The statements of one database; `readable` are ids of the routines that were read."""

    def __init__(
        self, session: Session, report: Report, namespace: str, database: str, readable: Set[int] = frozenset()
    ) -> None:
        self._session, self._report, self._namespace, self._database = session, report, namespace, database
        self._readable = readable

    def source(self) -> str | None:
        """Name what tells of statements: `store`, `cached` or nothing."""
        if not self._session.one("rights")["state_"]:
            return None
        on = [row["actual_state"] for row in self._session.all("store_state")]
        return "store" if on and on[0] in _STORE_ON else "cached"

    def advice(self, account: str) -> Iterator[GrantAdvice]:
        """Tell what keeps statements from being read."""
        source, place = self.source(), f"USE [{self._database}]"
        if source is None:
            grant = f"{place}; GRANT VIEW DATABASE STATE TO [{account}]"
            yield GrantAdvice(f"VIEW DATABASE STATE on {self._database}", "lineage from statements that ran", grant)
        elif source == "cached":
            change = f"ALTER DATABASE [{self._database}] SET QUERY_STORE = ON"
            yield GrantAdvice("the Query Store", "statements whose plans have left the cache", change)

    def jobs(self, progress: Progress, *, usage: bool) -> Iterator[SourceJob]:
        """Give each statement once a day; with `usage` also those that only read, and all with their counts."""
        source = self.source()
        if source is None:
            self._report.denied.add(self._database, "query log: VIEW DATABASE STATE is missing")
            return
        values, zone = {"since": progress.since, "until": progress.now.isoformat()}, UTC
        if source == "cached":  # its times are local to the server
            zone = _zone(self._session.one("session")["now_"])
            values = {"since": _local(progress.since, zone)}
        for row in self._session.rows(source, values):
            if found := self._told(row, zone, progress if source == "cached" else None, usage=usage):
                yield found

    def _told(self, row: Row, zone: timezone, progress: Progress | None, *, usage: bool) -> SourceJob | None:
        sql, calls = _without_parameters(row["sql_text"]), int(row["calls"])
        if progress is not None:
            key = f"{self._database}/{row['query_id']}"
            calls, progress.calls[key] = calls - progress.calls.get(key, 0), calls
        if not calls or not self._wanted(sql, row["object_id"], usage=usage):
            return None
        fingerprint = _statements.fingerprint(_plain(sql))
        at = _moment(row["at"], zone)
        return SourceJob(
            job_name(self._namespace, self._database, "query", fingerprint[:12]),
            JobKind.QUERY,
            SqlText(sql, self._database, "dbo"),
            execution=Execution(at, str(row["query_id"]), uses=(Use(None, max(calls, 1)),) if usage else ()),
        )

    def _wanted(self, sql: str, object_id: int | None, *, usage: bool) -> bool:
        if object_id in self._readable:
            self._report.skipped.add(self._database, "a statement of a routine that is read itself")
            return False
        if len(sql) > _statements.SQL_MAX_CHARS:
            self._report.skipped.add(self._database, f"a statement of {len(sql)} characters")
            return False
        plain = _plain(sql)
        text = _statements.normalised(plain)
        if _TEMPORARY.search(text):
            return False
        if _statements.moves_data(plain) or _MOVES.match(text):
            return True
        return usage and _statements.reads_tables(plain, _CATALOGUES)


def agent_jobs(session: Session, namespace: str, progress: Progress, report: Report) -> Iterator[SourceJob]:
    """Give the steps of the agent's jobs, then their runs since; steps that are no T-SQL without their command.

    Such commands hold passwords and connection strings. The session is one of the database msdb.
    """
    rights = session.one("agent_rights")
    if not rights["jobs"]:
        report.denied.add("msdb", "jobs of the agent: SELECT on dbo.sysjobs and dbo.sysjobsteps is missing")
        return
    steps = {(row["job"], row["number"]): _step(row, namespace) for row in session.all("agent_steps")}
    yield from steps.values()
    if not rights["history"]:
        report.denied.add("msdb", "runs of the agent: SELECT on dbo.sysjobhistory is missing")
        return
    zone = _zone(session.one("session")["now_"])
    for row in session.rows("agent_runs", {"since": progress.runs}):
        progress.runs = max(progress.runs, row["id"])
        if step := steps.get((row["job"], row["number"])):
            execution = Execution(_run_at(row, zone), str(row["id"]), failed=row["status"] == 0)
            yield SourceJob(step.name, step.kind, step.text, owner=step.owner, execution=execution)


def _step(row: Row, namespace: str) -> SourceJob:
    is_sql = row["subsystem"] == "TSQL"
    return SourceJob(
        job_name(namespace, "agent", row["job"], row["step"]),
        JobKind.TASK,
        SqlText(row["command"], row["database_name"], "dbo") if is_sql and row["command"] else None,
        description=row["description"] or (None if is_sql else f"A step of {row['subsystem']}"),
        owner=row["owner"],
    )


def _run_at(row: Row, zone: timezone) -> datetime:
    """Read a day as YYYYMMDD and a time as HHMMSS, both as whole numbers in the server's zone."""
    day, clock = str(row["run_date"]), int(row["run_time"])
    at = datetime(int(day[:4]), int(day[4:6]), int(day[6:8]), tzinfo=zone)
    hour, minute, second = clock // 10_000, clock // 100 % 100, clock % 100
    return (at + timedelta(hours=hour, minutes=minute, seconds=second)).astimezone(UTC)


def _without_parameters(sql: str) -> str:
    """Leave out the list of parameters that the server puts before a statement: `(@1 int,@2 varchar(8000))`."""
    text = sql.strip()
    if not text.startswith("(@"):
        return text
    depth = 0
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return text[at + 1 :].strip()
    return text


def _plain(sql: str) -> str:
    """Write names in brackets as in double quotes, so that no other rules are needed to find their ends."""
    return _BRACKETED.sub(lambda found: found[0] if found["name"] is None else f'"{found["name"]}"', sql)


def _moment(text: str, zone: timezone) -> datetime:
    """Read a time; one without an offset is of that zone."""
    at = datetime.fromisoformat(text.strip().replace(" +", "+"))
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def _zone(now: str) -> timezone:
    offset = datetime.fromisoformat(now.strip().replace(" +", "+")).utcoffset()
    return timezone(offset) if offset else UTC


def _local(moment: str, zone: timezone) -> str:
    """Write a time as the server does, a minute early: counts tell what is new, and clocks differ."""
    early = datetime.fromisoformat(moment) - timedelta(minutes=1)
    return early.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S")
