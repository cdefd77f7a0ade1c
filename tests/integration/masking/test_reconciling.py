"""Profiles of real people in a real source: what each sees, and that nobody ever sees more."""

from __future__ import annotations

from contextlib import suppress

import psycopg
import pytest

from nexus_core.masking.reconciling import ROTATE_AFTER
from nexus_core.store import masking as rows
from tests.masking import CANARIES, leaks
from tests.masking_governed import NULLED, Governed

pytestmark = pytest.mark.service


async def test_each_sees_what_policies_say(governance: Governed) -> None:
    await governance.policies(NULLED)
    analyst = await governance.person("carl", "analyst")
    steward = await governance.person("stella", "steward")
    nobody = await governance.person("nobody")
    await governance.settle()
    assert (await governance.profiles.answer(nobody, "shop")).profile is None

    rows = await governance.read(analyst, "SELECT * FROM customers ORDER BY id LIMIT 1")
    assert rows == await governance.read(analyst, "SELECT c.* FROM customers c WHERE name IS NULL ORDER BY id LIMIT 1")
    assert rows[0][0] == 1
    assert set(rows[0][1:11]) == {None}
    assert not leaks(str(await governance.read(analyst, "SELECT * FROM customers")))
    clear = await governance.read(steward, "SELECT email FROM customers ORDER BY id LIMIT 1")
    assert clear == [("CANARY-ada@example.com",)]

    profile = await governance.profile(analyst)
    found = {(each.schema, each.name): each for each in profile.relations}
    assert found["public", "orders"].is_base
    assert not found["public", "customers"].is_base
    assert not found["hr", "employees"].is_base
    assert ("public", "best_customers") not in found
    assert [each.name for each in found["public", "payments_2025"].columns][:3] == ["id", "customer_id", "iban"]


async def test_whoever_logs_in_by_a_profile_reads_nothing_else(governance: Governed) -> None:
    await governance.policies(NULLED)
    analyst = await governance.person("carl", "analyst")
    await governance.settle()
    with await governance.login(analyst) as connection:
        relations = connection.execute(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'v', 'p', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        read = 0
        for schema, relation in relations:
            try:
                rows = connection.execute(f'SELECT * FROM "{schema}"."{relation.replace(chr(34), chr(34) * 2)}"')
            except psycopg.errors.InsufficientPrivilege:
                continue
            read += 1
            assert not leaks(str(rows.fetchall())), (schema, relation)
        assert read > 5
        for statement in (
            "INSERT INTO orders (customer_id, placed_at, total) VALUES (1, now(), 1)",
            "SELECT most_common_vals FROM pg_stats WHERE tablename = 'customers' AND attname = 'email'",
        ):
            with suppress(psycopg.Error):
                assert not connection.execute(statement).fetchall()


async def test_a_new_tag_is_in_force_after_a_round_and_ends_sessions(governance: Governed) -> None:
    analyst = await governance.person("carl", "analyst")
    await governance.settle()
    session = await governance.login(analyst)
    assert session.execute("SELECT count(*) FROM orders WHERE total > 0").fetchone() == (120,)
    before = await governance.profiles.generation("shop")
    await governance.classify({"public.orders": {"total": "PII", "id": "Public"}})
    await governance.settle()
    with pytest.raises(psycopg.OperationalError):
        session.execute("SELECT total FROM orders")
    assert await governance.profiles.generation("shop") > before
    with pytest.raises(psycopg.Error):
        await governance.read(analyst, "SELECT total FROM orders")
    assert len(await governance.read(analyst, "SELECT id FROM orders")) == 120


async def test_old_passwords_are_replaced_and_sessions_go_on(governance: Governed) -> None:
    analyst = await governance.person("carl", "analyst")
    await governance.settle()
    profile = await governance.profile(analyst)
    first = await governance.profiles.password(profile)
    row = await rows.profile_row(governance.main, "shop", profile.id)
    assert row is not None
    await rows.put_profile(governance.main, row._replace(changed_at=row.changed_at - ROTATE_AFTER))
    with await governance.login(analyst) as session:
        await governance.settle()
        assert session.execute("SELECT 1").fetchone() == (1,)
    assert await governance.profiles.password(profile) != first
    assert await governance.read(analyst, "SELECT count(*) FROM orders") == [(120,)]
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(governance.sample.url(profile.login_role, first))


async def test_without_policies_only_what_is_public_is_there(governance: Governed) -> None:
    steward = await governance.person("stella", "steward")
    await governance.settle()
    profile = await governance.profile(steward)
    columns = {(each.schema, each.name): [column.name for column in each.columns] for each in profile.relations}
    assert columns["public", "customers"] == ["id", "country", "created_at"]
    assert "best_customers" not in {name for _, name in columns}
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await governance.read(steward, "SELECT email FROM public.customers")


async def test_canaries_are_what_they_are_for(governance: Governed) -> None:
    query = "SELECT c::text FROM public.customers c UNION ALL SELECT p::text FROM public.payments p UNION ALL "
    assert leaks(str(governance.sample.rows(query + "SELECT e::text FROM hr.employees e"))) == set(CANARIES)
