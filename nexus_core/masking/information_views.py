"""What information_schema is for the holders of a profile; its base is the filtered pg_catalog."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nexus_core.masking.quoting import name

PASSED = frozenset({
    "applicable_roles", "character_sets", "collations", "enabled_roles", "information_schema_catalog_name",
    "sql_features", "sql_implementation_info", "sql_sizing",
})  # fmt: skip

EMPTY = frozenset({
    "check_constraints", "column_domain_usage", "column_options", "column_privileges", "column_udt_usage",
    "constraint_table_usage", "data_type_privileges", "domain_constraints", "domains", "element_types",
    "foreign_tables", "parameters", "role_column_grants", "role_routine_grants", "role_table_grants",
    "routine_privileges", "routines", "sequences", "table_privileges", "triggers", "usage_privileges",
    "user_defined_types", "view_column_usage", "view_routine_usage", "view_table_usage",
})  # fmt: skip

_KEYS = """
CREATE VIEW {info}.{view} WITH (security_barrier) AS
SELECT pg_catalog.current_database()::text AS constraint_catalog, n.nspname::text AS constraint_schema,
       x.conname::text AS constraint_name, pg_catalog.current_database()::text AS table_catalog,
       n.nspname::text AS table_schema, r.relname::text AS table_name, {columns}
FROM {ln}.pg_constraint x JOIN {ln}.pg_class r ON r.oid = {of} JOIN {ln}.pg_namespace n ON n.oid = r.relnamespace
"""

_KEY_COLUMNS = """
JOIN LATERAL pg_catalog.unnest({keys}) WITH ORDINALITY k(number, place) ON true
JOIN {ln}.pg_attribute a ON a.attrelid = r.oid AND a.attnum = k.number
"""

_TABLE_CONSTRAINTS = _KEYS.replace("{of}", "x.conrelid").replace(
    "{columns}",
    """CASE x.contype WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' ELSE 'FOREIGN KEY' END AS constraint_type,
       CASE WHEN x.condeferrable THEN 'YES' ELSE 'NO' END AS is_deferrable,
       CASE WHEN x.condeferred THEN 'YES' ELSE 'NO' END AS initially_deferred, 'YES'::text AS enforced,
       'YES'::text AS nulls_distinct""",
)

_KEY_COLUMN_USAGE = (_KEYS + _KEY_COLUMNS).replace("{of}", "x.conrelid").replace("{keys}", "x.conkey").replace(
    "{columns}",
    """a.attname::text AS column_name, k.place::integer AS ordinal_position,
       CASE WHEN x.contype = 'f' THEN k.place::integer END AS position_in_unique_constraint""",
)  # fmt: skip

_CONSTRAINT_COLUMNS = (
    (_KEYS + _KEY_COLUMNS)
    .replace("{of}", "CASE x.contype WHEN 'f' THEN x.confrelid ELSE x.conrelid END")
    .replace("{keys}", "CASE x.contype WHEN 'f' THEN x.confkey ELSE x.conkey END")
    .replace("{columns}", "a.attname::text AS column_name")
)

_REFERENTIAL = """
CREATE VIEW {info}.referential_constraints WITH (security_barrier) AS
SELECT pg_catalog.current_database()::text AS constraint_catalog, n.nspname::text AS constraint_schema,
       x.conname::text AS constraint_name, pg_catalog.current_database()::text AS unique_constraint_catalog,
       m.nspname::text AS unique_constraint_schema, u.conname::text AS unique_constraint_name,
       CASE x.confmatchtype WHEN 'f' THEN 'FULL' WHEN 'p' THEN 'PARTIAL' ELSE 'NONE' END AS match_option,
       {update} AS update_rule, {delete} AS delete_rule
FROM {ln}.pg_constraint x JOIN {ln}.pg_namespace n ON n.oid = x.connamespace
LEFT JOIN {ln}.pg_constraint u ON u.conindid = x.conindid AND u.contype IN ('p', 'u') AND u.conrelid = x.confrelid
LEFT JOIN {ln}.pg_namespace m ON m.oid = u.connamespace WHERE x.contype = 'f'
"""

_RULE = """CASE x.{} WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT'
 WHEN 'r' THEN 'RESTRICT' ELSE 'NO ACTION' END"""

_SCHEMATA = """
CREATE VIEW {info}.schemata WITH (security_barrier) AS
SELECT pg_catalog.current_database()::text AS catalog_name, n.nspname::text AS schema_name,
       pg_catalog.pg_get_userbyid(n.nspowner)::text AS schema_owner, NULL::text AS default_character_set_catalog,
       NULL::text AS default_character_set_schema, NULL::text AS default_character_set_name, NULL::text AS sql_path
FROM {ln}.pg_namespace n
"""

_VIEWS = """
CREATE VIEW {info}.views WITH (security_barrier) AS
SELECT pg_catalog.current_database()::text AS table_catalog, s.schema AS table_schema, s.name AS table_name,
       NULL::text AS view_definition, 'NONE'::text AS check_option, 'NO'::text AS is_updatable,
       'NO'::text AS is_insertable_into, 'NO'::text AS is_trigger_updatable, 'NO'::text AS is_trigger_deletable,
       'NO'::text AS is_trigger_insertable_into
FROM {ln}.ln_shown s WHERE s.kind = 'v'
"""

_WHOLE = (
    _TABLE_CONSTRAINTS.replace("{view}", "table_constraints"),
    _KEY_COLUMN_USAGE.replace("{view}", "key_column_usage"),
    _CONSTRAINT_COLUMNS.replace("{view}", "constraint_column_usage"),
    _REFERENTIAL.replace("{update}", _RULE.format("confupdtype")).replace("{delete}", _RULE.format("confdeltype")),
    _SCHEMATA,
    _VIEWS,
)

_CHANGED: Mapping[str, Mapping[str, str]] = {
    "tables": {
        "table_schema": "s.schema::information_schema.sql_identifier",
        "table_type": "CASE s.kind WHEN 'v' THEN 'VIEW' ELSE 'BASE TABLE' END::information_schema.character_data",
        "is_insertable_into": "'NO'::information_schema.yes_or_no",
    },
    "columns": {
        "table_schema": "s.schema::information_schema.sql_identifier",
        "column_default": "NULL::information_schema.character_data",
        "generation_expression": "NULL::information_schema.character_data",
        "is_generated": "'NEVER'::information_schema.character_data",
        "is_identity": "'NO'::information_schema.yes_or_no",
        "is_nullable": "CASE WHEN (SELECT a.attnotnull FROM {ln}.pg_attribute a WHERE a.attrelid = s.oid "
        "AND a.attname = x.column_name) THEN 'NO' ELSE 'YES' END::information_schema.yes_or_no",
        "is_updatable": "'NO'::information_schema.yes_or_no",
    },
}

SERVED = (
    PASSED | EMPTY | _CHANGED.keys()
    | {"table_constraints", "key_column_usage", "constraint_column_usage", "referential_constraints", "schemata",
       "views"}
)  # fmt: skip


def definitions(schema: str, ln: str, columns: Mapping[tuple[str, str], Sequence[str]]) -> Iterator[str]:
    """Give the statements that make the views in `schema`; `ln` is that of the filtered pg_catalog, whose are there."""
    for view in sorted(PASSED | EMPTY):
        if ("information_schema", view) in columns:
            where = " WHERE false" if view in EMPTY else ""
            yield f"CREATE VIEW {schema}.{view} AS SELECT * FROM information_schema.{view}{where}"
    for view, changed in _CHANGED.items():
        shown = ", ".join(
            f"{changed[each].format(ln=ln) if each in changed else f'x.{name(each)}'} AS {name(each)}"
            for each in columns["information_schema", view]
        )
        yield (
            f"CREATE VIEW {schema}.{view} WITH (security_barrier) AS SELECT {shown} FROM information_schema.{view} x "
            f"JOIN {ln}.ln_shown s ON s.shadow = x.table_schema AND s.name = x.table_name"
        )
    for text in _WHOLE:
        yield text.format(ln=ln, info=schema)
