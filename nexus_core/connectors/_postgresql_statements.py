"""What ran on a PostgreSQL server: from pg_stat_statements, else from its jsonlog or csvlog.

The watermark is JSON: `{"calls": {STATEMENT: {ROLE: n}}}`, since pg_stat_statements counts calls but dates none, or
`{"log": {FILE: offset}}`, where a file is known by the digest of its beginning, as its name may be used again.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

import orjson

from nexus_core.connectors import _postgresql_log as server_log
from nexus_core.connectors import _statements
from nexus_core.connectors._postgresql_objects import Place, sentence
from nexus_core.connectors.objects import Execution, GrantAdvice, JobKind, SourceJob, SqlText, Use
from nexus_core.connectors.report import Report
from nexus_core.errors import SourceError
from nexus_core.model.names import JobName

if TYPE_CHECKING:
    import psycopg

OWN_APPLICATION = "lineage-nexus"
LOG_MAX_BYTES = 256 * 2**20
HELD_MAX = 10_000
"""Most statements whose uses are added up before they are told; a later part of the log tells further uses of one."""
_CATALOGUES = re.compile(r"(?:\w+\.)?pg_|information_schema\.")
_OF_SERVER = re.compile(r"\bOPERATOR\(pg_catalog\.")  # how the server itself checks foreign keys
_HEAD_BYTES = 256
_HIDDEN = "<insufficient privilege>"
_FORGET = ", in a statement of a database in SQL_ASCII; to forget it: SELECT pg_stat_statements_reset()"


class LogSettings(Protocol):
    """The settings that this module reads."""

    @property
    def database(self) -> str | None: ...
    @property
    def query_log_days(self) -> int: ...
    @property
    def usage(self) -> bool: ...
    @property
    def log_path(self) -> Path | None: ...


class QueryLog:
    """The query log of one server, over an open session; `bodies` are the routines' that were read."""

    def __init__(
        self,
        connection: psycopg.Connection[dict[str, Any]],
        sql: Mapping[str, str],
        settings: LogSettings,
        report: Report,
        bodies: Sequence[str],
    ) -> None:
        self._connection, self._sql, self._settings, self._report = connection, sql, settings, report
        self._bodies = bodies
        self.watermark: str | None = None

    def works(self) -> list[str]:
        """Name the log that a harvest would read, if any."""
        if self._extension():
            return ["statements from pg_stat_statements"]
        return [] if self._log_advice() else [f"statements from the {self._format()}log"]

    def advice(self) -> list[GrantAdvice]:
        """Tell what keeps statements from being read."""
        if not self._extension():
            return self._log_advice()
        rights = self._one("rights")
        if rights["all_stats"]:
            return []
        grant = f"GRANT pg_read_all_stats TO {rights['account']}"
        return [GrantAdvice("pg_read_all_stats", "statements that other accounts ran", grant)]

    def jobs(self, place: Place, since: str | None) -> Iterator[SourceJob]:
        """Give each statement that moves data or reads tables once a day; what cannot be read goes into the report."""
        from psycopg.errors import CharacterNotInRepertoire

        before = orjson.loads(since) if since else {}
        self.watermark = since
        if extension := self._extension():
            try:
                yield from self._counted(place, extension, before.get("calls", {}))
            except CharacterNotInRepertoire as error:  # one such text hides those of every database
                self._report.denied.add("query log", f"pg_stat_statements: {sentence(error)}{_FORGET}")
        elif missing := self._log_advice():
            self._report.denied.add("query log", "; ".join(f"{each.missing}: {each.statement}" for each in missing))
        else:
            yield from self._logged(place, before.get("log", {}))

    def _counted(self, place: Place, schema: str, before: Mapping[str, Any]) -> Iterator[SourceJob]:
        bodies = [_statements.normalised(body) for body in self._bodies]
        calls: dict[str, Counter[str]] = {}
        found: dict[str, tuple[dict[str, Any], str]] = {}
        query = self._sql["statements"].replace("{schema}", schema)
        for row in self._connection.execute(query, {"database": self._settings.database}):
            if row["query"] == _HIDDEN:
                self._report.denied.add(row["database"], "statements of other accounts: pg_read_all_stats is missing")
            elif not row["toplevel"] and any(_statements.normalised(row["query"]) in body for body in bodies):
                # The routine tells it better: with its variables, and the schema that its unqualified names mean.
                self._report.skipped.add(row["database"], "a statement of a routine that is read itself")
            elif fingerprint := self._telling(row["database"], row["query"]):
                key = f"{row['database']}/{fingerprint[:12]}"
                calls.setdefault(key, Counter())[row["role"] or ""] += row["calls"]
                found.setdefault(key, (row, fingerprint))
        for key, (row, fingerprint) in found.items():
            if uses := _since(calls[key], before.get(key)):
                execution = Execution(row["at"], row["query_id"], uses=self._shown(uses))
                yield _job(place, row["database"], row["query"], fingerprint, execution)
        self.watermark = orjson.dumps({"calls": calls}, option=orjson.OPT_SORT_KEYS).decode()

    def _logged(self, place: Place, before: Mapping[str, int]) -> Iterator[SourceJob]:
        timezone = ZoneInfo(self._one("log_settings")["timezone"])
        oldest = datetime.now(UTC) - timedelta(days=self._settings.query_log_days)
        offsets: dict[str, int] = {}
        held: dict[tuple[str, str, date], tuple[server_log.Logged, Counter[str]]] = {}
        for run in server_log.executed(self._records(oldest, before, offsets), timezone):
            if run.application == OWN_APPLICATION or run.at < oldest or run.database not in self._wanted(run.database):
                continue
            if fingerprint := self._telling(run.database, run.sql):
                key = (run.database, fingerprint, run.at.astimezone(UTC).date())
                held.setdefault(key, (run, Counter()))[1][run.user] += 1
            if len(held) >= HELD_MAX:
                yield from self._ran(place, held)
                held.clear()
        yield from self._ran(place, held)
        self.watermark = orjson.dumps({"log": offsets}, option=orjson.OPT_SORT_KEYS).decode()

    def _ran(
        self, place: Place, held: Mapping[tuple[str, str, date], tuple[server_log.Logged, Counter[str]]]
    ) -> Iterator[SourceJob]:
        for (database, fingerprint, _), (run, uses) in held.items():
            execution = Execution(run.at.astimezone(UTC), run.query_id, uses=self._shown(uses))
            yield _job(place, database, run.sql, fingerprint, execution)

    def _shown(self, uses: Mapping[str, int]) -> tuple[Use, ...]:
        if not self._settings.usage:
            return ()
        return tuple(Use(user or None, count) for user, count in sorted(uses.items()))

    def _records(
        self, oldest: datetime, before: Mapping[str, int], offsets: dict[str, int]
    ) -> Iterator[dict[str, str]]:
        """Read on in every file, and note in `offsets` how far; stops at a limit that the next harvest goes on from."""
        budget = LOG_MAX_BYTES
        form = self._format()
        for name, read in self._files(oldest):
            head = read(0, _HEAD_BYTES)
            if len(head) < _HEAD_BYTES or not name.endswith(f".{form}"):
                continue
            file = hashlib.sha256(head).hexdigest()[:16]
            start = offsets[file] = before.get(file, 0)
            found = server_log.lines(read, start)
            for offset, line in server_log.csv_lines(found) if form == "csv" else found:
                if offset - start > budget:
                    break
                offsets[file] = offset
                yield from self._record(form, name, line)
            budget -= offsets[file] - start

    def _record(self, form: str, name: str, line: bytes) -> Iterator[dict[str, str]]:
        try:
            yield server_log.csv_record(line) if form == "csv" else server_log.json_record(line)
        except ValueError as error:
            self._report.failed.add(name, f"a line is no {form}: {error}")

    def _files(self, oldest: datetime) -> Iterator[tuple[str, Callable[[int, int], bytes]]]:
        """Give log files with a way to read each, oldest first."""
        if self._settings.log_path:
            yield from _local_files(self._settings.log_path, oldest)
            return
        directory = self._one("log_directory")["directory"]
        for row in self._connection.execute(self._sql["log_files"], {"since": oldest}).fetchall():
            yield row["name"], self._remote(f"{directory}/{row['name']}")

    def _remote(self, path: str) -> Callable[[int, int], bytes]:
        def read(offset: int, length: int) -> bytes:
            given = {"path": path, "offset": offset, "length": length}
            row = self._connection.execute(self._sql["log_chunk"], given).fetchone()
            return bytes(row["chunk"]) if row else b""

        return read

    def _telling(self, database: str, sql: str) -> str | None:
        """Fingerprint a statement that moves data, or shows who reads which tables."""
        if len(sql) > _statements.SQL_MAX_CHARS:
            self._report.skipped.add(f"{database} query log", f"a statement of {len(sql)} characters")
            return None
        reads = self._settings.usage and not _OF_SERVER.search(sql) and _statements.reads_tables(sql, _CATALOGUES)
        return _statements.fingerprint(sql) if reads or _statements.moves_data(sql) else None

    def _wanted(self, database: str) -> tuple[str, ...]:
        return (self._settings.database or database,)

    def _extension(self) -> str | None:
        """Give the quoted schema of pg_stat_statements, where it is installed and loaded."""
        row = self._connection.execute(self._sql["statements_schema"]).fetchone()
        return row["name"] if row else None

    def _format(self) -> str:
        """Tell which machine-readable log there is: json, csv or neither."""
        destination = self._one("log_settings")["destination"]
        return next((form for form in ("json", "csv") if f"{form}log" in destination), "")

    def _log_advice(self) -> list[GrantAdvice]:
        settings, rights = self._one("log_settings"), self._one("rights")
        costs, found = "lineage from statements that ran", []
        if not (self._format() and settings["collected"] and settings["complete"]):
            change = "CREATE EXTENSION pg_stat_statements  -- or log_destination = 'jsonlog' and log_statement = 'mod'"
            return [GrantAdvice("pg_stat_statements or a jsonlog", costs, change)]
        if not self._settings.log_path:
            if not (rights["list_logs"] and rights["all_settings"]):
                found.append(GrantAdvice("pg_monitor", costs, f"GRANT pg_monitor TO {rights['account']}"))
            if not rights["read_logs"]:
                function = "pg_read_binary_file(text, bigint, bigint)"
                grant = f"GRANT EXECUTE ON FUNCTION {function} TO {rights['account']}"
                found.append(GrantAdvice("pg_read_binary_file", costs, grant))
        return found

    def _one(self, query: str) -> dict[str, Any]:
        row = self._connection.execute(self._sql[query]).fetchone()
        assert row is not None  # noqa: S101 - these statements give exactly one row
        return row


def _since(now: Mapping[str, int], before: Any) -> dict[str, int]:
    """Give the calls by role since a watermark; counters that were reset begin anew."""
    known = before if isinstance(before, dict) else {}
    return {
        role: more
        for role, calls in now.items()
        if (more := calls - known.get(role, 0) if calls >= known.get(role, 0) else calls)
    }


def _local_files(folder: Path, oldest: datetime) -> Iterator[tuple[str, Callable[[int, int], bytes]]]:
    try:
        dated = sorted((path.stat().st_mtime, path) for path in folder.iterdir())
        for modified, path in dated:
            if modified > oldest.timestamp():
                yield path.name, _local(path)
    except OSError as error:
        raise SourceError(str(folder), f"the log cannot be read ({error})", "Check log_path and its rights.") from error


def _local(path: Path) -> Callable[[int, int], bytes]:
    def read(offset: int, length: int) -> bytes:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(length)

    return read


def _job(place: Place, database: str, sql: str, fingerprint: str, execution: Execution) -> SourceJob:
    name = JobName(place.namespace, f"{database}.query.{fingerprint[:12]}")
    return SourceJob(name, JobKind.QUERY, SqlText(sql, database, place.default_schema), execution=execution)
