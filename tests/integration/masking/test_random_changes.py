"""Every kind of DDL in random order while people read: no canary is ever shown, however it interleaves."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

import psycopg
import pytest

from nexus_core.errors import StaleReadError
from tests.masking import leaks
from tests.masking_governed import NULLED, SHOP, Governed

pytestmark = pytest.mark.service

SEEDS = (3,)
TABLES = ("public.customers", "public.orders", "public.payments", "hr.employees", "public.countries", "public.spare")
SPARE = {"id": "Public", "customer_id": "Public", "placed_at": "Public", "total": "PII", "status": "PII"}
"""Columns of the last one and their classes; those of the same names in orders are Public."""
KINDS = (
    "ALTER TABLE {table} ADD COLUMN {new} text DEFAULT 'CANARY-new'",
    "ALTER TABLE {table} RENAME COLUMN {column} TO {new}",
    (
        "ALTER TABLE {table} RENAME COLUMN {column} TO swapped; ALTER TABLE {table} RENAME COLUMN {other} TO {column}; "
        "ALTER TABLE {table} RENAME COLUMN swapped TO {other}"
    ),
    "ALTER TABLE {table} ALTER COLUMN {column} TYPE text USING {column}::text",
    "ALTER TABLE {table} DROP COLUMN {column} CASCADE",
    (
        "ALTER TABLE public.orders RENAME TO swapped; ALTER TABLE public.spare RENAME TO orders; "
        "ALTER TABLE public.swapped RENAME TO spare"
    ),
    (
        "CREATE TABLE {new} (LIKE public.payments); INSERT INTO {new} SELECT 9, 9, 'CANARY-attached', 1, '2030-01-01'; "
        "ALTER TABLE public.payments ATTACH PARTITION {new} FOR VALUES FROM ('2030-01-01') TO ('2031-01-01')"
    ),
    "CREATE VIEW {new} AS SELECT * FROM {table}",
    "CREATE OR REPLACE VIEW public.open_orders AS SELECT id, customer_id, total FROM public.orders WHERE id > 1",
    "GRANT SELECT ON {table} TO PUBLIC",
    "REVOKE ALL ON ALL TABLES IN SCHEMA public, hr FROM PUBLIC",
    "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC",
    "ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM PUBLIC",
)


@pytest.mark.parametrize("seed", SEEDS)
async def test_nothing_leaks_through_profiles(governance: Governed, seed: int) -> None:
    """What is granted to PUBLIC can be read by whoever logs in; here it is read as by the proxy, by the profile."""
    governance.sample.run(
        "CREATE TABLE public.spare (id integer, customer_id integer, placed_at timestamptz, total text, status text);"
        "INSERT INTO public.spare VALUES (1, 1, now(), 'CANARY-total', 'CANARY-status')"
    )
    await governance.describe("public.spare", list(SPARE))
    await governance.classify({"public.spare": SPARE})
    await governance.policies(NULLED)
    carl = await governance.person("carl", "analyst")
    await governance.settle()
    ended = asyncio.Event()
    reading = asyncio.create_task(_read(governance, carl, ended))
    chosen = random.Random(seed)
    for kind in chosen.sample(KINDS, len(KINDS)):
        with suppress(psycopg.Error):
            await asyncio.to_thread(governance.sample.run, _statement(governance, chosen, kind))
        with suppress(StaleReadError):
            await governance.reconciler.round()
    ended.set()
    assert await reading > 0
    assert not leaks(await asyncio.to_thread(_everything, governance, await _seen(governance, carl)))


async def _read(governed: Governed, account_id: str, ended: asyncio.Event) -> int:
    """Read all that a profile shows, again and again; gives how often."""
    count = 0
    while not ended.is_set():
        shown = await asyncio.to_thread(_everything, governed, await _seen(governed, account_id))
        assert not leaks(shown)
        count += bool(shown)
        await asyncio.sleep(0.01)
    return count


async def _seen(governed: Governed, account_id: str) -> tuple[str, list[str]] | None:
    profile = (await governed.profiles.answer(account_id, SHOP)).profile
    if profile is None:
        return None
    url = governed.sample.url(profile.login_role, await governed.profiles.password(profile))
    return url, [
        f"SELECT {', '.join(_quoted(column.name) for column in each.columns)} FROM "
        f"{_quoted(each.shadow_schema)}.{_quoted(each.name)}"
        for each in profile.relations
    ]


def _everything(governed: Governed, seen: tuple[str, list[str]] | None) -> str:
    """Give rows and errors; a profile that ends meanwhile, or a relation that goes, is no leak."""
    said: list[str] = []
    if seen is None:
        return ""
    try:
        with psycopg.connect(seen[0], autocommit=True) as connection:
            for query in seen[1]:
                try:
                    said += map(str, connection.execute(query).fetchall())
                except (psycopg.ProgrammingError, psycopg.NotSupportedError) as error:
                    said.append(str(error))
    except psycopg.OperationalError as error:
        said.append(str(error))
    return "\n".join(said)


def _statement(governed: Governed, chosen: random.Random, kind: str) -> str:
    table = chosen.choice(TABLES)
    found = governed.sample.rows(
        f"SELECT attname FROM pg_attribute WHERE attrelid = to_regclass('{table}') AND attnum > 0 AND NOT attisdropped"
    )
    columns = [f'"{name}"' for (name,) in found] or ["id"]
    names = {"table": table, "column": chosen.choice(columns), "other": chosen.choice(columns)}
    return kind.format(**names, new=f"made_{chosen.randrange(10_000)}")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
