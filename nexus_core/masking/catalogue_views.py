"""The filtered catalogue of a profile: what `pg_catalog` and `information_schema` are for its holders.

The proxy's statement wall sends every name of the catalogue here. Relations are told under the source's names, with the
numbers of what stands for them, so that `pg_table_is_visible`, row descriptions and `regclass` agree; constraints and
indexes are those of the source, where all of their columns are seen. Not told: objects outside the profile, bounds,
default and check expressions, definitions, comments, statistics, and everything that a later PostgreSQL adds as a
relation, until it is listed here.

Functions run with the rights of who asks. The views are barriers: a condition is never tried on what they hide, where
its errors would tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nexus_core.masking import catalogue_functions as functions
from nexus_core.masking import information_views
from nexus_core.masking.naming import shadow_schema
from nexus_core.masking.quoting import name, text
from nexus_core.model.masked import Profile, SeenRelation
from nexus_core.model.policy import MaskKind

Columns = Mapping[tuple[str, str], Sequence[str]]
"""By schema and name of a relation of the catalogue: its columns, as `COLUMNS_QUERY` gives them."""

COLUMNS_QUERY = """
SELECT n.nspname, c.relname, array_agg(a.attname::text ORDER BY a.attnum)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
WHERE n.nspname IN ('pg_catalog', 'information_schema') AND a.attnum > 0 AND NOT a.attisdropped
GROUP BY n.nspname, c.relname
"""

PASSED = frozenset({
    "pg_aggregate", "pg_am", "pg_amop", "pg_amproc", "pg_cast", "pg_collation", "pg_conversion", "pg_cursors",
    "pg_extension", "pg_language", "pg_opclass", "pg_operator", "pg_opfamily", "pg_prepared_statements", "pg_range",
    "pg_tablespace", "pg_timezone_abbrevs", "pg_timezone_names", "pg_ts_config", "pg_ts_dict", "pg_ts_parser",
    "pg_ts_template",
})  # fmt: skip
"""Shown as they are, but for objects of other schemas than pg_catalog."""

EMPTY = frozenset({
    "pg_attrdef", "pg_auth_members", "pg_default_acl", "pg_depend", "pg_description", "pg_event_trigger",
    "pg_foreign_data_wrapper", "pg_foreign_server", "pg_foreign_table", "pg_indexes", "pg_inherits",
    "pg_init_privs", "pg_locks", "pg_matviews", "pg_partitioned_table", "pg_policies", "pg_policy", "pg_publication",
    "pg_publication_namespace", "pg_publication_rel", "pg_publication_tables", "pg_rewrite", "pg_rules", "pg_seclabel",
    "pg_seclabels", "pg_sequence", "pg_sequences", "pg_shdepend", "pg_shdescription", "pg_stat_all_tables",
    "pg_stat_user_indexes", "pg_stat_user_tables", "pg_statio_user_tables", "pg_statistic_ext", "pg_transform",
    "pg_trigger", "pg_user_mappings",
})  # fmt: skip
"""There, with their columns and no rows."""

FILTERED = frozenset({
    "pg_attribute", "pg_class", "pg_constraint", "pg_database", "pg_enum", "pg_index", "pg_namespace", "pg_proc",
    "pg_roles", "pg_settings", "pg_tables", "pg_type", "pg_user", "pg_views",
})  # fmt: skip

CATALOGUE = PASSED | EMPTY | FILTERED
"""The relations of pg_catalog that statements may name."""

INFORMATION = information_views.SERVED
"""The relations of information_schema that statements may name."""

REPLACED = functions.REPLACED
"""Functions that statements may call and that are answered by ours of the same name."""

NAMED_TYPES = frozenset(functions.DOMAINS)
"""Types whose values are names of objects, for which a domain of ours stands."""


def catalogue_schema(profile: Profile) -> str:
    """Give the schema that stands for pg_catalog."""
    return shadow_schema(profile.id, "pg_catalog")


def information_schema(profile: Profile) -> str:
    """Give the schema that stands for information_schema."""
    return shadow_schema(profile.id, "information_schema")


def definitions(profile: Profile, columns: Columns) -> Iterator[str]:
    """Give the statements that make everything in the two schemas, which are there and empty.

    The views that stand for relations have to be there, too. The profile's login needs USAGE of both schemas and SELECT
    on all views but `ln_shown` and `ln_attributes`, which the others read.
    """
    schema = name(catalogue_schema(profile))
    yield _shown(schema, profile.relations)
    yield _ATTRIBUTES.format(ln=schema)
    for relation in sorted(PASSED | EMPTY):
        if ("pg_catalog", relation) in columns:
            yield _as_it_is(schema, relation, columns["pg_catalog", relation], is_empty=relation in EMPTY)
    for relation in _ORDER:
        branches = _BRANCHES[relation]
        yield _filtered(schema, relation, columns["pg_catalog", relation], branches)
    yield from (each.format(ln=schema) for each in _WHOLE)
    yield from functions.definitions(schema)
    yield from information_views.definitions(name(information_schema(profile)), schema, columns)


def _shown(schema: str, relations: Sequence[SeenRelation]) -> str:
    """Write the view of what a profile sees: names, and the numbers of the relation and of what stands for it."""
    rows = ", ".join(
        f"({text(each.schema)}, {text(each.name)}, {text(each.shadow_schema)}, {_nulled(each)})" for each in relations
    )
    return _SHOWN.format(ln=schema, rows=rows or "(NULL::text, NULL::text, NULL::text, NULL::text[])")


def _nulled(relation: SeenRelation) -> str:
    """Write the columns that are NULL whatever the source says."""
    found = [text(each.name) for each in relation.columns if each.mask.kind is MaskKind.NULL]
    return f"ARRAY[{', '.join(found)}]::text[]"


def _as_it_is(schema: str, relation: str, columns: Sequence[str], *, is_empty: bool) -> str:
    spaces = [each for each in columns if each.endswith("namespace")]
    where = "false" if is_empty else f"x.{spaces[0]} = 11" if spaces else "true"
    shown = ", ".join(f"NULL::pg_catalog.aclitem[] AS {each}" if each.endswith("acl") else f"x.{name(each)}"
                      for each in columns)  # fmt: skip
    return f"CREATE VIEW {schema}.{relation} WITH (security_barrier) AS SELECT {shown} FROM pg_catalog.{relation} x WHERE {where}"


def _filtered(schema: str, relation: str, columns: Sequence[str], branches: Sequence[_Branch]) -> str:
    selects = (
        f"SELECT {', '.join(_column(each, changed) for each in columns)} {source}".format(ln=schema)
        for changed, source in branches
    )
    return f"CREATE VIEW {schema}.{relation} WITH (security_barrier) AS " + " UNION ALL ".join(selects)


def _column(column: str, changed: Mapping[str, str]) -> str:
    """Write a column: changed, hidden (a NULL of its type), or as it is."""
    if column == "attmissingval":  # its type, anyarray, is none that a view may have
        return f"NULL::text[] AS {column}"
    hidden = f"CASE WHEN false THEN x.{name(column)} END"
    shown = hidden if column in _HIDDEN else changed.get(column, f"x.{name(column)}")
    return f"{shown} AS {name(column)}"


_Branch = tuple[Mapping[str, str], str]

_HIDDEN = frozenset({
    "relpartbound", "relacl", "reloptions", "attacl", "attoptions", "attfdwoptions", "attmissingval", "conbin",
    "indexprs", "indpred", "typdefault", "typdefaultbin", "typacl", "nspacl", "proacl", "prosqlbody", "proargdefaults",
    "proconfig", "probin", "datacl",
})  # fmt: skip

_SHOWN = """
CREATE VIEW {ln}.ln_shown AS
SELECT v.schema, v.name, v.shadow, v.nulled, n.oid AS schema_oid, b.oid AS base_oid, b.relkind AS kind, s.oid
FROM (VALUES {rows}) v(schema, name, shadow, nulled)
JOIN pg_catalog.pg_namespace n ON n.nspname = v.schema
JOIN pg_catalog.pg_class b ON b.relnamespace = n.oid AND b.relname = v.name
JOIN pg_catalog.pg_namespace m ON m.nspname = v.shadow
JOIN pg_catalog.pg_class s ON s.relnamespace = m.oid AND s.relname = v.name
"""

_ATTRIBUTES = """
CREATE VIEW {ln}.ln_attributes AS
SELECT s.oid, s.base_oid, a.attnum, b.attnum AS base_attnum, a.atttypid,
       b.attnotnull AND NOT a.attname = ANY (s.nulled) AS attnotnull
FROM {ln}.ln_shown s JOIN pg_catalog.pg_attribute a ON a.attrelid = s.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_attribute b ON b.attrelid = s.base_oid AND b.attname = a.attname AND b.attnum > 0
WHERE pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'SELECT')
"""

_OF_POSTGRESQL = (
    "x.relnamespace IN (11, (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'information_schema'))"
)

_KEYS = """(SELECT pg_catalog.array_agg(m.attnum ORDER BY k.place) FROM pg_catalog.unnest(x.{column})
 WITH ORDINALITY k(number, place) JOIN {{ln}}.ln_attributes m ON m.base_oid = x.{of} AND m.base_attnum = k.number)"""

_UNSEEN = """EXISTS (SELECT FROM pg_catalog.unnest(x.{column}) k(number) WHERE NOT EXISTS (
 SELECT FROM {{ln}}.ln_attributes m WHERE m.base_oid = x.{of} AND m.base_attnum = k.number))"""

_INDEXES = (
    "FROM pg_catalog.pg_index x JOIN {ln}.ln_shown s ON s.base_oid = x.indrelid "
    "WHERE x.indexprs IS NULL AND x.indpred IS NULL AND NOT " + _UNSEEN.format(column="indkey", of="indrelid")
)

_USED_TYPES = "SELECT m.atttypid FROM {ln}.ln_attributes m"

_TYPES = (
    "x.typnamespace IN (11, (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'information_schema'))"
    " AND (x.typrelid = 0 OR EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = x.typrelid AND c.relkind = 'c'))"
    f" OR (x.typtype <> 'c' OR x.typrelid = 0) AND x.typnamespace <> 11 AND (x.oid IN ({_USED_TYPES})"
    f" OR x.typelem IN ({_USED_TYPES}) AND x.typelem <> 0 OR x.typarray IN ({_USED_TYPES}) AND x.typarray <> 0"
    f" OR x.oid IN (SELECT d.typbasetype FROM pg_catalog.pg_type d WHERE d.oid IN ({_USED_TYPES})))"
)

_BRANCHES: Mapping[str, Sequence[_Branch]] = {
    "pg_class": (
        (
            {
                "relnamespace": "s.schema_oid",
                "relkind": "CASE WHEN s.kind IN ('p', 'f') THEN 'r' ELSE s.kind END::\"char\"",
                "relam": "b.relam",
                "relowner": "b.relowner",
                "relhasindex": "b.relhasindex",
                "relchecks": "0::smallint",
                "relhasrules": "false",
                "relhastriggers": "false",
                "relrowsecurity": "false",
                "relforcerowsecurity": "false",
                "relispartition": "false",
                "relhassubclass": "false",
                "relpages": "0",
                "reltuples": "-1::real",
                "relallvisible": "0",
            },
            (
                "FROM {ln}.ln_shown s JOIN pg_catalog.pg_class x ON x.oid = s.oid "
                "JOIN pg_catalog.pg_class b ON b.oid = s.base_oid"
            ),
        ),
        (
            {"relkind": "'i'::\"char\"", "relpages": "0", "reltuples": "-1::real", "relispartition": "false"},
            "FROM pg_catalog.pg_class x WHERE x.oid IN (SELECT i.indexrelid FROM {ln}.pg_index i)",
        ),
        ({}, f"FROM pg_catalog.pg_class x WHERE {_OF_POSTGRESQL} AND x.relkind <> 'i'"),
    ),
    "pg_index": (
        (
            {
                "indrelid": "s.oid",
                "indkey": "(SELECT pg_catalog.string_agg(m.attnum::text, ' ' ORDER BY k.place) "
                "FROM pg_catalog.unnest(x.indkey) WITH ORDINALITY k(number, place) JOIN {ln}.ln_attributes m "
                "ON m.base_oid = x.indrelid AND m.base_attnum = k.number)::int2vector",
            },
            _INDEXES,
        ),
        ({}, "FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class c ON c.oid = x.indrelid WHERE c.relnamespace = 11"),
    ),
    "pg_attribute": (
        (
            {
                "attnotnull": "m.attnotnull",
                "atthasdef": "false",
                "atthasmissing": "false",
                "attidentity": "''::\"char\"",
                "attgenerated": "''::\"char\"",
            },
            "FROM pg_catalog.pg_attribute x JOIN {ln}.ln_attributes m ON m.oid = x.attrelid AND m.attnum = x.attnum",
        ),
        ({}, "FROM pg_catalog.pg_attribute x WHERE x.attrelid IN (SELECT i.indexrelid FROM {ln}.pg_index i)"),
        (
            {},
            (
                "FROM pg_catalog.pg_attribute x JOIN pg_catalog.pg_class c ON c.oid = x.attrelid "
                f"WHERE {_OF_POSTGRESQL.replace('x.', 'c.')} AND x.attnum > 0 AND c.relkind <> 'i'"
            ),
        ),
    ),
    "pg_constraint": (
        (
            {
                "conrelid": "s.oid",
                "confrelid": "coalesce(f.oid, 0::oid)",
                "conkey": _KEYS.format(column="conkey", of="conrelid"),
                "confkey": _KEYS.format(column="confkey", of="confrelid"),
            },
            (
                "FROM pg_catalog.pg_constraint x JOIN {ln}.ln_shown s ON s.base_oid = x.conrelid "
                "LEFT JOIN {ln}.ln_shown f ON f.base_oid = x.confrelid "
                "WHERE x.contype IN ('p', 'u', 'f') AND (x.contype <> 'f' OR f.oid IS NOT NULL) AND NOT "
                + _UNSEEN.format(column="conkey", of="conrelid")
                + " AND NOT "
                + _UNSEEN.format(column="confkey", of="confrelid")
            ),
        ),
    ),
    "pg_namespace": (
        (
            {},
            (
                "FROM pg_catalog.pg_namespace x WHERE x.nspname IN ('pg_catalog', 'information_schema') "
                "OR x.oid IN (SELECT s.schema_oid FROM {ln}.ln_shown s)"
            ),
        ),
    ),
    "pg_type": (
        ({}, f"FROM pg_catalog.pg_type x WHERE {_TYPES}"),
        (
            {"typnamespace": "s.schema_oid"},
            "FROM pg_catalog.pg_type x JOIN {ln}.ln_shown s ON s.oid = x.typrelid",
        ),
    ),
    "pg_enum": (({}, "FROM pg_catalog.pg_enum x WHERE x.enumtypid IN (SELECT t.oid FROM {ln}.pg_type t)"),),
    "pg_proc": (({"prosrc": "''::text"}, "FROM pg_catalog.pg_proc x WHERE x.pronamespace = 11"),),
    "pg_database": (({}, "FROM pg_catalog.pg_database x WHERE x.datname = pg_catalog.current_database()"),),
    "pg_roles": (
        (
            {"rolconfig": "NULL::text[]"},
            "FROM pg_catalog.pg_roles x WHERE x.rolname = CURRENT_USER",
        ),
    ),
    "pg_user": (
        (
            {"useconfig": "NULL::text[]"},
            "FROM pg_catalog.pg_user x WHERE x.usename = CURRENT_USER",
        ),
    ),
    "pg_settings": (
        (
            {"sourcefile": "NULL::text", "sourceline": "NULL::integer"},
            (
                "FROM pg_catalog.pg_settings x WHERE x.name IN ('application_name', 'block_size', 'bytea_output', "
                "'client_encoding', 'client_min_messages', 'DateStyle', 'default_transaction_isolation', "
                "'default_transaction_read_only', 'extra_float_digits', 'integer_datetimes', 'IntervalStyle', "
                "'lc_collate', "
                "'lc_ctype', 'lc_messages', 'lc_monetary', 'lc_numeric', 'lc_time', 'max_identifier_length', "
                "'max_index_keys', 'server_encoding', 'server_version', 'server_version_num', "
                "'standard_conforming_strings', 'statement_timeout', 'TimeZone', 'transaction_isolation', "
                "'transaction_read_only')"
            ),
        ),
    ),
}

_ORDER = ("pg_index", *sorted(_BRANCHES.keys() - {"pg_index", "pg_enum"}), "pg_enum")
"""Each of these may read those before it."""

_WHOLE = (
    """
CREATE VIEW {ln}.pg_tables WITH (security_barrier) AS
SELECT n.nspname AS schemaname, c.relname AS tablename, pg_catalog.pg_get_userbyid(c.relowner) AS tableowner,
       NULL::name AS tablespace, c.relhasindex AS hasindexes, false AS hasrules, false AS hastriggers,
       false AS rowsecurity
FROM {ln}.pg_class c JOIN {ln}.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r'
""",
    """
CREATE VIEW {ln}.pg_views WITH (security_barrier) AS
SELECT n.nspname AS schemaname, c.relname AS viewname, pg_catalog.pg_get_userbyid(c.relowner) AS viewowner,
       NULL::text AS definition
FROM {ln}.pg_class c JOIN {ln}.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'v'
""",
)
