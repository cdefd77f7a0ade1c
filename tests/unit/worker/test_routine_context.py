"""A harvested routine names no dataset: its job's namespace says whether the harvest may speak for it."""

from __future__ import annotations

from datetime import UTC, datetime

from nexus_core.model.envelope import Authority, Envelope, EventKind
from nexus_core.model.facets import ORIGIN, SQL_CONTEXT
from nexus_core.worker.said import Said, read_event

SOURCE = "postgres://db.example:5432"
AT = datetime(2026, 11, 1, tzinfo=UTC)


def routine(authority: Authority) -> Said:
    facets = {
        "sql": {"query": "CREATE PROCEDURE core.load() AS $$ BEGIN NULL; END $$ LANGUAGE plpgsql"},
        SQL_CONTEXT: {"dialect": "postgres", "default_database": "shop", "default_schema": "public"},
        ORIGIN: {"origin": "sql"},
    }
    event = {"job": {"namespace": SOURCE, "name": "shop.core.load()", "facets": facets}, "inputs": [], "outputs": []}
    return read_event(Envelope("sha256:1", "p", authority, AT, AT, EventKind.JOB, event))


def test_the_sources_harvest_says_how_the_text_is_read() -> None:
    said = routine(Authority(harvest=(SOURCE,)))
    assert said.principal_class == "harvest"
    assert said.sql is not None
    assert (said.sql.dialect, said.sql.default_database) == ("postgres", "shop")


def test_another_sources_harvest_does_not() -> None:
    said = routine(Authority(harvest=("postgres://other.example:5432",)))
    assert said.principal_class == "producer"
    assert said.sql is not None
    assert said.sql.default_database is None
