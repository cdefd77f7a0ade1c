"""Clients' questions about the catalogue are answered with what a profile shows, under the source's names."""

# ruff: noqa: E501 a question and its answer stand in one line
from __future__ import annotations

import re
import subprocess

import pytest

from tests.masking import leaks
from tests.services import program
from tests.walls import Walls

COMMANDS = [
    r"\d", r"\dt", r"\dt+", r"\dv", r"\dn", r"\df", r"\du", r"\l", r"\dT", r"\di", r"\ds", r"\dp", r"\dx", r"\dm", r"\dD",
    r"\d customers", r"\d+ customers", r"\d orders", r"\d public.customer_totals", r"\d+ customer_totals",
    r"\d hr.employees", r"\d payments", r"\dS pg_class",
]  # fmt: skip
_QUERY = re.compile(r"\*{8,} QUERY \*{8,}\n(.*?)\n\*{20,}", re.DOTALL)

HIDDEN = ("canary", "secretive", "best_kept", "best_customers", "ln_walls__")
"""What is in the source and in no profile, and names that are ours."""


@pytest.mark.parametrize("command", COMMANDS)
def test_psql_describes_what_is_shown(walled: Walls, command: str) -> None:
    for query in _asked_by_psql(walled, command):
        said = walled.both(query)
        assert "refused" not in said, said
        assert "error" not in said, said
        assert not leaks(said)
        assert not [name for name in HIDDEN if name in said]


def _asked_by_psql(walled: Walls, command: str) -> list[str]:
    """Give what psql asks by a command, of what stands for relations instead of the relations."""
    url = walled.sample.admin_url
    psql = program("psql", "apt install postgresql-client")
    shown = subprocess.run([psql, "-XE", "-d", url, "-c", command], capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
    numbers = dict(
        walled.sample.rows(f'SELECT base_oid::text, oid::text FROM "ln_{walled.profile.id}__pg_catalog".ln_shown')
    )
    return [re.sub(r"'(\d+)'", lambda match: f"'{numbers.get(match[1], match[1])}'", query) for query in _QUERY.findall(shown.stdout)]  # type: ignore[misc]  # fmt: skip


TABLES = ["customer_totals", "customers", "open_orders", "orders", "countries", "payments", "employees", 'Odd "Name']

JDBC_TABLES = """
SELECT NULL AS TABLE_CAT, n.nspname AS TABLE_SCHEM, c.relname AS TABLE_NAME, CASE n.nspname ~ '^pg_' OR n.nspname =
 'information_schema' WHEN true THEN 'SYSTEM' WHEN false THEN CASE c.relkind WHEN 'r' THEN 'TABLE' WHEN 'p' THEN
 'PARTITIONED TABLE' WHEN 'v' THEN 'VIEW' ELSE NULL END ELSE NULL END AS TABLE_TYPE, d.description AS REMARKS,
 '' as TYPE_CAT, '' as TYPE_SCHEM, '' as TYPE_NAME, '' AS SELF_REFERENCING_COL_NAME, '' AS REF_GENERATION
FROM pg_catalog.pg_namespace n, pg_catalog.pg_class c
LEFT JOIN pg_catalog.pg_description d ON (c.oid = d.objoid AND d.objsubid = 0 and d.classoid = 'pg_class'::regclass)
WHERE c.relnamespace = n.oid AND n.nspname IN ('public', 'hr') AND c.relkind IN ('r', 'p', 'v') ORDER BY 2, 3
"""

JDBC_COLUMNS = """
SELECT * FROM (SELECT current_database() AS current_database, n.nspname,c.relname,a.attname,a.atttypid,a.attnotnull OR
 (t.typtype = 'd' AND t.typnotnull) AS attnotnull,a.atttypmod,a.attlen,t.typtypmod,row_number() OVER (PARTITION BY
 a.attrelid ORDER BY a.attnum) AS attnum, nullif(a.attidentity, '') as attidentity,nullif(a.attgenerated, '') as
 attgenerated,pg_catalog.pg_get_expr(def.adbin, def.adrelid) AS adsrc,dsc.description,t.typbasetype,t.typtype
FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_class c ON (c.relnamespace = n.oid)
JOIN pg_catalog.pg_attribute a ON (a.attrelid=c.oid) JOIN pg_catalog.pg_type t ON (a.atttypid = t.oid)
LEFT JOIN pg_catalog.pg_attrdef def ON (a.attrelid=def.adrelid AND a.attnum = def.adnum)
LEFT JOIN pg_catalog.pg_description dsc ON (c.oid=dsc.objoid AND a.attnum = dsc.objsubid)
LEFT JOIN pg_catalog.pg_class dc ON (dc.oid=dsc.classoid AND dc.relname='pg_class')
LEFT JOIN pg_catalog.pg_namespace dn ON (dc.relnamespace=dn.oid AND dn.nspname='pg_catalog')
WHERE c.relkind in ('r','p','v','f','m') and a.attnum > 0 AND NOT a.attisdropped AND n.nspname LIKE 'public' AND
 c.relname LIKE 'orders') c WHERE true ORDER BY nspname,c.relname,attnum
"""

JDBC_KEYS = """
SELECT result.TABLE_CAT, result.TABLE_SCHEM, result.TABLE_NAME, result.COLUMN_NAME, result.KEY_SEQ, result.PK_NAME
FROM (SELECT NULL AS TABLE_CAT, n.nspname AS TABLE_SCHEM, ct.relname AS TABLE_NAME, a.attname AS COLUMN_NAME,
 (information_schema._pg_expandarray(i.indkey)).n AS KEY_SEQ, ci.relname AS PK_NAME,
 information_schema._pg_expandarray(i.indkey) AS KEYS, a.attnum AS A_ATTNUM FROM pg_catalog.pg_class ct
 JOIN pg_catalog.pg_attribute a ON (ct.oid = a.attrelid) JOIN pg_catalog.pg_namespace n ON (ct.relnamespace = n.oid)
 JOIN pg_catalog.pg_index i ON ( a.attrelid = i.indrelid) JOIN pg_catalog.pg_class ci ON (ci.oid = i.indexrelid)
 WHERE true AND ct.relname = 'payments' AND i.indisprimary ) result
where result.A_ATTNUM = (result.KEYS).x ORDER BY result.table_name, result.pk_name, result.key_seq
"""

JDBC_TYPE = """
SELECT typinput='pg_catalog.array_in'::regproc as is_array, typtype, typname, pg_type.oid FROM pg_catalog.pg_type
LEFT JOIN (select ns.oid as nspoid, ns.nspname, r.r from pg_namespace as ns
 join ( select s.r, (current_schemas(false))[s.r] as nspname
        from generate_series(1, array_upper(current_schemas(false), 1)) as s(r) ) as r using ( nspname ) ) as sp
 ON sp.nspoid = typnamespace WHERE typname = 'order_status' ORDER BY sp.r, pg_type.oid DESC
"""


def test_jdbc_lists_tables_columns_keys_and_types(walled: Walls) -> None:
    tables = walled.both(JDBC_TABLES)
    assert sorted(line.split("|")[2] for line in tables.splitlines()) == sorted(TABLES)
    columns = [line.split("|")[3] for line in walled.both(JDBC_COLUMNS).splitlines()]
    assert columns == ["id", "customer_id", "placed_at", "total", "status"]
    assert walled.both(JDBC_KEYS).splitlines() == [
        "|public|payments|id|1|payments_pkey",
        "|public|payments|paid_on|2|payments_pkey",
    ]
    assert "order_status" in walled.both(JDBC_TYPE)


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("SELECT current_schema()", "public"),
        ("SELECT current_schemas(false)", "{public,hr}"),
        ("SHOW search_path", "public, hr"),
        ("SET search_path TO hr; SHOW search_path", "hr"),
        ("SELECT 'public.customers'::regclass", "customers"),
        ("SELECT to_regclass('hr.employees'), to_regclass('public.canary_table')", "employees|"),
        ("SELECT has_table_privilege('public.customers', 'SELECT'), has_table_privilege('customers', 'INSERT')", "t|f"),
        ("SELECT has_schema_privilege('hr', 'USAGE'), has_table_privilege('public.canary_table', 'SELECT')", "t|f"),
        ("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'", "6"),
        ("SELECT string_agg(column_name, ',') FROM information_schema.key_column_usage WHERE constraint_name = 'payments_pkey'", "id,paid_on"),
        ("SELECT unique_constraint_name FROM information_schema.referential_constraints WHERE constraint_name = 'orders_customer_id_fkey'", "customers_pkey"),
        ("SELECT is_nullable FROM information_schema.columns WHERE table_name = 'customers' AND column_name IN ('id', 'name') ORDER BY ordinal_position", "NO\nYES"),
        ("SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'customers'::regclass AND attname = 'balance'", "numeric(12,2)"),
        ("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'orders_customer_id_fkey'", "FOREIGN KEY (customer_id) REFERENCES customers(id)"),
        ("SELECT pg_get_indexdef(indexrelid, 2, true) FROM pg_index WHERE indexrelid::regclass::text LIKE '%payments_pkey'", "paid_on"),
        ("SELECT count(1 / (relname <> 'canary_table')::int) > 0 FROM pg_class", "t"),
        ("SELECT enumlabel FROM pg_enum ORDER BY enumsortorder", "new\npaid\nsent"),
    ],
)  # fmt: skip
def test_answers_are_under_the_source_s_names(walled: Walls, query: str, answer: str) -> None:
    assert walled.both(query) == answer
