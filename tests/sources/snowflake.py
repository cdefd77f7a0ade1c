"""An emulated Snowflake with one of everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.snowflake_service import Refusal, Snowflake
from tests.sources import GOLDEN, Fixture


@contextmanager
def filled(fixture: Fixture) -> Iterator[str]:
    """Give the URL of the account, read with its database SHOP only."""
    service: Snowflake = fixture("snowflake")
    service.run((GOLDEN / "snowflake" / "schema.sql").read_text(encoding="utf-8"))
    yield service.url("SHOP")


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
