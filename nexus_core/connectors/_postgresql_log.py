"""Reads PostgreSQL's server log in its machine-readable forms (manual, sections 20.8.4 csvlog and 20.8.5 jsonlog).

A log line tells that a statement begins; whether it failed stands on a later line of the same session.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import orjson

CHUNK_BYTES = 1 << 20
_STATEMENT = re.compile(r"(?:duration: [\d.]+ ms  )?(?:statement|execute [^:]*): (.*)", re.DOTALL)
_CSV = {"timestamp": 0, "user": 1, "dbname": 2, "session_id": 5, "error_severity": 11, "message": 13}
_CSV_APPLICATION, _CSV_QUERY_ID = 22, 25


@dataclass(frozen=True, slots=True)
class Logged:
    """A statement that a session ran, without an error so far."""

    at: datetime
    user: str
    database: str
    application: str
    sql: str
    query_id: str | None


def lines(read: Callable[[int, int], bytes], offset: int) -> Iterator[tuple[int, bytes]]:
    """Give complete lines and the offset after each; `read(offset, length)` gives fewer bytes only at the end."""
    rest = b""
    while chunk := read(offset + len(rest), CHUNK_BYTES):
        *complete, rest = (rest + chunk).split(b"\n")
        for line in complete:
            offset += len(line) + 1
            yield offset, line


def json_record(line: bytes) -> dict[str, str]:
    """Read a line of a jsonlog; raises ValueError for anything else."""
    record = orjson.loads(line)
    if not isinstance(record, dict):
        raise ValueError("no JSON object")
    return {name: str(value) for name, value in record.items()}


def csv_lines(found: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """Join the lines of one csvlog record: its quotes are even in number."""
    held = b""
    for offset, line in found:
        held = held + b"\n" + line if held else line
        if held.count(b'"') % 2 == 0:
            yield offset, held
            held = b""


def csv_record(line: bytes) -> dict[str, str]:
    """Read a record of a csvlog; raises ValueError for anything else."""
    csv.field_size_limit(max(csv.field_size_limit(), len(line)))  # a statement may be longer than the usual 128 KiB
    row = next(csv.reader(io.StringIO(line.decode("utf-8", "replace"), newline="")), [])
    if len(row) <= _CSV_APPLICATION:
        raise ValueError("too few columns")
    record = {name: row[place] for name, place in _CSV.items()} | {"application_name": row[_CSV_APPLICATION]}
    return record | ({"query_id": row[_CSV_QUERY_ID]} if len(row) > _CSV_QUERY_ID else {})


def executed(records: Iterable[dict[str, str]], timezone: ZoneInfo) -> Iterator[Logged]:
    """Give the statements that no error of their session follows directly."""
    begun: dict[str, Logged] = {}
    for record in records:
        session = record.get("session_id", "")
        before = begun.pop(session, None)
        if before and record.get("error_severity") not in ("ERROR", "FATAL", "PANIC"):
            yield before
        if found := _STATEMENT.match(record.get("message", "")):
            begun[session] = Logged(
                at=_instant(record.get("timestamp", ""), timezone),
                user=record.get("user", ""),
                database=record.get("dbname", ""),
                application=record.get("application_name", ""),
                sql=found[1],
                query_id=record.get("query_id"),
            )
    yield from begun.values()


def _instant(text: str, timezone: ZoneInfo) -> datetime:
    """Read `2026-11-23 12:00:00.123 CET`; the abbreviation only tells the two hours of a clock change apart."""
    day, clock, abbreviation = text.split(" ", 2)
    found = datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=timezone)
    return found if found.tzname() == abbreviation else found.replace(fold=1)
