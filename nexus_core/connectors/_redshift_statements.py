"""What ran on Redshift: from SYS_QUERY_HISTORY and SYS_QUERY_TEXT, else from STL_QUERY and STL_QUERYTEXT.

The watermark is the time of the last statement seen. Its day is read from the beginning again, so that the counts of a
statement are those of the whole day.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from nexus_core.connectors import _statements
from nexus_core.connectors._redshift_objects import DEFAULT_SCHEMA, Row
from nexus_core.connectors.objects import Execution, JobKind, SourceJob, SqlText, Use
from nexus_core.model.names import JobName

STATEMENTS_MAX = 50_000
"""Most different statements of one harvest; further ones are only counted as skipped."""

SYS_CHUNK_BYTES, STL_CHUNK_BYTES = 4000, 200
_SYSTEM = re.compile(r"\b(?:from|join)\s+(?:pg_catalog\.)?(?:svv|svl|svcs|stl|stv|sys|pg)_", re.IGNORECASE)
_READS = re.compile(r"\s*(?:\(\s*)*(?:select|with)\b.*\bfrom\b", re.IGNORECASE | re.DOTALL)
_SECRET = re.compile(
    r"(?P<name>\b(?:credentials(?:\s+as)?|access_key_id|secret_access_key|session_token|master_symmetric_key|password)\s+)"
    r"'(?:[^']|'')*'",
    re.IGNORECASE,
)

Query = Callable[[str, tuple[Any, ...]], Iterable[Row]]


@dataclass(slots=True)
class Seen:
    """A statement on a day: its first text, when first and last, and how often by whom."""

    sql: str
    database: str
    first: datetime
    last: datetime
    query_id: str
    users: Counter[str] = field(default_factory=Counter)


class QueryLog:
    """The query log of a cluster; `query` runs a named statement of redshift.sql, `skip` counts what is left out."""

    def __init__(self, query: Query, skip: Callable[[str], None], database: str | None, days: int) -> None:
        self._query, self._skip, self._database, self._days = query, skip, database, days
        self.watermark: str | None = None

    def jobs(self, namespace: str, since: str | None) -> Iterator[SourceJob]:
        """Give each statement that moves or reads data with its uses, once a day, in order of time."""
        before = datetime.fromisoformat(since) if since else None
        self.watermark = since
        seen = self._collected(before)
        for (_, database, fingerprint), each in sorted(seen.items(), key=lambda item: (item[1].first, item[0][2])):
            if before is None or each.last > before:
                yield _job(namespace, database, fingerprint, each)

    def _collected(self, before: datetime | None) -> dict[tuple[date, str, str], Seen]:
        found: dict[tuple[date, str, str], Seen] = {}
        start = before or datetime.now(UTC) - timedelta(days=self._days)
        for row, sql in self._statements(datetime(start.year, start.month, start.day, tzinfo=UTC)):
            at = _utc(row["started_at"])
            self.watermark = max(self.watermark or "", at.isoformat())
            database = str(row["database"]).strip()
            if self._database in (None, database):
                self._count(found, row, database, sql, at)
        return found

    def _count(self, found: dict[tuple[date, str, str], Seen], row: Row, database: str, sql: str, at: datetime) -> None:
        if not told(sql):
            return
        key = (at.date(), database, _statements.fingerprint(sql))
        if key not in found and len(found) >= STATEMENTS_MAX:
            self._skip(f"more than {STATEMENTS_MAX} different statements")
            return
        seen = found.setdefault(key, Seen(sql, database, at, at, str(row["query_id"])))
        seen.first, seen.last = min(seen.first, at), max(seen.last, at)
        seen.users[(row["user"] or "").strip()] += 1

    def _statements(self, start: datetime) -> Iterator[tuple[Row, str]]:
        """Page through the history by time, each page's texts with it."""
        modern = bool(next(iter(self._query("has_sys", ())))["found"])
        prefix, size = ("", SYS_CHUNK_BYTES) if modern else ("old_", STL_CHUNK_BYTES)
        at, last = start.replace(tzinfo=None), -1
        while page := list(self._query(f"{prefix}history", (at, at, last))):
            wanted = ", ".join(str(int(row["query_id"])) for row in page)
            chunks = _by_query(self._query(f"{prefix}texts:{wanted}", ()))
            for row in page:
                yield row, joined(chunks.get(row["query_id"], []), size)
            at, last = page[-1]["started_at"], page[-1]["query_id"]


def told(sql: str) -> bool:
    """Whether a statement moves or reads data of users."""
    if len(sql) > _statements.SQL_MAX_CHARS or _SYSTEM.search(sql):
        return False
    return _statements.moves_data(sql) or bool(_READS.match(sql))


def joined(chunks: Iterable[str], size: int) -> str:
    """Join the chunks of a text, each of `size` bytes but the last: the blanks that ended one are put back.

    Line ends are written as `\\n` in the log. What signs in elsewhere is hidden.
    """
    *full, last = [*chunks] or [""]
    whole = "".join(each + " " * (size - len(each.encode())) for each in full) + last.rstrip()
    return _SECRET.sub(r"\g<name>'***'", whole.replace("\\r", "").replace("\\n", "\n"))


def _by_query(rows: Iterable[Row]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = {}
    for row in rows:
        found.setdefault(row["query_id"], []).append(row["text"])
    return found


def _job(namespace: str, database: str, fingerprint: str, seen: Seen) -> SourceJob:
    uses = tuple(Use(user or None, count) for user, count in sorted(seen.users.items()))
    return SourceJob(
        JobName(namespace, f"{database}.query.{fingerprint[:12]}"),
        JobKind.QUERY,
        SqlText(seen.sql, database, DEFAULT_SCHEMA),
        execution=Execution(seen.first, seen.query_id, uses=uses),
    )


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
