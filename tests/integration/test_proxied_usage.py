"""Reads through the masking proxy: from its records in the audit log to the usage of columns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nexus_core.governance.audit import Audit
from nexus_core.model.access import Caller
from nexus_core.model.edge import node_key
from nexus_core.model.masked import Profile
from nexus_core.model.names import DatasetName
from nexus_core.proxy.covers import Cover
from nexus_core.proxy.judgements import Judgement
from nexus_core.proxy.trail import Trail
from nexus_core.proxy.wall.verdict import Kind, Permitted, ReadColumn, Refused
from nexus_core.store.database import Store, open_store, reading
from nexus_core.store.usage import UsageSum, today, usage_of
from nexus_core.trends.proxied import ProxiedReads, ServedSource
from tests.stores import sqlite_settings

_COLUMNS = (ReadColumn("public", "orders", "email", "hash"), ReadColumn("public", "orders", "id", "clear"))
_KEY = node_key(DatasetName("postgres://db:5432", "shop.public.orders").id)
_SOURCES = {"shop": ServedSource("postgres://db:5432", "shop")}


def _cover(verdict: Permitted | Refused, executions: int = 1) -> Cover:
    return Cover(Judgement(verdict, b""), 0.0, 1, executions=executions)


async def _read(trail: Trail) -> None:
    """One statement that is executed three times, one that is refused, one that is executed and tells nothing yet."""
    permitted = Permitted("", (Kind.SELECT,), (("public", "orders"),), _COLUMNS, normalised="select", fingerprint="f")
    thrice = _cover(permitted, 3)
    await trail.intends(thrice)
    await trail.executed(thrice)
    await trail.intends(_cover(Refused("no", "", "42501")))
    await trail.intends(_cover(permitted))


async def _counted(store: Store) -> list[UsageSum]:
    async with reading(store) as connection:
        return await usage_of(connection, [_KEY], 2)


@pytest.mark.service
async def test_statements_through_the_proxy_count_once_by_person_and_column(tmp_path: Path) -> None:
    store = open_store((await sqlite_settings(tmp_path)).store_url)
    audit = Audit(store, "proxy")
    ann = Caller("a1", "ann", ())
    await _read(Trail(audit, ann, Profile("p", "shop", 1, "ln_p_p", (), ()), "s1"))
    await _read(Trail(audit, ann, Profile("p", "elsewhere", 1, "ln_p_p", (), ()), "s2"))
    reads = ProxiedReads(store, store, _SOURCES)
    await reads.count(datetime.now(UTC))
    assert await _counted(store) == []  # the hour is not over
    later = datetime.now(UTC) + timedelta(hours=2)
    for _ in range(2):
        await reads.count(later)
    assert await _counted(store) == [UsageSum(field, "ann", today(), 4) for field in ("", "email", "id")]
    await ProxiedReads(store, store, {}).count(later)
    await store.dispose()
