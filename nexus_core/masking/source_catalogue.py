"""Reads what a source has. Every function raises psycopg.Error if the source fails."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.rows import dict_row

from nexus_core.masking.source_objects import RelationKind, SourceCatalogue, SourceColumn, SourceRelation
from nexus_core.masking.types import ColumnType

Connection = psycopg.AsyncConnection[Any]

OURS = "ln\\_%"
"""What the names of our own schemas and roles in a source are LIKE."""

_RELATIONS = r"""
SELECT c.oid::bigint AS oid, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind,
       CASE WHEN c.relkind = 'v' THEN pg_get_viewdef(c.oid) ELSE '' END AS definition,
       c.relrowsecurity AS row_security,
       pg_has_role(current_user, c.relowner, 'USAGE') AND pg_has_role(current_user, n.nspowner, 'USAGE')
       OR has_table_privilege(current_user, c.oid, 'SELECT WITH GRANT OPTION')
          AND has_schema_privilege(current_user, n.oid, 'USAGE WITH GRANT OPTION') AS may_grant,
       ARRAY(SELECT i.inhparent::bigint FROM pg_inherits i WHERE i.inhrelid = c.oid ORDER BY 1) AS parents,
       ARRAY(SELECT DISTINCT m[1]::bigint FROM pg_rewrite r,
                    regexp_matches(r.ev_action::text, ':relid (\d+)', 'g') m
             WHERE r.ev_class = c.oid AND c.relkind IN ('v', 'm') AND m[1] NOT IN ('0', c.oid::text)) AS reads,
       ARRAY(SELECT json_build_object(
                 'number', a.attnum, 'name', a.attname,
                 'written', format_type(a.atttypid, a.atttypmod), 'base', base.written)
             FROM pg_attribute a
             CROSS JOIN LATERAL (
                 WITH RECURSIVE under (type, typmod, kind) AS (
                     SELECT t.oid, a.atttypmod, t.typtype FROM pg_type t WHERE t.oid = a.atttypid
                     UNION ALL
                     SELECT b.oid, d.typtypmod, b.typtype FROM under
                     JOIN pg_type d ON d.oid = under.type AND d.typtype = 'd' JOIN pg_type b ON b.oid = d.typbasetype
                 ) SELECT format_type(type, typmod) AS written FROM under WHERE kind <> 'd') base
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum) AS columns
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE %(ours)s
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid
                  AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e')
ORDER BY n.nspname, c.relname
"""

_WIDTHS = """
SELECT schemaname, tablename, attname, avg_width FROM pg_stats
WHERE schemaname = ANY (%(schemas)s) AND avg_width > 0
"""

_SEARCH_PATH = """
SELECT coalesce(
    (SELECT substr(s, 13) FROM pg_db_role_setting r, unnest(r.setconfig) s
     WHERE r.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) AND r.setrole = 0
       AND s LIKE 'search\\_path=%%'),
    (SELECT reset_val FROM pg_settings WHERE name = 'search_path'), '"$user", public') AS path,
    ARRAY(SELECT nspname::text FROM pg_namespace) AS schemas, current_database() AS database
"""

_FINGERPRINT = """
SELECT md5(coalesce(string_agg(line, E'\\n' ORDER BY line), '')) AS fingerprint FROM (
    SELECT concat_ws(' ', c.oid, n.nspname, c.relname, c.relkind, c.relrowsecurity, c.relowner,
                     (SELECT string_agg(r.xmin::text, ',' ORDER BY r.oid) FROM pg_rewrite r WHERE r.ev_class = c.oid),
                     (SELECT string_agg(concat_ws(' ', a.attnum, a.attname, a.atttypid, a.atttypmod),
                                        ',' ORDER BY a.attnum)
                      FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
                     (SELECT string_agg(i.inhparent::text, ',' ORDER BY i.inhparent) FROM pg_inherits i
                      WHERE i.inhrelid = c.oid)) AS line
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't'
      AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE %(ours)s
) lines
"""


async def read_catalogue(connection: Connection) -> SourceCatalogue:
    """Read all relations but those of extensions and our own, under an empty search_path, which is the connection's."""
    async with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute("SET LOCAL search_path = ''")
        fingerprint = await _fingerprint(cursor)
        await cursor.execute(_SEARCH_PATH)
        place = await cursor.fetchone() or {}
        await cursor.execute(_RELATIONS, {"ours": OURS})
        rows = await cursor.fetchall()
        await cursor.execute(_WIDTHS, {"schemas": sorted({row["schema"] for row in rows})})
        widths = {(r["schemaname"], r["tablename"], r["attname"]): r["avg_width"] for r in await cursor.fetchall()}
    relations = {row["oid"]: _relation(row, widths) for row in rows}
    return SourceCatalogue(place["database"], _path(place["path"], place["schemas"]), relations, fingerprint)


async def read_fingerprint(connection: Connection) -> str:
    """Give a hash that changes with every relation and column of the source."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        return await _fingerprint(cursor)


async def _fingerprint(cursor: psycopg.AsyncCursor[dict[str, Any]]) -> str:
    await cursor.execute(_FINGERPRINT, {"ours": OURS})
    row = await cursor.fetchone()
    return str(row["fingerprint"]) if row else ""


def _relation(row: dict[str, Any], widths: dict[tuple[str, str, str], int]) -> SourceRelation:
    columns = tuple(
        SourceColumn(
            each["number"],
            each["name"],
            ColumnType(each["base"]),
            each["written"],
            widths.get((row["schema"], row["name"], each["name"])),
        )
        for each in row["columns"]
    )
    return SourceRelation(
        row["oid"],
        row["schema"],
        row["name"],
        RelationKind(row["kind"]),
        columns,
        row["definition"].rstrip().rstrip(";"),
        tuple(row["reads"]),
        tuple(row["parents"]),
        row["row_security"],
        row["may_grant"],
    )


def _path(written: str, schemas: list[str]) -> tuple[str, ...]:
    """Give the schemas of a written search_path that are there; `"$user"` is nobody's."""
    named = [part.strip().strip('"') for part in written.split(",")]
    return tuple(each for each in named if each in schemas and not each.startswith("pg_"))
