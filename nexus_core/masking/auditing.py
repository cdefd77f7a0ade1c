"""Whether a source's own rights let anybody read past the views: green, or not served, with what makes it green.

Profiles' roles are members of nothing and own nothing, so that their rights are their own grants and what everybody
(PUBLIC) has. Both are compared with exactly what we granted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import dict_row

from nexus_core.masking.quoting import name, qualified
from nexus_core.masking.source_catalogue import Connection
from nexus_core.model.masked import Profile

READ_ONLY = "default_transaction_read_only=on"

_LOGINS = "r.rolname LIKE 'ln\\_p\\_%%'"
_SYSTEM = "n.nspname IN ('pg_catalog', 'information_schema', 'pg_toast')"
_OURS = "n.nspname LIKE 'ln\\_%%'"

_PUBLIC_RELATIONS = f"""
SELECT n.nspname AS schema, c.relname AS name, string_agg(DISTINCT a.privilege_type, ', ') AS rights
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    SELECT grantee, privilege_type FROM aclexplode(c.relacl)
    UNION ALL
    SELECT x.grantee, x.privilege_type FROM pg_attribute t, aclexplode(t.attacl) x WHERE t.attrelid = c.oid
) a
WHERE a.grantee = 0 AND NOT ({_SYSTEM}) AND n.nspname !~ '^pg_' AND c.relpersistence <> 't' GROUP BY 1, 2 ORDER BY 1, 2
"""

_OPEN_CATALOGUES = """
SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'pg_catalog' AND c.relname = ANY (%(closed)s) AND EXISTS (
    SELECT FROM aclexplode(c.relacl) a WHERE a.grantee = 0
    UNION ALL
    SELECT FROM pg_attribute t, aclexplode(t.attacl) x
    WHERE t.attrelid = c.oid AND x.grantee = 0 AND c.relname <> 'pg_subscription')
"""
_CLOSED = [
    "pg_authid", "pg_statistic", "pg_statistic_ext_data", "pg_largeobject", "pg_user_mapping", "pg_hba_file_rules",
    "pg_file_settings", "pg_shmem_allocations", "pg_subscription",
]  # fmt: skip

_FUNCTIONS = f"""
SELECT n.nspname AS schema, p.oid::regprocedure::text AS name, p.prosecdef AS definer, e.extname AS extension,
       pg_get_userbyid(p.proowner) AS owner
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
LEFT JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
LEFT JOIN pg_extension e ON e.oid = d.refobjid
WHERE NOT ({_OURS}) AND n.nspname <> 'information_schema'
  AND (p.prosecdef OR e.extname IN ('dblink', 'postgres_fdw', 'file_fdw', 'adminpack', 'tablefunc', 'xml2')
       OR n.nspname = 'pg_catalog' AND p.proname = ANY (%(files)s))
  AND EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
              WHERE a.grantee = 0 AND a.privilege_type = 'EXECUTE')
ORDER BY 1, 2
"""
_FILES = [
    "pg_read_file", "pg_read_binary_file", "pg_ls_dir", "pg_stat_file", "lo_import", "lo_export", "pg_ls_logdir",
    "pg_ls_waldir", "pg_ls_tmpdir", "pg_current_logfile", "pg_ls_archive_statusdir",
]  # fmt: skip

_ROLES = f"""
SELECT r.rolname AS name,
       r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls AS mighty,
       ARRAY(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
             WHERE m.member = r.oid) AS member_of,
       ARRAY(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.member
             WHERE m.roleid = r.oid AND g.rolname <> current_user) AS members,
       ARRAY(SELECT c FROM pg_db_role_setting s, unnest(s.setconfig) c
             WHERE s.setrole = r.oid AND s.setdatabase IN
                   (0, (SELECT oid FROM pg_database WHERE datname = current_database()))) AS settings,
       (SELECT count(*) FROM pg_shdepend d WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = r.oid
                                             AND d.deptype = 'o') AS owned
FROM pg_roles r WHERE {_LOGINS} AND r.rolname = ANY (%(logins)s)
"""

_GRANTS = f"""
SELECT r.rolname AS login, n.nspname AS schema, c.relname AS name, t.attname AS field, a.privilege_type AS right
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute t ON t.attrelid = c.oid CROSS JOIN LATERAL aclexplode(t.attacl) a
JOIN pg_roles r ON r.oid = a.grantee
WHERE {_LOGINS} AND r.rolname = ANY (%(logins)s)
UNION ALL
SELECT r.rolname, n.nspname, c.relname, NULL, a.privilege_type
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL aclexplode(c.relacl) a
JOIN pg_roles r ON r.oid = a.grantee
WHERE {_LOGINS} AND r.rolname = ANY (%(logins)s) AND NOT ({_OURS})
"""

_DEFAULTS = """
SELECT pg_get_userbyid(d.defaclrole) AS owner, n.nspname AS schema, d.defaclobjtype::text AS kind,
       coalesce(r.rolname, 'PUBLIC') AS grantee
FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
CROSS JOIN LATERAL aclexplode(d.defaclacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE (a.grantee = 0 AND d.defaclobjtype IN ('r', 'S') OR r.rolname LIKE 'ln\\_p\\_%%')
GROUP BY 1, 2, 3, 4
"""

_SERVERS = """
SELECT s.srvname AS name FROM pg_foreign_server s
WHERE EXISTS (SELECT FROM aclexplode(s.srvacl) a WHERE a.grantee = 0)
"""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that stands against serving a source, and the statement that ends it, "" where none does alone."""

    what: str
    statement: str = ""


async def audit(connection: Connection, profiles: Iterable[Profile]) -> list[Problem]:
    """Give what is wrong with a source, nothing if it may be served; raises psycopg.Error if it fails."""
    by_login = {each.login_role: each for each in profiles}
    asked = {"logins": sorted(by_login), "closed": _CLOSED, "files": _FILES}
    rows = _Rows(connection, asked)
    return [
        *[_public(row) for row in await rows.of(_PUBLIC_RELATIONS)],
        *[_catalogue(row) for row in await rows.of(_OPEN_CATALOGUES)],
        *[_function(row) for row in await rows.of(_FUNCTIONS)],
        *[problem for row in await rows.of(_ROLES) for problem in _role(row, by_login[row["name"]])],
        *_granted(await rows.of(_GRANTS), by_login),
        *[_default(row) for row in await rows.of(_DEFAULTS)],
        *[_server(row) for row in await rows.of(_SERVERS)],
    ]


class _Rows:
    def __init__(self, connection: Connection, asked: Mapping[str, Any]) -> None:
        self._connection, self._asked = connection, asked

    async def of(self, query: str) -> Sequence[dict[str, Any]]:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(query, self._asked)
            return await cursor.fetchall()


def _public(row: Mapping[str, Any]) -> Problem:
    relation = qualified(row["schema"], row["name"])
    return Problem(f"everybody has {row['rights']} on {relation}", f"REVOKE ALL ON {relation} FROM PUBLIC;")


def _catalogue(row: Mapping[str, Any]) -> Problem:
    relation = qualified("pg_catalog", row["name"])
    return Problem(f"everybody may read {relation}", f"REVOKE ALL ON {relation} FROM PUBLIC;")


def _function(row: Mapping[str, Any]) -> Problem:
    why = f"is of the extension {row['extension']}" if row["extension"] else "reads files"
    why = f"runs with the rights of {row['owner']}" if row["definer"] else why
    statement = f"REVOKE EXECUTE ON FUNCTION {row['name']} FROM PUBLIC;"
    return Problem(f"everybody may call {row['name']}, which {why}", statement)


def _role(row: Mapping[str, Any], profile: Profile) -> Iterable[Problem]:
    login = row["name"]
    if row["mighty"]:
        yield Problem(
            f"{login} has rights beyond logging in",
            f"ALTER ROLE {name(login)} NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS;",
        )
    for each in row["member_of"]:
        yield Problem(f"{login} is a member of {each}", f"REVOKE {name(each)} FROM {name(login)};")
    for each in row["members"]:
        yield Problem(f"{each} is a member of {login}", f"REVOKE {name(login)} FROM {name(each)};")
    if row["owned"]:
        yield Problem(f"{login} owns {row['owned']} objects", f"REASSIGN OWNED BY {name(login)} TO …;")
    expected = {READ_ONLY, "search_path=" + ", ".join(map(_quoted, profile.search_path))}
    if {each.replace('"', "") for each in row["settings"]} != {each.replace('"', "") for each in expected}:
        yield Problem(f"{login} has other settings than ours", f"ALTER ROLE {name(login)} RESET ALL;")


def _granted(rows: Iterable[Mapping[str, Any]], by_login: Mapping[str, Profile]) -> Iterable[Problem]:
    """Compare grants on the source's own relations with those of the profiles."""
    expected = {
        (login, relation.schema, relation.name, column.name)
        for login, profile in by_login.items()
        for relation in profile.relations
        if relation.is_base
        for column in relation.columns
    }
    for row in rows:
        found = (row["login"], row["schema"], row["name"], row["field"])
        if row["right"] != "SELECT" or found not in expected:
            relation = qualified(row["schema"], row["name"])
            yield Problem(
                f"{row['login']} has {row['right']} on {relation}",
                f"REVOKE ALL ON {relation} FROM {name(row['login'])};",
            )


def _default(row: Mapping[str, Any]) -> Problem:
    schema = f" IN SCHEMA {name(row['schema'])}" if row["schema"] else ""
    kind = {"r": "TABLES", "S": "SEQUENCES", "f": "FUNCTIONS", "T": "TYPES", "n": "SCHEMAS"}[row["kind"]]
    grantee = row["grantee"] if row["grantee"] == "PUBLIC" else name(row["grantee"])
    return Problem(
        f"what {row['owner']} makes is granted to {row['grantee']} by default",
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {name(row['owner'])}{schema} REVOKE ALL ON {kind} FROM {grantee};",
    )


def _server(row: Mapping[str, Any]) -> Problem:
    return Problem(
        f"everybody may use the foreign server {row['name']}",
        f"REVOKE ALL ON FOREIGN SERVER {name(row['name'])} FROM PUBLIC;",
    )


def _quoted(schema: str) -> str:
    return name(schema)
