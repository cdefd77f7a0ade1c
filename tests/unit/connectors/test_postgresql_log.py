from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from nexus_core.connectors import _postgresql_log as server_log

BERLIN = ZoneInfo("Europe/Berlin")


def _record(
    message: str, *, session: str = "1", severity: str = "LOG", at: str = "2026-06-01 12:00:00.5 CEST"
) -> dict[str, str]:
    return {"timestamp": at, "session_id": session, "error_severity": severity, "message": message, "dbname": "shop"}


def _sql(*records: dict[str, str]) -> list[str]:
    return [run.sql for run in server_log.executed(records, BERLIN)]


def test_every_form_of_statement() -> None:
    assert _sql(
        _record("statement: A"),
        _record("execute <unnamed>: B"),
        _record("execute s1: C"),
        _record("duration: 1.5 ms  statement: D"),
        _record("duration: 0.1 ms"),
        _record("connection authorized: user=x"),
    ) == ["A", "B", "C", "D"]


def test_a_statement_that_fails_is_left_out() -> None:
    records = (
        _record("statement: bad"),
        _record("statement: other", session="2"),
        _record("syntax error", severity="ERROR"),
        _record("statement: good"),
    )
    assert sorted(_sql(*records)) == ["good", "other"]


def test_times_are_read_in_the_servers_zone() -> None:
    summer, first, second = (
        "2026-06-01 12:00:00.5 CEST",
        "2026-10-25 02:30:00 CEST",
        "2026-10-25 02:30:00 CET",
    )
    runs = server_log.executed((_record(f"statement: {at}", at=at) for at in (summer, first, second)), BERLIN)
    assert [run.at.astimezone(UTC) for run in runs] == [
        datetime(2026, 6, 1, 10, 0, 0, 500_000, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    ]


def test_lines_leave_what_is_not_complete() -> None:
    text = b"one\ntwo\nhal"

    def read(offset: int, length: int) -> bytes:
        return text[offset : offset + min(length, 3)]

    assert list(server_log.lines(read, 0)) == [(4, b"one"), (8, b"two")]
    assert list(server_log.lines(read, 4)) == [(8, b"two")]


def test_a_csv_record_may_hold_a_statement_of_any_length() -> None:
    fields = ["x"] * 26
    fields[13] = '"statement: select ' + "1, " * 100_000 + '1"'
    assert len(server_log.csv_record(",".join(fields).encode())["message"]) > 300_000


def test_csv_records_may_span_lines() -> None:
    row = '2026-06-01 12:00:00 CEST,u,shop,1,h,s1,1,INSERT,t,v,0,LOG,00000,"statement: a\n""b""",,,,,,,,,etl,client,,42'
    lines = [(offset, line) for offset, line in enumerate(row.encode().split(b"\n"))]
    ((_, whole),) = server_log.csv_lines(lines)
    record = server_log.csv_record(whole)
    assert (record["message"], record["application_name"], record["query_id"]) == ('statement: a\n"b"', "etl", "42")


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"\xff"])
def test_what_is_no_record_is_a_value_error(line: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 any text
        server_log.json_record(line)
    with pytest.raises(ValueError):  # noqa: PT011 any text
        server_log.csv_record(line)
