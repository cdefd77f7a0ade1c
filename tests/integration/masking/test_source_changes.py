"""The source changes under the views: migrations, renames, swaps, filters; nobody ever sees more than before."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import psycopg
import pytest

from nexus_core.masking import releasing
from nexus_core.store.masking import releases
from tests.masking import leaks
from tests.masking_governed import NULLED, SHOP, Governed

pytestmark = pytest.mark.service

DDL = {
    "ALTER TABLE public.customers ADD COLUMN nickname text DEFAULT 'CANARY-nick'": None,
    "ALTER TABLE public.customers ALTER COLUMN notes DROP DEFAULT": None,
    "ALTER TABLE public.customers RENAME COLUMN country TO land": None,
    "ALTER TABLE public.customers ALTER COLUMN card TYPE varchar(60)": None,
    "ALTER TABLE public.customers DROP COLUMN phone": None,
    "ALTER TABLE public.customers ALTER COLUMN created_at TYPE timestamp": "0A000",
    "ALTER TABLE public.customers DROP COLUMN created_at": "2BP01",
    "DROP TABLE hr.employees": "2BP01",
    "DROP VIEW public.customer_totals": None,
    "ALTER TABLE public.orders ALTER COLUMN placed_at TYPE timestamp": None,
    "ALTER TABLE public.orders ADD CHECK (total < 1000000)": None,
    "CREATE INDEX CONCURRENTLY orders_placed ON public.orders (placed_at)": None,
    "CREATE OR REPLACE VIEW public.open_orders AS SELECT id, customer_id, total FROM public.orders WHERE id > 1": None,
    "ALTER TABLE public.payments DETACH PARTITION public.payments_2025": None,
    "ALTER TABLE public.payments ATTACH PARTITION public.payments_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')": None,  # noqa: E501
    "CREATE TABLE public.payments_rest PARTITION OF public.payments DEFAULT": None,
    "ALTER TABLE public.countries RENAME TO lands": None,
    "ALTER TABLE public.orders SET SCHEMA hr": None,
    "TRUNCATE public.payments": None,
}
"""Statements in order, each with the SQLSTATE by which it is refused while the source is served."""


@pytest.fixture
async def served(governance: Governed) -> Governed:
    await governance.policies(NULLED)
    await governance.person("carl", "analyst")
    await governance.settle()
    return governance


async def everything(governed: Governed, account_id: str) -> str:
    """All that somebody can read by the profile, as one text."""
    answer = await governed.profiles.answer(account_id, SHOP)
    if answer.profile is None:
        return ""
    with await governed.login(account_id) as connection:
        return "\n".join(
            str(connection.execute(f'SELECT {", ".join(_quoted(c.name) for c in each.columns)} FROM '
                                   f"{_quoted(each.shadow_schema)}.{_quoted(each.name)}").fetchall())
            for each in answer.profile.relations
        )  # fmt: skip


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


async def test_each_kind_of_ddl_works_or_is_refused_as_documented_and_shows_nothing(served: Governed) -> None:
    carl = await served.account("carl")
    for statement, refused in DDL.items():
        if refused:
            with pytest.raises(psycopg.Error) as raised:
                served.sample.run(statement)
            assert raised.value.sqlstate == refused, statement
            await releasing.release(served.main, SHOP, [], timedelta(minutes=1))
            await served.settle()
            assert all(row.done for row in await releases(served.main, SHOP))
        served.sample.run(statement)
        await releasing.reclaim(served.main, SHOP)
        await served.settle()
        assert not leaks(await everything(served, carl)), statement
    await served.catalogue()
    await served.settle()
    assert not leaks(await everything(served, carl))
    assert "nickname" not in str(await served.profile(carl))


async def test_each_kind_of_ddl_works_while_all_is_released_and_shows_nothing(served: Governed) -> None:
    carl = await served.account("carl")
    await releasing.release(served.main, SHOP, [], timedelta(minutes=5))
    await served.settle()
    for statement in DDL:
        served.sample.run(statement)
    assert not leaks(await everything(served, carl))
    await releasing.reclaim(served.main, SHOP)
    await served.settle()
    assert not leaks(await everything(served, carl))


async def test_releasing_one_table_lets_the_rest_go_on(served: Governed) -> None:
    carl = await served.account("carl")
    session, reading = await served.login(carl), await served.login(carl)
    reading.execute("BEGIN; SELECT name FROM customers")
    await releasing.release(served.main, SHOP, [("public", "customers")], timedelta(minutes=1))
    waiting = asyncio.create_task(releasing.wait_released(served.main, SHOP, 20))
    await served.settle()
    await waiting
    served.sample.run("ALTER TABLE public.customers ALTER COLUMN phone TYPE varchar(40)")
    assert session.execute("SELECT count(*) FROM orders").fetchone() == (120,)
    with pytest.raises(psycopg.OperationalError):
        reading.execute("SELECT 1")
    names = {each.name for each in (await served.profile(carl)).relations}
    assert "customers" not in names
    assert "orders" in names
    await releasing.reclaim(served.main, SHOP)
    await served.settle()
    assert len(await served.read(carl, "SELECT phone FROM customers")) == 40
    session.close()
    reading.close()


async def test_a_release_ends_by_itself(served: Governed) -> None:
    carl = await served.account("carl")
    await releasing.release(served.main, SHOP, [("public", "customers")], timedelta(milliseconds=1))
    await served.settle()
    assert await served.read(carl, "SELECT 1 FROM customers LIMIT 1") == [(1,)]


async def test_names_that_change_hands_show_nothing(served: Governed) -> None:
    """Columns and tables are swapped, each with every name being in the catalogue."""
    carl = await served.account("carl")
    served.sample.run(
        "ALTER TABLE public.customers RENAME COLUMN country TO parked;"
        "ALTER TABLE public.customers RENAME COLUMN ssn TO country;"
        "ALTER TABLE public.customers RENAME COLUMN parked TO ssn;"
        "ALTER TABLE public.orders RENAME TO parked; ALTER TABLE public.payments RENAME TO orders;"
        "ALTER TABLE public.parked RENAME TO payments;"
    )
    await served.settle()
    assert not leaks(await everything(served, carl))
    await served.describe("public.orders", ["id", "customer_id", "iban", "amount", "paid_on"])
    await served.classify(
        {"public.orders": dict.fromkeys(["id", "customer_id", "iban", "amount", "paid_on"], "Public")}
    )
    await served.settle()
    assert not leaks(await everything(served, carl))


async def test_a_view_that_was_dropped_with_its_table_comes_back_with_the_next(served: Governed) -> None:
    carl = await served.account("carl")
    served.sample.run("DROP TABLE hr.employees CASCADE")
    await served.settle()
    assert "employees" not in {each.name for each in (await served.profile(carl)).relations}
    served.sample.run(
        "CREATE TABLE hr.employees (id integer, name varchar(60), department text, salary integer, "
        "hired date, manager_id integer); INSERT INTO hr.employees VALUES (9, 'CANARY-it', 'it', 773311)"
    )
    await served.settle()
    profile = await served.profile(carl)
    employees = next(each for each in profile.relations if each.name == "employees")
    found = await served.read(carl, f'SELECT id, salary FROM "{employees.shadow_schema}".employees')
    assert found == [(9, None)]


async def test_rows_are_filtered_by_attributes(governance: Governed) -> None:
    place = f"{governance.source.namespace}/{governance.sample.database}"
    own = {
        "name": "own",
        "datasets": [f"{place}.public.customers"],
        "where": "country = :region",
        "exempt": ["steward"],
    }
    await governance.policies({**NULLED, "row_filters": [own]})
    german = await governance.person("dirk", "analyst", groups=["region=DE"])
    both = await governance.person("both", "analyst", groups=["region=DE", "region=FR"])
    sly = await governance.person("sly", "analyst", groups=["region=DE' OR true --"])
    steward = await governance.person("stella", "steward")
    await governance.settle()
    query = "SELECT country FROM customers"
    assert {country for (country,) in await governance.read(german, query)} == {"DE"}
    assert await governance.read(both, query) == []
    assert await governance.read(sly, query) == []
    assert len(await governance.read(steward, query)) == 40
    profile = await governance.profile(german)
    assert [each.name for each in profile.relations if each.row_filtered] == ["customers"]
    assert profile.id != (await governance.profile(both)).id


async def test_masks_never_loosen_when_what_they_rest_on_is_lost(served: Governed) -> None:
    carl, stella = await served.account("carl"), await served.person("stella", "steward")
    await served.settle()
    before = await everything(served, carl)
    assert "CANARY" in await everything(served, stella)
    await served.lose_classes()
    await served.reconciler.round()
    assert not leaks(await everything(served, carl))
    await served.lose_policies()
    await served.reconciler.round()
    assert not leaks(await everything(served, stella))
    assert len(await everything(served, carl)) <= len(before)
