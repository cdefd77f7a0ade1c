"""Functions that answer instead of PostgreSQL's own about its catalogue, and domains for names of objects.

Clients call them about numbers that the filtered catalogue gave them. About others, they say nothing; definitions,
comments and sizes are nobody's to see.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

_NOTHING = """
col_description(oid, integer) text
obj_description(oid, name) text
obj_description(oid) text
shobj_description(oid, name) text
pg_get_expr(pg_node_tree, oid) text
pg_get_expr(pg_node_tree, oid, boolean) text
pg_get_functiondef(oid) text
pg_get_function_arguments(oid) text
pg_get_function_identity_arguments(oid) text
pg_get_function_result(oid) text
pg_get_function_sqlbody(oid) text
pg_get_partkeydef(oid) text
pg_get_partition_constraintdef(oid) text
pg_get_ruledef(oid) text
pg_get_ruledef(oid, boolean) text
pg_get_serial_sequence(text, text) text
pg_get_statisticsobjdef(oid) text
pg_get_statisticsobjdef_columns(oid) text
pg_get_triggerdef(oid) text
pg_get_triggerdef(oid, boolean) text
pg_get_viewdef(oid) text
pg_get_viewdef(oid, boolean) text
pg_get_viewdef(oid, integer) text
pg_indexes_size(oid) bigint
pg_relation_size(oid) bigint
pg_relation_size(oid, text) bigint
pg_table_size(oid) bigint
pg_total_relation_size(oid) bigint
pg_database_size(oid) bigint
pg_database_size(name) bigint
pg_tablespace_location(oid) text
"""

_NO = """
has_function_privilege(oid, text)
has_function_privilege(text, text)
has_function_privilege(name, oid, text)
has_sequence_privilege(oid, text)
has_sequence_privilege(text, text)
pg_relation_is_publishable(oid)
pg_relation_is_updatable(oid, boolean)
"""

_SEES = "SELECT FROM {ln}.pg_class c JOIN {ln}.pg_namespace n ON n.oid = c.relnamespace"
_BY_NAME = (
    "$1 IN (c.relname, pg_catalog.quote_ident(c.relname), n.nspname || '.' || c.relname, "
    "pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), "
    "'\"' || n.nspname || '\".\"' || c.relname || '\"')"
)
_CONNECTS = "SELECT {} = pg_catalog.current_database() AND pg_catalog.upper({}) = 'CONNECT'"
_USAGE = "CASE pg_catalog.upper({}) WHEN 'USAGE' THEN 'SELECT' END"


def _sees(condition: str, privilege: str) -> str:
    return f"SELECT pg_catalog.upper({privilege}) = 'SELECT' AND EXISTS ({_SEES} WHERE {condition})"


def _shifted(condition: str) -> str:
    """Write a condition about the first argument for functions that have the user before it."""
    return condition.replace("$1", "$2")


_KEY_COLUMNS = """(SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY k.place)
 FROM pg_catalog.unnest({keys}) WITH ORDINALITY k(number, place)
 JOIN {{ln}}.pg_attribute a ON a.attrelid = {of} AND a.attnum = k.number)"""

_CONSTRAINT = f"""
SELECT CASE x.contype WHEN 'p' THEN 'PRIMARY KEY (' WHEN 'u' THEN 'UNIQUE (' ELSE 'FOREIGN KEY (' END
 || {_KEY_COLUMNS.format(keys="x.conkey", of="x.conrelid")} || ')'
 || CASE WHEN x.contype = 'f' THEN ' REFERENCES ' || pg_catalog.quote_ident(f.relname) || '('
 || {_KEY_COLUMNS.format(keys="x.confkey", of="x.confrelid")} || ')' ELSE '' END
FROM {{ln}}.pg_constraint x LEFT JOIN {{ln}}.pg_class f ON f.oid = x.confrelid WHERE x.oid = $1
"""

_INDEX = f"""
SELECT 'CREATE ' || CASE WHEN x.indisunique THEN 'UNIQUE ' ELSE '' END || 'INDEX ' || pg_catalog.quote_ident(i.relname)
 || ' ON ' || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.relname) || ' USING ' || m.amname
 || ' (' || {_KEY_COLUMNS.format(keys="x.indkey", of="x.indrelid")} || ')'
FROM {{ln}}.pg_index x JOIN {{ln}}.pg_class i ON i.oid = x.indexrelid JOIN {{ln}}.pg_class t ON t.oid = x.indrelid
JOIN {{ln}}.pg_namespace n ON n.oid = t.relnamespace JOIN pg_catalog.pg_am m ON m.oid = i.relam WHERE x.indexrelid = $1
"""

_INDEX_COLUMN = f"""
SELECT CASE WHEN $2 = 0 THEN ({_INDEX}) ELSE (SELECT pg_catalog.quote_ident(a.attname) FROM {{ln}}.pg_attribute a
 JOIN {{ln}}.pg_index x ON a.attrelid = x.indrelid AND a.attnum = x.indkey[$2 - 1] WHERE x.indexrelid = $1) END
"""

_CURRENT_SCHEMA = """
SELECT s.schema FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) WITH ORDINALITY p(shadow, place)
JOIN {ln}.ln_schemas s ON s.shadow = p.shadow ORDER BY p.place LIMIT 1
"""

_CURRENT_SCHEMAS = """
SELECT coalesce(pg_catalog.array_agg(coalesce(s.schema, p.shadow) ORDER BY p.place), '{{}}')::name[]
FROM pg_catalog.unnest(pg_catalog.current_schemas($1)) WITH ORDINALITY p(shadow, place)
LEFT JOIN {ln}.ln_schemas s ON s.shadow = p.shadow
WHERE p.shadow = 'pg_catalog' OR s.schema <> s.shadow
 OR s.schema IS NOT NULL AND NOT EXISTS (
  SELECT FROM {ln}.ln_schemas o WHERE o.schema = s.schema AND o.shadow <> o.schema)
"""

_FORMAT_TYPE = """
SELECT CASE WHEN $1 < 16384 OR EXISTS (SELECT FROM {ln}.pg_type t WHERE t.oid = $1)
 THEN pg_catalog.format_type($1, $2) END
"""

_SETTINGS = ("default_table_access_method", "server_version", "server_version_num", "standard_conforming_strings")
"""What clients ask for by a parameter; other settings are answered where a statement names them."""

_SETTING = """
SELECT CASE WHEN pg_catalog.lower($1) = 'search_path' THEN
 (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(s), ', ') FROM pg_catalog.unnest({{ln}}.current_schemas(false)) s)
 WHEN $1 IN ({}) THEN pg_catalog.current_setting($1) END
""".format(", ".join(f"'{each}'" for each in _SETTINGS))

_ANSWERS: tuple[tuple[str, str, str], ...] = (
    ("current_schema()", "name", _CURRENT_SCHEMA),
    ("current_schemas(boolean)", "name[]", _CURRENT_SCHEMAS),
    ("current_setting(text)", "text", _SETTING),
    (
        "format_type(oid, integer)",
        "text",
        _FORMAT_TYPE,
    ),
    ("pg_get_constraintdef(oid)", "text", _CONSTRAINT),
    ("pg_get_constraintdef(oid, boolean)", "text", _CONSTRAINT),
    ("pg_get_indexdef(oid)", "text", _INDEX),
    ("pg_get_indexdef(oid, integer, boolean)", "text", _INDEX_COLUMN),
    ("has_table_privilege(oid, text)", "boolean", _sees("c.oid = $1", "$2")),
    ("has_table_privilege(text, text)", "boolean", _sees(_BY_NAME, "$2")),
    ("has_table_privilege(name, oid, text)", "boolean", _sees("c.oid = $2", "$3")),
    ("has_table_privilege(name, text, text)", "boolean", _sees(_shifted(_BY_NAME), "$3")),
    ("has_any_column_privilege(oid, text)", "boolean", _sees("c.oid = $1", "$2")),
    ("has_any_column_privilege(text, text)", "boolean", _sees(_BY_NAME, "$2")),
    ("has_any_column_privilege(name, oid, text)", "boolean", _sees("c.oid = $2", "$3")),
    ("has_any_column_privilege(name, text, text)", "boolean", _sees(_shifted(_BY_NAME), "$3")),
    ("has_column_privilege(oid, smallint, text)", "boolean", _sees("c.oid = $1", "$3")),
    ("has_column_privilege(oid, text, text)", "boolean", _sees("c.oid = $1", "$3")),
    ("has_column_privilege(text, text, text)", "boolean", _sees(_BY_NAME, "$3")),
    ("has_schema_privilege(oid, text)", "boolean", _sees("n.oid = $1", _USAGE.format("$2"))),
    ("has_schema_privilege(text, text)", "boolean", _sees("n.nspname = $1", _USAGE.format("$2"))),
    ("has_schema_privilege(name, text, text)", "boolean", _sees("n.nspname = $2", _USAGE.format("$3"))),
    ("has_database_privilege(text, text)", "boolean", _CONNECTS.format("$1", "$2")),
    ("has_database_privilege(name, text, text)", "boolean", _CONNECTS.format("$2", "$3")),
)  # fmt: skip

DOMAINS = {
    "regclass": "EXISTS (SELECT FROM {ln}.pg_class c WHERE c.oid = $1)",
    "regtype": "EXISTS (SELECT FROM {ln}.pg_type t WHERE t.oid = $1)",
    "regnamespace": "EXISTS (SELECT FROM {ln}.pg_namespace n WHERE n.oid = $1)",
    "regproc": "EXISTS (SELECT FROM {ln}.pg_proc p WHERE p.oid = $1)",
    "regprocedure": "EXISTS (SELECT FROM {ln}.pg_proc p WHERE p.oid = $1)",
    "regrole": "EXISTS (SELECT FROM {ln}.pg_roles r WHERE r.oid = $1)",
}
"""By the type whose values are names of objects: what its number has to be for the name to be shown.

Numbers below 16384 are those of objects that every PostgreSQL has (FirstNormalObjectId).
"""


def _signatures(lines: str) -> Iterator[tuple[str, str]]:
    for line in lines.strip().splitlines():
        signature, _, result = line.partition(") ")
        yield f"{signature.removesuffix(')')})", result


REPLACED = frozenset(
    signature.split("(")[0]
    for signature in [
        *(each for each, _ in _signatures(_NOTHING + _NO)),
        *(each for each, _, _ in _ANSWERS),
        "pg_partition_ancestors",
        "to_regclass",
        "to_regtype",
    ]
)


def fingerprint() -> str:
    """Give what changes with any of the functions: a release that has others makes the profiles anew."""
    return sha256("\n".join(definitions("ln")).encode()).hexdigest()


def definitions(schema: str) -> Iterator[str]:
    """Give the statements that make the functions and domains in a schema whose views are there."""
    for signature, result in _signatures(_NOTHING):
        yield _function(schema, signature, result, f"SELECT NULL::{result}")
    for signature, _ in _signatures(_NO):
        yield _function(schema, signature, "boolean", "SELECT false")
    for signature, result, answer in _ANSWERS:
        yield _function(schema, signature, result, answer.format(ln=schema))
    yield _function(schema, "pg_partition_ancestors(oid)", "TABLE (relid regclass)", "SELECT $1::regclass WHERE false")
    yield _function(schema, "to_regclass(text)", "regclass", _TO_REGCLASS.format(ln=schema))
    yield _function(schema, "to_regtype(text)", "regtype", _TO_REGTYPE.format(ln=schema))
    for kind, condition in DOMAINS.items():
        shown = condition.format(ln=schema)
        yield _function(schema, f"ln_is_shown_{kind}(oid)", "boolean", f"SELECT $1 < 16384 OR {shown}")
        yield (
            f"CREATE DOMAIN {schema}.{kind} AS pg_catalog.{kind} "
            f"CHECK (VALUE IS NULL OR {schema}.ln_is_shown_{kind}(VALUE::pg_catalog.oid))"
        )


_TO_REGCLASS = (
    "SELECT c.oid::regclass FROM {ln}.pg_class c JOIN {ln}.pg_namespace n ON n.oid = c.relnamespace WHERE "
    + (_BY_NAME + " OR c.oid::text = $1 ORDER BY NOT pg_catalog.pg_table_is_visible(c.oid) LIMIT 1")
)


_TO_REGTYPE = (
    "SELECT t.oid::regtype FROM {ln}.pg_type t WHERE pg_catalog.lower($1) "
    "IN (t.typname, pg_catalog.format_type(t.oid, NULL)) ORDER BY t.oid LIMIT 1"
)


def _function(schema: str, signature: str, result: str, body: str) -> str:
    return f"CREATE FUNCTION {schema}.{signature} RETURNS {result} LANGUAGE sql STABLE AS $ln${body}$ln$"
