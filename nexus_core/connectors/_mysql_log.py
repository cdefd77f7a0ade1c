"""What ran on a MySQL or MariaDB server: from its general log, else counted by performance_schema, else its slow log.

The watermark is JSON: `{"log": TIME}` of the last line read, or `{"seen": TIME, "calls": {STATEMENT: n}}`, since
performance_schema counts the calls of a statement and dates only the last one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import orjson

from nexus_core.connectors import _statements
from nexus_core.connectors.objects import Execution, GrantAdvice, JobKind, SourceJob, SqlText, Use
from nexus_core.connectors.report import Report
from nexus_core.model.names import JobName
from nexus_core.model.naming_tables import joined

Row = Mapping[str, Any]
STATEMENTS_MAX = 100_000
"""Most different statements of one harvest: they are held until their uses are counted."""
TEXT_USUAL_CHARS = 1_024
"""At which performance_schema cuts statements unless it is told otherwise."""

_SPECIAL = re.compile(
    r"""'(?:[^'\\]|\\.|'')*+'?|"(?:[^"\\]|\\.|"")*+"?|`[^`]*+`?|\#[^\n]*+|/\*.*?(?:\*/|\Z)|--(?=\s)[^\n]*+""",
    re.VERBOSE | re.DOTALL,
)
_FIRST = re.compile(rf"(?:{_SPECIAL.pattern}|[^;])*+", re.VERBOSE | re.DOTALL)
_MOVES = re.compile(r"replace\b(?! ?\()|load (?:data|xml)\b|create (?>(?:\w+ )*?table\b).*\bselect\b")
_CATALOGUES = re.compile(r'(?:information_schema|performance_schema|mysql|sys)"?\.')
_CONNECTED = re.compile(r" on (?P<schema>.*?)(?: using .*)?$", re.DOTALL)
_USE = re.compile(r"\s*+use\s++`?(?P<schema>[^`;]++)`?\s*+(?:;\s*+)?$", re.IGNORECASE)


class LogSettings(Protocol):
    """The settings that this module reads."""

    @property
    def query_log_days(self) -> int: ...
    @property
    def usage(self) -> bool: ...


class Asking(Protocol):
    """An open session: answers a named statement row by row; `allows` tells whether a table may be read."""

    def rows(self, query: str, values: Mapping[str, Any] | None = None, **replaced: str) -> Iterator[Row]:
        """Answer a statement whose `{NAME}`s are replaced."""
        ...

    def allows(self, table: str) -> bool:
        """Whether the account may read a table."""
        ...


@dataclass(slots=True)
class Found:
    """A statement of one day: when it ran first, and who ran it how often."""

    sql: str
    schema: str | None
    at: datetime
    query_id: str | None = None
    inside: str | None = None
    uses: Counter[str | None] = field(default_factory=Counter)


class QueryLog:
    """The query log of one server; `wanted` tells which databases are read, `bodies` are the routines' that were."""

    def __init__(
        self,
        session: Asking,
        settings: LogSettings,
        report: Report,
        *,
        mariadb: bool,
        account: str,
        schemas: Sequence[str],
        bodies: Sequence[str],
    ) -> None:
        self._session, self._settings, self._report = session, settings, report
        self._mariadb, self._account, self._schemas, self._bodies = mariadb, account, schemas, bodies
        self._on = next(session.rows("logs"))
        self.watermark: str | None = None

    def works(self) -> list[str]:
        """Name the log that a harvest would read, if any."""
        named = {"general_log": "the general log", "digests": "performance_schema", "slow_log": "the slow log"}
        return [f"statements from {named[source]}"] if (source := self._source()) else []

    def advice(self) -> list[GrantAdvice]:
        """Tell what keeps statements from being read, or from being read whole."""
        if self._source() is None:
            return [self._missing()]
        if self._source() == "digests" and self._on_text_chars() <= TEXT_USUAL_CHARS:
            costs = f"statements beyond {TEXT_USUAL_CHARS} characters"
            change = "-- my.cnf, then restart: performance_schema_max_sql_text_length = 65536"
            return [GrantAdvice("whole texts in performance_schema", costs, change)]
        return []

    def jobs(self, namespace: str, since: str | None) -> Iterator[SourceJob]:
        """Give each statement once a day with its uses; what cannot be read goes into the report."""
        before = orjson.loads(since) if since else {}
        self.watermark = since
        source = self._source()
        if source is None:
            missing = self._missing()
            self._report.denied.add("query log", f"{missing.missing}: {missing.statement}")
        elif source == "digests":
            yield from self._told(namespace, self._counted(before))
        else:
            yield from self._told(namespace, self._logged(source, before))

    def _source(self) -> str | None:
        if self._on["tables"] and self._on["general"] and self._session.allows("mysql.general_log"):
            return "general_log"
        if self._on["counted"] and self._allows_digests():
            return "digests"
        slow = self._on["tables"] and self._on["slow"] and self._session.allows("mysql.slow_log")
        return "slow_log" if slow else None

    def _allows_digests(self) -> bool:
        table = "performance_schema.events_statements_summary_by_digest"
        if not (self._session.allows(table) and self._session.allows("performance_schema.setup_consumers")):
            return False
        return bool(next(self._session.rows("consumers"))["digests"])

    def _on_text_chars(self) -> int:
        return int(next(self._session.rows("text_chars"))["chars"])

    def _missing(self) -> GrantAdvice:
        costs = "lineage from statements that ran, and who reads what"
        if self._on["counted"]:
            grant = f"GRANT SELECT ON performance_schema.* TO {self._account}"
            return GrantAdvice("SELECT on performance_schema", costs, grant)
        for log in ("general", "slow"):
            if self._on["tables"] and self._on[log]:
                return GrantAdvice(
                    f"SELECT on the {log} log", costs, f"GRANT SELECT ON mysql.{log}_log TO {self._account}"
                )
        change = "SET GLOBAL log_output = 'TABLE', slow_query_log = 1, long_query_time = 0"
        return GrantAdvice("a query log", costs, change)

    def _told(self, namespace: str, found: Iterable[Found]) -> Iterator[SourceJob]:
        for each in found:
            fingerprint = _statements.fingerprint(_plain(each.sql))
            parts = [each.schema] if each.schema else []
            yield SourceJob(
                JobName(namespace, joined(*parts, "query", fingerprint[:12])),
                JobKind.QUERY,
                SqlText(each.sql, default_schema=each.schema),
                description=f"Runs inside of {each.inside}" if each.inside else None,
                execution=Execution(
                    each.at,
                    each.query_id,
                    uses=self._shown(each.uses),
                ),
            )

    def _shown(self, uses: Mapping[str | None, int]) -> tuple[Use, ...]:
        if not self._settings.usage:
            return ()
        return tuple(Use(user, count) for user, count in sorted(uses.items(), key=str))

    def _counted(self, before: Mapping[str, Any]) -> list[Found]:
        """Read the statements that were called since, and how often by any account."""
        calls: dict[str, int] = dict(before.get("calls", {}))
        seen = _time(before.get("seen")) or self._oldest()
        text = "digest_text" if self._mariadb else "coalesce(query_sample_text, digest_text)"
        inside = dict(self._nested())
        bodies = [_statements.normalised(_plain(body)) for body in self._bodies]
        found: dict[tuple[str | None, str], Found] = {}
        for row in self._session.rows("digests", {"since": seen.replace(tzinfo=None)}, text=text):
            at, key = row["at"].replace(tzinfo=UTC), f"{row['schema']}/{row['query_id'][:16]}"
            delta, sql = row["calls"] - calls.get(key, 0), _first(row["sql"])
            if delta and self._wanted(row["schema"], sql) and not self._of_routine(row, sql, inside, bodies):
                fingerprint = _statements.fingerprint(_plain(sql))
                made = Found(sql, row["schema"], at, row["query_id"], inside.get(row["query_id"]))
                # A count that has shrunk was begun anew.
                found.setdefault((row["schema"], fingerprint), made).uses[None] += delta if delta > 0 else row["calls"]
                calls[key] = row["calls"]
            seen = max(seen, at)
        told = {"seen": seen.isoformat(), "calls": calls}
        self.watermark = orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()
        return list(found.values())

    def _nested(self) -> Iterator[tuple[str, str]]:
        """Tell which statements ran inside of which routine, as far as the server's history goes back."""
        table = "performance_schema.events_statements_history_long"
        if not self._mariadb and self._session.allows(table) and next(self._session.rows("consumers"))["history"]:
            for row in self._session.rows("nested"):
                yield row["query_id"], joined(row["routine_schema"], row["routine"])

    def _of_routine(self, row: Row, sql: str, inside: Mapping[str, str], bodies: Sequence[str]) -> bool:
        """Whether a routine that is read tells the statement better, with its variables; dynamic SQL it cannot."""
        text = _statements.normalised(_plain(sql))
        if row["query_id"] not in inside or not any(text in body for body in bodies):
            return False
        self._report.skipped.add(row["schema"] or "query log", "a statement of a routine that is read itself")
        return True

    def _logged(self, source: str, before: Mapping[str, Any]) -> list[Found]:
        """Read the lines since the last one read; the general log tells databases only when they change."""
        last = _time(before.get("log")) or self._oldest()
        found: dict[tuple[str, str | None, str], Found] = {}
        schemas: dict[int, str | None] = {}
        for row in self._session.rows(source, {"since": last.replace(tzinfo=None)}):
            at, sql = row["at"].replace(tzinfo=UTC), _text(row["argument"])
            schema = row["schema"] if source == "slow_log" else _schema(row, sql, schemas)
            if row.get("command", "Query") not in ("Query", "Execute"):
                continue
            last = max(last, at)
            if self._wanted(schema or None, sql):
                self._add(found, Found(sql, schema or None, at), _user(_text(row["user_host"])))
        self.watermark = orjson.dumps({"log": last.isoformat()}).decode()
        return sorted(found.values(), key=lambda each: each.at)

    def _add(self, found: dict[tuple[str, str | None, str], Found], each: Found, user: str | None) -> None:
        key = (each.at.date().isoformat(), each.schema, _statements.fingerprint(_plain(each.sql)))
        if key not in found and len(found) >= STATEMENTS_MAX:
            self._report.skipped.add("query log", f"more than {STATEMENTS_MAX} different statements")
            return
        found.setdefault(key, each).uses[user] += 1

    def _wanted(self, schema: str | None, sql: str) -> bool:
        """Whether a statement moves or reads rows of the databases that are read."""
        if self._schemas and schema not in self._schemas:
            return False
        if len(sql) > _statements.SQL_MAX_CHARS or (sql.endswith("...") and len(sql) >= TEXT_USUAL_CHARS):
            self._report.skipped.add(schema or "query log", f"a statement of {len(sql)} characters or more")
            return False
        text = _statements.normalised(_plain(sql))
        if _statements.moves_data(_plain(sql)) or _MOVES.match(text):
            return True
        return self._settings.usage and _statements.reads_tables(_plain(sql), _CATALOGUES)

    def _oldest(self) -> datetime:
        return datetime.now(UTC) - timedelta(days=self._settings.query_log_days)


def _first(sql: str) -> str:
    """Give the first of the statements that were sent together: the text of each has those behind it, too."""
    found = _FIRST.match(sql)
    return found[0].strip() if found else sql


def _plain(sql: str) -> str:
    """Write strings, comments and quoted names of MySQL so that no other rules are needed to find their ends."""
    return _SPECIAL.sub(_shown, sql)


def _shown(match: re.Match[str]) -> str:
    first = match[0][0]
    if first == "`":
        return '"' + match[0].strip("`").replace('"', "") + '"'
    return "''" if first in "'\"" else " "


def _schema(row: Row, text: str, schemas: dict[int, str | None]) -> str | None:
    """Follow which database each connection is in."""
    thread = row["thread_id"]
    if row["command"] == "Connect":
        connected = _CONNECTED.search(text)
        schemas[thread] = (connected["schema"] if connected else None) or None
    elif row["command"] == "Init DB":
        schemas[thread] = text
    elif row["command"] == "Quit":
        schemas.pop(thread, None)
    elif used := _USE.match(text):
        schemas[thread] = used["schema"]
    return schemas.get(thread)


def _user(user_host: str) -> str | None:
    """Give the account's name of `name[name] @ host [address]`."""
    return user_host.partition("[")[0].strip() or None


def _text(value: bytes | str) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
