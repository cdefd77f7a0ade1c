"""Makes a profile in the source, in one transaction: login role, schemas, views, grants.

Whatever the text of a view became, the transaction is only committed if each view reads exactly what it may: a masking
view its own relation, a view made anew nothing but what stands for relations in the same profile.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import psycopg
import structlog
from psycopg.rows import dict_row

from nexus_core.errors import SourceDataError, StaleReadError
from nexus_core.masking.catalogue_views import (
    COLUMNS_QUERY,
    catalogue_schema,
    definitions,
    information_schema,
)
from nexus_core.masking.ending import LOCK_TIMEOUT, remove_schemas
from nexus_core.masking.naming import login_role, owner_role, shadow_schema
from nexus_core.masking.planning import Planned, PlannedRelation
from nexus_core.masking.quoting import name, text
from nexus_core.masking.seen import CATALOGUES, profile_of, seen_relation
from nexus_core.masking.source_catalogue import Connection, read_fingerprint
from nexus_core.masking.source_objects import RelationKind
from nexus_core.masking.source_session import composed, run, set_local
from nexus_core.masking.source_state import state_of
from nexus_core.masking.tokens import key_statement, preparing, token_statements
from nexus_core.masking.views import grants, made, schemas_of, token_references, view_statement
from nexus_core.model.masked import Profile
from nexus_core.references import read_reference

_log = structlog.get_logger()

PRIVATE = ("ln_shown", "ln_attributes")
"""Views of a profile's catalogue that only its other views read."""

_DEPENDENCIES = r"""
SELECT n.nspname AS schema, c.relname AS name, array_agg(DISTINCT m[1]::bigint) AS reads
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_rewrite r ON r.ev_class = c.oid,
     regexp_matches(r.ev_action::text, ':relid (\d+)', 'g') m
WHERE n.nspname = ANY (%(schemas)s) AND m[1] NOT IN ('0', c.oid::text)
GROUP BY n.nspname, c.relname
"""

_OIDS = """
SELECT c.oid::bigint AS oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY (%(schemas)s) AND c.relkind = 'v'
"""


@dataclass(frozen=True, slots=True)
class Built:
    """A profile that is in the source; `left_out` are relations that could not be made, with PostgreSQL's reason."""

    profile: Profile
    digest: str
    left_out: dict[str, str]


async def build(
    connection: Connection, planned: Planned, generation: int, fingerprint: str, verifier: str, skipped: Collection[int]
) -> Built:
    """Make a profile, but for the relations `skipped` (oids), instead of one of the same id that may be there.

    Raises StaleReadError if the source is not as it was planned by, SourceDataError if a view would read what it may
    not, psycopg.Error if the source fails.
    """
    left: dict[int, str] = dict.fromkeys(skipped, "")
    async with connection.transaction():
        await set_local(connection, "lock_timeout", LOCK_TIMEOUT)
        await remove_schemas(connection, planned.id)
        await _make_role(connection, planned, verifier)
        await _as_owner(connection, planned.source)
        await _make_schemas(connection, planned)
        await _make_views(connection, planned, made(planned), left)
        profile = profile_of(planned, generation, left)
        await _make_catalogues(connection, profile_of(planned, generation, ()))
        await connection.execute("RESET ROLE")
        await _grant(connection, planned, left)
        await _set_path(connection, profile)
        await _check(connection, planned, fingerprint, left)
        digest = await state_of(connection, planned.id)
    return Built(profile, digest, _reasons(planned, left))


async def restore(
    connection: Connection, planned: Planned, fingerprint: str, profile: Profile, wanted: Collection[int]
) -> Built:
    """Make views of a profile that are not there any more; the rest stays as it is. Raises as `build` does."""
    left: dict[int, str] = {each.relation.oid: "" for each in planned.relations if each.relation.oid not in wanted}
    ours = [each for each in made(planned) if each.relation.oid in wanted]
    missing = dict(left)
    async with connection.transaction():
        await set_local(connection, "lock_timeout", LOCK_TIMEOUT)
        await _as_owner(connection, planned.source)
        await _make_views(connection, planned, ours, missing)
        await connection.execute("RESET ROLE")
        base_left = {**missing, **{each.relation.oid: "" for each in planned.relations if not each.is_base}}
        await _grant(connection, planned, base_left)
        await _check(connection, planned, fingerprint, missing)
        digest = await state_of(connection, planned.id)
    added = tuple(
        seen_relation(planned.id, each)
        for each in planned.relations
        if each.relation.oid in wanted and each.relation.oid not in missing
    )
    relations = tuple(sorted((*profile.relations, *added), key=lambda each: (each.schema, each.name)))
    return Built(replace(profile, relations=relations), digest, _reasons(planned, missing))


async def set_verifier(connection: Connection, login: str, verifier: str) -> None:
    """Give a profile another password; sessions go on."""
    await connection.execute(composed(f"ALTER ROLE {name(login)} PASSWORD {text(verifier)}"))


async def keep_key(connection: Connection, source: str, reference: str) -> None:
    """Put the key of tokens into the source; raises ConfigurationError if the reference names none."""
    secret = read_reference(reference, "The key of tokens", "See docs/policies.md")
    async with connection.transaction():
        await _as_owner(connection, source)
        await run(connection, preparing())
        statement, parameters = key_statement(reference, secret)
        await connection.execute(composed(statement), parameters)


def _reasons(planned: Planned, left: Mapping[int, str]) -> dict[str, str]:
    names = {each.relation.oid: f"{each.relation.schema}.{each.relation.name}" for each in planned.relations}
    return {names[oid]: why for oid, why in left.items() if why}


async def _make_role(connection: Connection, planned: Planned, verifier: str) -> None:
    login = login_role(planned.id)
    found = await connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (login,))
    verb = "ALTER" if found.rowcount else "CREATE"
    await connection.execute(composed(f"{verb} ROLE {name(login)} LOGIN NOINHERIT PASSWORD {text(verifier)}"))
    row = await (
        await connection.execute(
            "SELECT has_database_privilege(current_user, current_database(), "
            "'CONNECT WITH GRANT OPTION'), current_database()"
        )
    ).fetchone()
    if row and row[0]:
        await connection.execute(composed(f"GRANT CONNECT ON DATABASE {name(row[1])} TO {name(login)}"))


async def _set_path(connection: Connection, profile: Profile) -> None:
    row = await (await connection.execute("SELECT current_database()")).fetchone()
    database = name(row[0]) if row else ""
    role = f"ALTER ROLE {name(profile.login_role)} IN DATABASE {database} SET"
    path = ", ".join(map(name, profile.search_path))
    await connection.execute(composed(f"{role} search_path = {path}"))
    await connection.execute(composed(f"{role} default_transaction_read_only = on"))


async def _as_owner(connection: Connection, source: str) -> None:
    await connection.execute(composed(f"SET LOCAL ROLE {name(owner_role(source))}"))
    await set_local(connection, "search_path", "pg_catalog")


async def _make_schemas(connection: Connection, planned: Planned) -> None:
    login = name(login_role(planned.id))
    for schema in [*schemas_of(planned), *(shadow_schema(planned.id, each) for each in CATALOGUES)]:
        await connection.execute(composed(f"CREATE SCHEMA {name(schema)}"))
        await connection.execute(composed(f"GRANT USAGE ON SCHEMA {name(schema)} TO {login}"))
    for reference in sorted(token_references(planned)):
        await run(connection, token_statements(reference, login_role(planned.id)))


async def _make_catalogues(connection: Connection, profile: Profile) -> None:
    """Make what stands for the server's catalogues; it tells of relations while they are there."""
    found = await connection.execute(composed(COLUMNS_QUERY))
    columns = {(schema, relation): names for schema, relation, names in await found.fetchall()}
    await run(connection, definitions(profile, columns))
    login = name(profile.login_role)
    for schema in map(name, (catalogue_schema(profile), information_schema(profile))):
        await connection.execute(composed(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {login}"))
    for each in PRIVATE:
        view = f"{name(catalogue_schema(profile))}.{each}"
        await connection.execute(composed(f"REVOKE SELECT ON {view} FROM {login}"))


async def _make_views(
    connection: Connection, planned: Planned, ours: Iterable[PlannedRelation], left: dict[int, str]
) -> None:
    """Make views; what PostgreSQL refuses is left out, with its reason, and so is what reads it."""
    login = name(login_role(planned.id))
    for each in ours:
        relation = each.relation
        if relation.oid in left or (relation.kind is RelationKind.VIEW and not left.keys().isdisjoint(relation.reads)):
            left.setdefault(relation.oid, "it reads what is not shown")
            continue
        view = f"{name(shadow_schema(planned.id, relation.schema))}.{name(relation.name)}"
        try:
            async with connection.transaction():
                await connection.execute(composed(view_statement(planned, each)))
                await connection.execute(composed(f"GRANT SELECT ON {view} TO {login}"))
                if relation.kind is RelationKind.VIEW:
                    await _check_views(connection, planned, [each])
        except (psycopg.ProgrammingError, psycopg.NotSupportedError, psycopg.DataError, SourceDataError) as error:
            left[relation.oid] = str(error).splitlines()[0]
            _log.warning("a relation is not served", relation=view, reason=left[relation.oid])


async def _grant(connection: Connection, planned: Planned, left: Collection[int]) -> None:
    for each in planned.relations:
        if each.is_base and each.relation.oid not in left:
            await run(connection, grants(each, login_role(planned.id)))


async def _check(connection: Connection, planned: Planned, fingerprint: str, left: Collection[int]) -> None:
    """Raise if the source changed since it was read, or if a view reads what it may not."""
    await _check_views(connection, planned, [each for each in made(planned) if each.relation.oid not in left])
    if await read_fingerprint(connection) != fingerprint:
        raise StaleReadError


async def _check_views(connection: Connection, planned: Planned, views: Iterable[PlannedRelation]) -> None:
    """Raise SourceDataError if a view reads what it may not."""
    schemas = schemas_of(planned)
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_OIDS, {"schemas": schemas})
        ours = {row["oid"] for row in await cursor.fetchall()}
        await cursor.execute(_DEPENDENCIES, {"schemas": schemas})
        found = {(row["schema"], row["name"]): set(row["reads"]) for row in await cursor.fetchall()}
    based = {each.relation.oid for each in planned.relations if each.is_base}
    for each in views:
        relation = each.relation
        reads = found.get((shadow_schema(planned.id, relation.schema), relation.name), set())
        may = ours | based if relation.kind is RelationKind.VIEW else {relation.oid}
        if not reads <= may:
            place = f"{relation.schema}.{relation.name}"
            raise SourceDataError(planned.source, f"the view for {place} reads what it may not")
