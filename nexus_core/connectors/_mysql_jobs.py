"""From the rows of mysql.sql to routines, triggers and events."""

from __future__ import annotations

from collections.abc import Sequence

from nexus_core.connectors._mysql_objects import Place, Row, body, quoted, trigger_sql
from nexus_core.connectors.objects import JobKind, SourceJob
from nexus_core.model.names import JobName
from nexus_core.model.naming_tables import joined


def routine(row: Row, place: Place, parameters: Sequence[Row]) -> SourceJob:
    """Make a procedure or function, named with its parameters' types; without its text where that was denied."""
    types = ", ".join(each["plain_type"] for each in parameters)
    return SourceJob(
        name=JobName(place.namespace, f"{joined(place.schema, row['name'])}({types})"),
        kind=JobKind[row["type"]],
        text=place.text(_routine_sql(row, place, parameters)) if row["body"] is not None else None,
        description=row["description"] or None,
        owner=row["definer"],
    )


def trigger(row: Row, place: Place) -> SourceJob:
    """Make a trigger, which is also told on its table."""
    name = JobName(place.namespace, joined(place.schema, "trigger", row["name"]))
    return SourceJob(name, JobKind.TRIGGER, place.text(trigger_sql(row, place)), owner=row["definer"])


def event(row: Row, place: Place) -> SourceJob:
    """Make an event of the server's scheduler."""
    name = JobName(place.namespace, joined(place.schema, "event", row["name"]))
    sql = f"CREATE EVENT {quoted(place.schema, row['name'])} ON SCHEDULE {_schedule(row)} {_state(row)}DO\n"
    text = place.text(sql + body(row))
    return SourceJob(name, JobKind.EVENT, text, description=row["description"] or None, owner=row["definer"])


def _routine_sql(row: Row, place: Place, parameters: Sequence[Row]) -> str:
    declared = ", ".join(_parameter(each, row["type"]) for each in parameters)
    returns = f" RETURNS {row['returns']}" if row["type"] == "FUNCTION" else ""
    head = f"CREATE {row['type']} {quoted(place.schema, row['name'])}({declared}){returns}"
    return f"{head}\n{body(row)}"


def _parameter(row: Row, kind: str) -> str:
    declared = f"{quoted(row['name'])} {row['type']}"
    return f"{row['mode']} {declared}" if kind == "PROCEDURE" and row["mode"] else declared


def _schedule(row: Row) -> str:
    if row["interval_field"]:
        value = row["interval_value"]
        return f"EVERY {value if str(value).isdigit() else quoted_text(value)} {row['interval_field']}"
    return f"AT '{row['execute_at']}'"


def quoted_text(value: object) -> str:
    """Write a string in SQL."""
    return "'" + str(value).strip("'").replace("'", "''") + "'"


def _state(row: Row) -> str:
    return "" if row["status"] == "ENABLED" else "DISABLE "
