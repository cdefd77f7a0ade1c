"""What an administrator runs in a source before it is served, and what takes every trace of it away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from psycopg.rows import dict_row

from nexus_core.masking.naming import PREFIX, owner_role
from nexus_core.masking.quoting import name, text
from nexus_core.masking.source_catalogue import OURS, Connection
from nexus_core.masking.verifiers import verifier

_PLACE = """
SELECT current_database() AS database, current_setting('server_version_num')::int AS version,
       ARRAY(SELECT nspname::text FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
             AND nspname NOT LIKE %(ours)s ORDER BY nspname) AS schemas,
       ARRAY(SELECT rolname::text FROM pg_roles WHERE rolname = ANY (%(roles)s)) AS roles
"""

_LEFT = """
SELECT ARRAY(SELECT DISTINCT r.rolname::text FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole
             WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
               AND r.rolname LIKE 'ln\\_p\\_%%' ORDER BY 1) AS logins,
       ARRAY(SELECT n.nspname::text FROM pg_namespace n WHERE n.nspowner = to_regrole(%(owner)s)
             ORDER BY 1) AS schemas
"""


async def onboarding(connection: Connection, source: str, role: str, password: str | None) -> list[str]:
    """Give the statements that let a role be the reconciler of a source; raises psycopg.Error if the source fails."""
    place = await _one(connection, _PLACE, {"ours": OURS, "roles": [owner_role(source), role]})
    return list(_onboarding(source, role, password, place))


async def offboarding(connection: Connection, source: str, role: str) -> list[str]:
    """Give the statements that remove all that was made in a source, the reconciler's role too if it was made by us."""
    asked = {"ours": OURS, "roles": [owner_role(source), role]}
    place = await _one(connection, _PLACE, asked)
    left = await _one(connection, _LEFT, {"owner": name(owner_role(source))})
    return list(_offboarding(source, role, place, left))


def _onboarding(source: str, role: str, password: str | None, place: dict[str, Any]) -> Iterator[str]:
    owner, reconciler = name(owner_role(source)), name(role)
    if owner_role(source) not in place["roles"]:
        yield f"CREATE ROLE {owner} NOLOGIN"
    if role not in place["roles"]:
        secret = f" PASSWORD {text(verifier(password))}" if password else ""
        yield f"CREATE ROLE {reconciler} LOGIN CREATEROLE{secret}"
    yield f"GRANT pg_read_all_data TO {owner}"
    yield f"GRANT {owner} TO {reconciler}"
    yield f"GRANT pg_signal_backend TO {reconciler}"
    database = name(place["database"])
    yield f"GRANT CREATE ON DATABASE {database} TO {owner}"
    yield f"GRANT CONNECT ON DATABASE {database} TO {reconciler} WITH GRANT OPTION"
    for schema in place["schemas"]:
        yield f"GRANT USAGE ON SCHEMA {name(schema)} TO {reconciler} WITH GRANT OPTION"
        yield f"GRANT SELECT ON ALL TABLES IN SCHEMA {name(schema)} TO {reconciler} WITH GRANT OPTION"


def _offboarding(source: str, role: str, place: dict[str, Any], left: dict[str, Any]) -> Iterator[str]:
    owner, reconciler, database = name(owner_role(source)), name(role), name(place["database"])
    for schema in left["schemas"]:
        yield f"DROP SCHEMA {name(schema)} CASCADE"
    if role in place["roles"]:
        yield from _take_back(reconciler, place["schemas"], left["logins"])
        yield from _leave(reconciler, database, place["schemas"])
    for login in left["logins"]:
        yield f"DROP OWNED BY {name(login)}"
        yield f"DROP ROLE {name(login)}"
    if owner_role(source) in place["roles"]:
        yield f"DROP OWNED BY {owner} CASCADE"
        yield f"DROP ROLE {owner}"
    if role in place["roles"] and role.startswith(PREFIX):
        yield f"DROP OWNED BY {reconciler} CASCADE"
        yield f"DROP ROLE {reconciler}"


def _take_back(reconciler: str, schemas: Iterable[str], logins: Iterable[str]) -> Iterator[str]:
    """Revoke what the reconciler granted, which only itself can, or who acts as it."""
    logins = ", ".join(map(name, logins))
    if logins:
        yield f"SET ROLE {reconciler}"
        for schema in schemas:
            yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {name(schema)} FROM {logins}"
        yield "RESET ROLE"


def _leave(reconciler: str, database: str, schemas: Iterable[str]) -> Iterator[str]:
    for schema in schemas:
        yield f"REVOKE SELECT ON ALL TABLES IN SCHEMA {name(schema)} FROM {reconciler} CASCADE"
        yield f"REVOKE USAGE ON SCHEMA {name(schema)} FROM {reconciler} CASCADE"
    yield f"REVOKE CONNECT ON DATABASE {database} FROM {reconciler} CASCADE"
    yield f"REVOKE pg_signal_backend FROM {reconciler}"


async def _one(connection: Connection, query: str, asked: dict[str, Any]) -> dict[str, Any]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query, asked)
        row = await cursor.fetchone()
    return row or {}
