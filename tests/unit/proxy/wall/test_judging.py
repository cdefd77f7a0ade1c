"""What the statement wall lets through, as which text, and what it says was read."""

# ruff: noqa: E501 a statement and what becomes of it stand in one line

from __future__ import annotations

import pytest

from nexus_core.model.masked import Profile, SeenColumn, SeenRelation
from nexus_core.model.policy import NULL, Mask, MaskKind
from nexus_core.proxy.wall import Kind, Permitted, Refused, judge

PARTIAL = Mask(MaskKind.PARTIAL)
SHOP = Profile(
    "ab12",
    "shop",
    3,
    "ln_p_ab12",
    ("ln_ab12__public", "public"),
    (
        SeenRelation(
            "public",
            "customers",
            "ln_ab12__public",
            (SeenColumn("id", "integer"), SeenColumn("email", "text", PARTIAL), SeenColumn("ssn", "text", NULL, True)),
        ),
        SeenRelation("public", "orders", "public", (SeenColumn("id", "integer"), SeenColumn("customer_id", "integer"))),
        SeenRelation("hr", "Staff", "ln_ab12__hr", (SeenColumn("pay", "integer", NULL),), row_filtered=True),
        SeenRelation("hr", "log", "ln_ab12__hr", (SeenColumn("at", "date"),)),
        SeenRelation("ops", "log", "ln_ab12__ops", (SeenColumn("at", "date"),)),
    ),
)


def permitted(text: str) -> Permitted:
    verdict = judge(text, SHOP)
    assert isinstance(verdict, Permitted), verdict
    return verdict


def refused(text: str) -> Refused:
    verdict = judge(text, SHOP)
    assert isinstance(verdict, Refused), verdict.text
    return verdict


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("SELECT id FROM customers", 'SELECT id FROM "ln_ab12__public".customers'),
        ("SELECT id FROM public.customers", 'SELECT id FROM "ln_ab12__public".customers'),
        ('SELECT "public".customers.id FROM PUBLIC."customers"', 'SELECT "ln_ab12__public".customers.id FROM "ln_ab12__public"."customers"'),
        ("SELECT 'ü€', public.customers.id FROM customers", "SELECT 'ü€', \"ln_ab12__public\".customers.id FROM \"ln_ab12__public\".customers"),
        ("SELECT id FROM orders", 'SELECT id FROM "public".orders'),
        ("SELECT id FROM public.orders", "SELECT id FROM public.orders"),
        ("SELECT count(*) FROM ONLY public.orders", "SELECT pg_catalog.count(*) FROM ONLY public.orders"),
        ("SELECT id FROM orders TABLESAMPLE SYSTEM (10)", 'SELECT id FROM "public".orders TABLESAMPLE SYSTEM (10)'),
        ("WITH customers AS (SELECT 1 AS id) SELECT id FROM customers", None),
        ("WITH c AS (SELECT * FROM customers) SELECT c.email FROM c", 'WITH c AS (SELECT * FROM "ln_ab12__public".customers) SELECT c.email FROM c'),
        ("WITH customers AS (SELECT * FROM customers) TABLE customers", 'WITH customers AS (SELECT * FROM "ln_ab12__public".customers) TABLE customers'),
        ("SELECT at FROM log", None),
        ("SELECT at FROM ops.log", 'SELECT at FROM "ln_ab12__ops".log'),
        ("COPY customers TO STDOUT", 'COPY (SELECT "id", "email", "ssn" FROM "ln_ab12__public"."customers") TO STDOUT'),
        ('COPY hr."Staff" (pay) TO STDOUT CSV HEADER', 'COPY (SELECT "pay" FROM "ln_ab12__hr"."Staff") TO STDOUT CSV HEADER'),
        ("SET search_path = hr, public, nowhere", 'SET search_path TO "ln_ab12__hr", "ln_ab12__public", "public"'),
        ("SET LOCAL search_path TO secret", 'SET LOCAL search_path TO "ln_ab12__pg_catalog"'),
        ("SELECT relname FROM pg_class", 'SELECT relname FROM "ln_ab12__pg_catalog".pg_class'),
        ("SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class", 'SELECT "ln_ab12__pg_catalog".pg_class.relname FROM "ln_ab12__pg_catalog".pg_class'),
        ("SELECT 'public.customers'::regclass", "SELECT '\"ln_ab12__public\".\"customers\"'::regclass"),
        ("SELECT attrelid::regclass FROM pg_attribute", 'SELECT attrelid::pg_catalog.oid::"ln_ab12__pg_catalog".regclass FROM "ln_ab12__pg_catalog".pg_attribute'),
        ("SELECT CAST(1 + 2 AS regclass)", 'SELECT CAST((1 + 2 )::pg_catalog.oid AS "ln_ab12__pg_catalog".regclass)'),
        ("SELECT CAST($1 AS regclass)", 'SELECT CAST("ln_ab12__pg_catalog".to_regclass(($1 )::pg_catalog.text) AS "ln_ab12__pg_catalog".regclass)'),
        ("SELECT $1::regtype", 'SELECT "ln_ab12__pg_catalog".to_regtype($1::pg_catalog.text)::"ln_ab12__pg_catalog".regtype'),
        ("SELECT current_setting($1)", 'SELECT "ln_ab12__pg_catalog".current_setting($1)'),
        ("SELECT current_setting('search_path')", "SELECT \"ln_ab12__pg_catalog\".current_setting('search_path')"),
        ("SELECT CURRENT_SCHEMA", 'SELECT "ln_ab12__pg_catalog".current_schema()'),
        ("SELECT pg_catalog.pg_get_viewdef(1)", 'SELECT "ln_ab12__pg_catalog".pg_get_viewdef(1)'),
        ("", None),
        ("; -- nothing", None),
    ],
)  # fmt: skip
def test_names_become_those_of_what_stands_for_them(given: str, sent: str | None) -> None:
    assert permitted(given).text == (given if sent is None else sent)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("DELETE FROM customers", "DELETE"),
        ("SELECT 1; DROP TABLE customers", "DROP"),
        ("WITH x AS (DELETE FROM customers RETURNING *) SELECT * FROM x", "WITH may hold queries only"),
        ("SELECT * INTO t FROM customers", "SELECT INTO"),
        ("SELECT * FROM customers FOR UPDATE", "locked"),
        ("SELECT * FROM ONLY customers", "ONLY"),
        ("SELECT * FROM customers TABLESAMPLE SYSTEM (1)", "TABLESAMPLE"),
        ("SELECT ctid FROM customers", "system column"),
        ("SELECT * FROM secrets", "does not exist"),
        ("SELECT * FROM public.secrets", "does not exist"),
        ("SELECT * FROM shop.public.customers", "database"),
        ("SELECT * FROM pg_statistic", "does not exist"),
        ("SELECT * FROM ln_ab12__public.customers", "does not exist"),
        ("SELECT pg_sleep(1)", "pg_sleep"),
        ("SELECT public.f(1)", "public.f"),
        ("SELECT (c).pg_read_file FROM customers c", "no field"),
        ("SELECT c.pg_read_file FROM customers c", "does not exist"),
        ("SELECT query_to_xml('SELECT 1', true, true, '')", "query_to_xml"),
        ("SELECT set_config('role', 'postgres', false)", "role"),
        ("SELECT current_setting('data_directory')", "data_directory"),
        ("SET standard_conforming_strings = off", "stays as it is"),
        ("SET client_encoding = 'SJIS'", "stays as it is"),
        ("SET ROLE postgres", "role"),
        ("SET my.own = 1", "my.own"),
        ("SHOW data_directory", "data_directory"),
        ("EXPLAIN ANALYZE SELECT 1", "ANALYZE"),
        ("EXPLAIN (VERBOSE) SELECT 1", "VERBOSE"),
        ('EXPLAIN SELECT * FROM hr."Staff"', "part of the rows"),
        ("COPY customers FROM STDIN", "COPY FROM"),
        ("COPY customers TO '/tmp/x'", "STDOUT only"),
        ("COPY (SELECT 1) TO PROGRAM 'cat'", "STDOUT only"),
        ("DO $$ BEGIN END $$", "DO"),
        ("LISTEN x", "LISTEN"),
        ("LOCK TABLE customers", "LOCK"),
        ("PREPARE TRANSACTION 'x'", "two phases"),
        ("SELECT 1 OPERATOR(public.+) 1", "Operators"),
        ("SELECT '1'::secret_type", "secret_type"),
        ("SELECT 'public.secrets'::regclass", "does not exist"),
        ('SELECT * FROM U&"customers"', "cannot follow"),
        ("SELECT id FROM customers WHERE ssn = '1'", "filters by public.customers.ssn"),
        ("SELECT count(*) FROM (SELECT ssn AS s FROM customers) x GROUP BY s", "groups by public.customers.ssn"),
        ("SELECT DISTINCT ssn FROM customers", "counts distinct"),
        ("SELECT 1 FROM orders JOIN customers ON ssn = '2'", "joins by"),
        ("SELECT 1 UNION SELECT length(ssn) FROM customers", "counts distinct"),
        ("SELECT ssn, count(*) FROM customers GROUP BY 1", "groups by"),
        ("SELECT 'x' IN (SELECT ssn FROM customers)", "filters by"),
        ("SELECT FROM customers WHERE", "syntax error"),
    ],
)  # fmt: skip
def test_everything_else_is_refused_with_a_reason(given: str, why: str) -> None:
    assert why in refused(given).reason


def test_a_refusal_points_at_the_character_and_keeps_no_literal() -> None:
    verdict = refused("SELECT 'ü', pg_sleep(3)")
    assert (verdict.position, verdict.sqlstate) == (13, "42501")
    assert verdict.normalised == "SELECT $1, pg_sleep($2)"
    assert refused("SELECT 'secret").normalised == ""


def test_columns_are_told_clear_and_masked() -> None:
    verdict = permitted("SELECT o.id, c.email FROM orders o JOIN customers c ON c.id = o.customer_id")
    assert {f"{each.relation}.{each.column}" for each in verdict.clear} == {"orders.id", "customers.id", "orders.customer_id"}  # fmt: skip
    assert [(each.column, each.mask) for each in verdict.masked] == [("email", "partial")]
    assert verdict.relations == (("public", "customers"), ("public", "orders"))
    assert verdict.notices == ()


def test_inference_over_a_masked_column_is_told() -> None:
    verdict = permitted("SELECT id FROM (SELECT id, lower(email) AS e FROM customers) x WHERE e LIKE 'a%' ORDER BY e")
    (notice,) = verdict.notices
    assert "filters and sorts by public.customers.email" in notice


def test_a_column_that_may_not_be_inferred_from_may_be_selected() -> None:
    assert permitted("SELECT ssn FROM customers ORDER BY ssn").masked
    assert permitted("SELECT id FROM customers c WHERE EXISTS (SELECT ssn FROM customers d WHERE d.id = c.id)")


def test_kinds_of_statements_are_told_in_order() -> None:
    text = "BEGIN; DECLARE c CURSOR FOR SELECT 1; FETCH 2 FROM c; CLOSE c; SHOW timezone; COMMIT; DISCARD ALL"
    assert permitted(text).statements == (
        Kind.BEGIN, Kind.DECLARE, Kind.FETCH, Kind.CLOSE, Kind.SHOW, Kind.COMMIT, Kind.DISCARD,
    )  # fmt: skip


@pytest.mark.parametrize("text", ["(" * 50_000, "SELECT " + "(" * 5000 + "1" + ")" * 5000, "SELECT " + "-" * 3000 + "1",
                                  "SELECT 1" + "+1" * 5000, "SELECT '\ud800'", "SELECT 1\0", "x" * 2_000_000])  # fmt: skip
def test_no_text_makes_it_raise(text: str) -> None:
    assert isinstance(judge(text, SHOP), Refused | Permitted)
