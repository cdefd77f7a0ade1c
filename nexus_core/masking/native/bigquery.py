"""BigQuery: for each role an authorised view, and row access policies; roles are groups `nexus_ROLE@DOMAIN`.

Policy tags and data policies are not DDL, and BigQuery's SQL does not tell the groups of who asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nexus_core.masking.native.engines import Engine, comment, engine_role, hashed, name
from nexus_core.masking.native.role_views import condition_for, notes, query_for
from nexus_core.masking.native.tables import Table

KIND = Engine.BIGQUERY
NOTES = (
    "Policy tags with data masking have no DDL, so that views mask.",
    "To authorise a dataset of views has no DDL: do it by the API or the console, where a comment below says it.",
    "The datasets of views have to lie where the tables lie: set @@location first.",
    "Readers have the views only; take their rights on the tables.",
    "A row access policy holds for everyone, loads included.",
)


def statements(tables: Sequence[Table], roles: Sequence[str], domain: str) -> Iterator[str]:
    """Give statements and comments, table by table."""
    for project, dataset in sorted({table.parts[:2] for table in tables}):
        for role in (None, *roles):
            found = name(KIND, project, dataset_of(dataset, role))
            yield f"CREATE SCHEMA IF NOT EXISTS {found};"
            yield comment(f"No DDL: authorise the views of {found} in {name(KIND, project, dataset)}.")
    for table in tables:
        yield comment(".".join(table.parts))
        yield from notes(KIND, table)
        for role in (None, *roles):
            yield from _view(table, role, domain)
            if table.filters and not table.is_view:
                yield from _rows(table, role, domain)


def dataset_of(dataset: str, role: str | None) -> str:
    """Give the dataset of a role's views of a dataset; the hash keeps apart what is written alike."""
    return f"{dataset}_{_identifier(engine_role(KIND, role))}_{hashed(dataset, role or '')}"


def left_out(parts: Sequence[str], roles: Sequence[str]) -> Iterator[str]:
    """Take away what an earlier emission made of a table that is left out now."""
    for role in (None, *roles):
        dataset = dataset_of(parts[1], role)
        yield f"CREATE SCHEMA IF NOT EXISTS {name(KIND, parts[0], dataset)};"
        yield f"DROP VIEW IF EXISTS {name(KIND, parts[0], dataset, parts[2])};"


def _view(table: Table, role: str | None, domain: str) -> Iterator[str]:
    project, dataset, leaf = table.parts
    view = name(KIND, project, dataset_of(dataset, role), leaf)
    query = query_for(KIND, table, role)
    if query is None:
        yield f"DROP VIEW IF EXISTS {view};"
        return
    yield f"CREATE OR REPLACE VIEW {view} AS {query};"
    yield f'GRANT `roles/bigquery.dataViewer` ON VIEW {view} TO "{_group(role, domain)}";'


def _rows(table: Table, role: str | None, domain: str) -> Iterator[str]:
    """Give the policy of a role; policies of several roles add up (OR)."""
    policy = name(KIND, f"{_identifier(engine_role(KIND, role))}_{hashed(role or '')}")
    on, condition = f"ON {name(KIND, *table.parts)}", condition_for(table, role)
    shown = "FALSE" if condition is None else condition or "TRUE"
    granted = f'GRANT TO ("{_group(role, domain)}") FILTER USING ({shown})'
    yield f"CREATE OR REPLACE ROW ACCESS POLICY {policy} {on} {granted};"


def _identifier(role: str) -> str:
    return role.replace("-", "_")


def _group(role: str | None, domain: str) -> str:
    return f"group:{engine_role(KIND, role)}@{domain}"
