"""Takes profiles, and parts of them, out of a source again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import psycopg

from nexus_core.masking.naming import login_role
from nexus_core.masking.quoting import name, qualified
from nexus_core.masking.source_catalogue import Connection
from nexus_core.masking.source_session import composed, set_local
from nexus_core.model.masked import Profile, SeenRelation

LOCK_TIMEOUT = "3s"

_HOLDERS_END = """
SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE a.usename = %(login)s AND l.locktype = 'relation' GROUP BY l.pid
"""

_GRANTED = """
SELECT DISTINCT 'SCHEMA ' || quote_ident(n.nspname) AS what FROM pg_namespace n, aclexplode(n.nspacl) a, pg_roles r
WHERE r.rolname = %(login)s AND a.grantee = r.oid
UNION ALL
SELECT DISTINCT 'TABLE ' || c.oid::regclass FROM pg_class c JOIN pg_roles r ON r.rolname = %(login)s
WHERE EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee = r.oid)
   OR EXISTS (SELECT FROM pg_attribute t, aclexplode(t.attacl) a WHERE t.attrelid = c.oid AND a.grantee = r.oid)
UNION ALL
SELECT DISTINCT 'FUNCTION ' || p.oid::regprocedure FROM pg_proc p, aclexplode(p.proacl) a, pg_roles r
WHERE r.rolname = %(login)s AND a.grantee = r.oid
UNION ALL
SELECT DISTINCT 'DATABASE ' || quote_ident(d.datname) FROM pg_database d, aclexplode(d.datacl) a, pg_roles r
WHERE r.rolname = %(login)s AND a.grantee = r.oid AND d.datname = current_database()
"""


async def end_sessions(connection: Connection, login: str) -> int:
    """End the sessions of a profile (57P01) and let it log in no more; gives how many were ended."""
    found = await connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (login,))
    if found.rowcount:
        await connection.execute(composed(f"ALTER ROLE {name(login)} NOLOGIN"))
    ended = await connection.execute(
        "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = %s", (login,)
    )
    row = await ended.fetchone()
    return int(row[0]) if row else 0


async def drop_profile(connection: Connection, profile_id: str) -> None:
    """Remove every trace of a profile; raises psycopg.errors.LockNotAvailable if a session still reads by it."""
    login = login_role(profile_id)
    async with connection.transaction():
        await set_local(connection, "lock_timeout", LOCK_TIMEOUT)
        await remove_schemas(connection, profile_id)
        found = await connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (login,))
        if found.rowcount:
            await _revoke_all(connection, login)
            await connection.execute(composed(f"DROP ROLE {name(login)}"))


async def withdraw(connection: Connection, profile: Profile, gone: Sequence[SeenRelation]) -> None:
    """Let go of relations in the source: drop their views, revoke grants on them; ends sessions that still read them.

    Raises psycopg.errors.LockNotAvailable if they are still read afterwards.
    """
    login = name(profile.login_role)
    based = [qualified(each.schema, each.name) for each in gone if each.is_base]
    if based:
        await connection.execute(composed(f"REVOKE ALL ON {', '.join(based)} FROM {login}"))
    views = [qualified(each.shadow_schema, each.name) for each in gone if not each.is_base]
    try:
        await drop_views(connection, views)
    except psycopg.errors.LockNotAvailable:
        await connection.execute(_HOLDERS_END, {"login": profile.login_role})
        await drop_views(connection, views)


async def drop_views(connection: Connection, views: Iterable[str]) -> None:
    """Drop views by quoted names, and what reads them; raises psycopg.errors.LockNotAvailable if one is being read."""
    every = ", ".join(views)
    if every:
        async with connection.transaction():
            await set_local(connection, "lock_timeout", LOCK_TIMEOUT)
            await connection.execute(composed(f"DROP VIEW IF EXISTS {every} CASCADE"))


async def remove_schemas(connection: Connection, profile_id: str) -> None:
    """Remove all schemas of a profile; part of a transaction."""
    found = await connection.execute(
        "SELECT nspname FROM pg_namespace WHERE nspname LIKE %s", (f"ln\\_{profile_id}\\_\\_%",)
    )
    for row in await found.fetchall():
        await connection.execute(composed(f"DROP SCHEMA {name(row[0])} CASCADE"))


async def _revoke_all(connection: Connection, login: str) -> None:
    await set_local(connection, "search_path", "pg_catalog")
    found = await connection.execute(_GRANTED, {"login": login})
    for row in await found.fetchall():
        await connection.execute(composed(f"REVOKE ALL ON {row[0]} FROM {name(login)}"))
