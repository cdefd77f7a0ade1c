"""What is asked of Redshift about a batch of relations of one schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from nexus_core.connectors import _redshift_objects as objects
from nexus_core.connectors._redshift_session import Session

Row = dict[str, Any]


class Optional(Protocol):
    """Asks for what an account may lack the right to see."""

    def __call__(self, opened: Session, query: str, *given: Any) -> list[Row]:
        """Give rows; none where it is refused, which is reported."""
        ...


def read_details(opened: Session, place: objects.Place, batch: Sequence[Row], optional: Optional) -> objects.Details:
    """Read columns, definitions, constraints and statistics of relations that are in the order of their names."""
    schema, first, last = batch[0]["schema"], batch[0]["name"], batch[-1]["name"]
    columns = objects.grouped(opened.rows("columns", (place.database, schema, first, last)), "table_name")
    found = opened.rows(f"definitions:{_numbers(row['oid'] for row in batch if row['kind'] == 'v')}")
    definitions = {row["oid"]: row["definition"] for row in found if row["definition"]}
    if any(objects.is_late_binding(text) for text in definitions.values()):
        columns |= objects.grouped(opened.rows("late_columns", (schema, first, last)), "table_name")
    oids = _numbers(row["oid"] for row in batch)
    constraints = objects.grouped(opened.rows(f"constraints:{oids}"), "oid")
    statistics = {row["oid"]: row for row in optional(opened, f"statistics:{oids}")}
    return objects.Details(columns, definitions, constraints, _attributes(opened, constraints), statistics)


def _attributes(opened: Session, constraints: Mapping[int, Sequence[objects.Row]]) -> dict[tuple[int, int], str]:
    """Name the columns at both ends of constraints, by relation and number."""
    involved = {row[end] for rows in constraints.values() for row in rows for end in ("oid", "to_oid") if row[end]}
    rows = opened.rows(f"attributes:{_numbers(sorted(involved))}") if involved else []
    return {(row["oid"], row["number"]): row["name"] for row in rows}


def _numbers(oids: Any) -> str:
    return ", ".join(str(int(oid)) for oid in oids)
