"""The policies in force as one SQL script for an engine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from nexus_core.errors import InvalidInputError
from nexus_core.masking.native import bigquery, mysql, snowflake, sqlserver
from nexus_core.masking.native.engines import NAME_PARTS, Engine, can_name, comment, engine_role, is_role
from nexus_core.masking.native.tables import Table, Told, table_of
from nexus_core.model.naming_tables import quoted_parts
from nexus_core.model.policy import PolicySet

_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_NOTES = {
    Engine.SNOWFLAKE: snowflake.NOTES,
    Engine.BIGQUERY: bigquery.NOTES,
    Engine.SQLSERVER: sqlserver.NOTES,
    Engine.MYSQL: mysql.NOTES,
}


def script(kind: Engine, policies: PolicySet, told: Sequence[Told], domain: str | None = None) -> str:
    """Give the script for some datasets; `domain` is that of BigQuery's groups.

    Raises InvalidInputError for BigQuery without a domain.
    """
    if kind is Engine.BIGQUERY and (domain is None or not _DOMAIN.fullmatch(domain)):
        raise InvalidInputError("BigQuery's roles are groups; give their domain, such as example.com", "$.query.domain")
    found = [(each, table_of(kind, policies, each)) for each in told]
    tables = [table for _, table in found if isinstance(table, Table) and not table.never_shown]
    roles = sorted(_roles(policies))
    lines = [*_header(kind, roles), *_statements(kind, tables, roles, domain or "")]
    for each, table in found:
        lines += _left_out(kind, each, table, roles)
    return "\n".join(lines) + "\n"


def _roles(policies: PolicySet) -> frozenset[str]:
    """Give the roles of all policies, so that each has its views wherever it may read."""
    named = (role for each in policies.policies for role in each.clear_for)
    exempt = (role for each in policies.row_filters for role in each.exempt)
    return frozenset(role for role in (*named, *exempt) if is_role(role))


def _header(kind: Engine, roles: Iterable[str]) -> Iterator[str]:
    yield comment(f"Masking policies for {kind}, as they are in force in LineageNexus. Read before you run it.")
    yield comment(f"Members of {engine_role(kind, None)} read without any role that a policy names.")
    yield comment("A dataset that is not named below is not protected.")
    for role in roles:
        yield comment(
            f"Members of {engine_role(kind, role)} read as {role}: whoever holds that role everywhere, for as long."
        )
    yield from map(comment, _NOTES[kind])


def _statements(kind: Engine, tables: Sequence[Table], roles: Sequence[str], domain: str) -> Iterator[str]:
    if kind is Engine.BIGQUERY:
        return bigquery.statements(tables, roles, domain)
    if kind is Engine.SNOWFLAKE:
        return snowflake.statements(tables, roles)
    return sqlserver.statements(tables, roles) if kind is Engine.SQLSERVER else mysql.statements(tables, roles)


def _left_out(kind: Engine, told: Told, table: Table | str, roles: Sequence[str]) -> Iterator[str]:
    """Tell what is not shown and why; what an earlier script showed of it is taken away."""
    if isinstance(table, Table):
        yield from (comment(f"Left out of {told.name.name}: the column {each}.") for each in table.missing)
        if not table.never_shown:
            return
        why = f"the row filter {table.never_shown} has no equal here, and nobody is exempt"
    else:
        why = table
    yield comment(f"Left out: {told.name.name}, since {why}. Give nobody the right to read it.")
    parts = tuple(quoted_parts(told.name.name))
    if len(parts) == NAME_PARTS[kind] and all(can_name(kind, part) for part in parts):
        yield from _dropped(kind, parts, roles)


def _dropped(kind: Engine, parts: Sequence[str], roles: Sequence[str]) -> Iterator[str]:
    if kind is Engine.SQLSERVER:
        yield from sqlserver.left_out(parts)
    elif kind is Engine.MYSQL:
        yield from mysql.left_out(parts, roles)
    elif kind is Engine.BIGQUERY:
        yield from bigquery.left_out(parts, roles)
