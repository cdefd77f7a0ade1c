"""What there is of a profile in its source."""

from __future__ import annotations

from psycopg.rows import dict_row

from nexus_core.masking.naming import login_role
from nexus_core.masking.source_catalogue import Connection
from nexus_core.model.masked import Profile

_STATE = """
SELECT coalesce(md5(string_agg(line, E'\\n' ORDER BY line)), '') AS digest FROM (
    SELECT concat_ws(' ', n.nspname, n.nspowner::regrole, n.nspacl::text, c.relname, c.relowner::regrole,
                     c.relacl::text, c.reloptions::text,
                     (SELECT string_agg(concat(r.rulename, r.ev_type, r.is_instead, r.ev_enabled), ','
                                        ORDER BY r.rulename)
                      FROM pg_rewrite r WHERE r.ev_class = c.oid),
                     (SELECT string_agg(concat_ws(' ', a.attname, a.atttypid, a.atttypmod, a.attacl::text), ','
                                        ORDER BY a.attnum)
                      FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
                     (SELECT string_agg(DISTINCT r.xmin::text, ',') FROM pg_rewrite r WHERE r.ev_class = c.oid)) AS line
    FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    WHERE n.nspname LIKE %(schemas)s
    UNION ALL
    SELECT concat_ws(' ', 'function', p.oid::regprocedure::text, p.prosecdef, p.proacl::text)
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname LIKE %(schemas)s
    UNION ALL
    SELECT concat_ws(' ', r.rolname, r.rolcanlogin, r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb,
                     r.rolreplication, r.rolbypassrls, r.rolconfig::text)
    FROM pg_roles r WHERE r.rolname = %(login)s
) lines
"""


async def state_of(connection: Connection, profile_id: str) -> str:
    """Give a hash of all that was made for a profile, and of rights to it, to see whether anybody changed it."""
    asked = {"schemas": f"ln\\_{profile_id}\\_\\_%", "login": login_role(profile_id)}
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_STATE, asked)
        row = await cursor.fetchone()
    return str(row["digest"]) if row else ""


async def views_of(connection: Connection, profile: Profile) -> set[tuple[str, str]]:
    """Give the views that are there of a profile, by schema and name."""
    schemas = sorted({each.shadow_schema for each in profile.relations if not each.is_base})
    found = await connection.execute(
        "SELECT schemaname, viewname FROM pg_views WHERE schemaname = ANY (%s)", (schemas,)
    )
    return {(row[0], row[1]) for row in await found.fetchall()}
