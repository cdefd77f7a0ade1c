"""An emulated Snowflake with one of everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.snowflake_service import Refusal, Snowflake
from tests.sources import GOLDEN, PEOPLE_ROWS, PEOPLE_TABLE, Fixture


@contextmanager
def filled(fixture: Fixture) -> Iterator[str]:
    """Give the URL of the account, read with its database SHOP only."""
    service: Snowflake = fixture("snowflake")
    service.run((GOLDEN / "snowflake" / "schema.sql").read_text(encoding="utf-8"))
    yield service.url("SHOP")


@contextmanager
def reader(fixture: Fixture) -> Iterator[str]:
    """A role that is refused whatever reads rows or writes: the emulator knows no grants of its own."""
    service: Snowflake = fixture("snowflake")
    catalogues = r"^(?:--[^\n]*\n)*(?:SHOW |SELECT CURRENT_|(?:SELECT|WITH) .*\b(?:INFORMATION_SCHEMA|ACCOUNT_USAGE)\.)"
    refusal = Refusal(f"(?s)(?!{catalogues})^", "003001", "Insufficient privileges", user="reader")
    service.refusals.append(refusal)
    try:
        yield service.url("SHOP").replace("nexus:", "reader:")
    finally:
        service.refusals.remove(refusal)


@contextmanager
def denying(fixture: Fixture) -> Iterator[str]:
    """Give the URL of a database for a role that may not list its tasks."""
    service: Snowflake = fixture("snowflake")
    service.run("CREATE DATABASE IF NOT EXISTS GUARDED;\nCREATE SCHEMA IF NOT EXISTS GUARDED.S")
    service.run("CREATE TABLE IF NOT EXISTS GUARDED.S.SEEN (ID NUMBER(10,0))")
    refusal = Refusal("SHOW TASKS", "003001", "Insufficient privileges", user="weak")
    service.refusals.append(refusal)
    try:
        yield service.url("GUARDED").replace("nexus:", "weak:")
    finally:
        service.refusals.remove(refusal)


@contextmanager
def rows(fixture: Fixture) -> Iterator[str]:
    """Give the URL of a database with the table PEOPLE."""
    service: Snowflake = fixture("snowflake")
    service.run("CREATE DATABASE IF NOT EXISTS LOOKED;\nCREATE SCHEMA IF NOT EXISTS LOOKED.S")
    table = PEOPLE_TABLE.replace("TABLE people", "OR REPLACE TABLE LOOKED.S.PEOPLE")
    service.run(f"{table};\nINSERT INTO LOOKED.S.PEOPLE VALUES {PEOPLE_ROWS}")
    yield service.url("LOOKED")


@contextmanager
def busy(fixture: Fixture) -> Iterator[tuple[str, Callable[[], None]]]:
    """Give the URL of a database of its own, whose query log is read without delay, and what adds a statement to it."""
    service: Snowflake = fixture("snowflake")
    service.run("CREATE DATABASE IF NOT EXISTS BUSY")

    def act() -> None:
        times = "CURRENT_TIMESTAMP()::TIMESTAMP_TZ, CURRENT_TIMESTAMP()::TIMESTAMP_TZ"
        ran = "'INSERT INTO A SELECT X FROM B', 'BUSY', 'S', 'INSERT', 'ANN', 'SUCCESS', ''"
        values = f"UUID_STRING(), {ran}, {times}, 'b1'"
        service.run(f"INSERT INTO SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY SELECT {values}")

    yield service.url("BUSY", query_log_delay_minutes="0"), act
