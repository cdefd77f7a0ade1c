"""Requests and results as JSON: the lines of `nexus lineage sql --jsonl`, and those of the parse process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from nexus_core.errors import InvalidInputError
from nexus_core.model.statement import (
    Certainty,
    ColumnLineage,
    Proof,
    References,
    SourceColumn,
    SqlLineage,
    SqlProblem,
    SqlRequest,
    Step,
    Transformation,
)
from nexus_core.model.trial import Events, Fires, Found, OutputColumn, Trial, TrialRequest, Use, World


def request_from(line: Mapping[str, Any]) -> SqlRequest:
    """Read a request; raises InvalidInputError naming the key that is missing or of a wrong type."""
    sql = line.get("sql")
    if not isinstance(sql, str):
        raise InvalidInputError("must be a text", "$.sql")
    texts = {key: _optional_text(line, key) for key in ("dialect", "default_database", "default_schema")}
    return SqlRequest(
        sql,
        texts["dialect"],
        _schema(line.get("schema")),
        texts["default_database"],
        texts["default_schema"],
        _definitions(line.get("definitions")),
    )


def _optional_text(line: Mapping[str, Any], key: str) -> str | None:
    value = line.get(key)
    if value is not None and not isinstance(value, str):
        raise InvalidInputError("must be a text or null", f"$.{key}")
    return value or None


def _schema(value: object) -> dict[str, dict[str, str]] | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise InvalidInputError("must be an object or null", "$.schema")
    for table, columns in value.items():
        if not isinstance(columns, dict):
            raise InvalidInputError("must be an object of column and type", f"$.schema.{table}")
    return {table: {name: str(kind) for name, kind in columns.items()} for table, columns in value.items()}


def _definitions(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise InvalidInputError("must be an object of name and CREATE text, or null", "$.definitions")
    return value


def answer(line_id: object, lineage: SqlLineage) -> dict[str, Any]:
    """Give a result in the form of the contract (docs/sql.md)."""
    told = {
        "id": line_id,
        "inputs": list(lineage.inputs),
        "outputs": list(lineage.outputs),
        "columns": [_told(column) for column in lineage.columns],
        "errors": [asdict(problem) for problem in lineage.problems],
    }
    return told | {"steps": [_told_step(step) for step in lineage.steps]} if lineage.steps else told


def _told_step(step: Step) -> dict[str, Any]:
    columns = [_told(column) for column in step.columns]
    return {"statement": step.statement, "output": step.table, "inputs": list(step.inputs), "columns": columns}


def _told(column: ColumnLineage) -> dict[str, Any]:
    return {
        "output": {"table": column.table, "column": column.column},
        "inputs": [_source(source) for source in column.inputs],
        "expression": column.expression,
        "statement": column.statement,
        **_span(column),
    }


def _source(source: SourceColumn) -> dict[str, Any]:
    column = ".".join((source.column, *source.path))
    plain = {"table": source.table, "column": column, "transformation": source.transformation.value}
    known = plain if source.table else {**plain, "candidates": list(source.candidates)}
    return {**known, "certainty": source.certainty.value, **_span(source)}


def _span(part: SourceColumn | ColumnLineage) -> dict[str, int]:
    return {"start": part.start, "end": part.end} if part.start >= 0 else {}


def references_from(fields: Mapping[str, Any]) -> References:
    """Read references that were written field by field."""
    return References(tuple(fields["tables"]), tuple(fields["routines"]))


def lineage_from(fields: Mapping[str, Any]) -> SqlLineage:
    """Read a result that was written field by field."""
    return SqlLineage(
        inputs=tuple(fields["inputs"]),
        outputs=tuple(fields["outputs"]),
        columns=tuple(_column(each) for each in fields["columns"]),
        problems=tuple(SqlProblem(**each) for each in fields["problems"]),
        reads={table: tuple(reads) for table, reads in fields["reads"].items()},
        resolved=frozenset(fields["resolved"]),
        looked_up=tuple(fields["looked_up"]),
        called=tuple(fields["called"]),
        steps=tuple(_step(each) for each in fields["steps"]),
        proofs=tuple(Proof(**each) for each in fields.get("proofs", ())),
    )


def _step(fields: Mapping[str, Any]) -> Step:
    columns = tuple(_column(each) for each in fields["columns"])
    return Step(fields["statement"], fields["table"], tuple(fields["inputs"]), columns)


def _column(fields: Mapping[str, Any]) -> ColumnLineage:
    inputs = tuple(_source_from(each) for each in fields["inputs"])
    return ColumnLineage(**{**fields, "inputs": inputs})


def _source_from(fields: Mapping[str, Any]) -> SourceColumn:
    return SourceColumn(
        **{
            **fields,
            "transformation": Transformation(fields["transformation"]),
            "candidates": tuple(fields["candidates"]),
            "path": tuple(fields["path"]),
            "certainty": Certainty(fields["certainty"]),
        }
    )


def trial_request_from(fields: Mapping[str, Any]) -> TrialRequest:
    """Read a trial's request that was written field by field."""
    return TrialRequest(**{**fields, "worlds": tuple(map(_world, fields["worlds"]))})


def _world(fields: Mapping[str, Any]) -> World:
    failing = {table: _events(events) for table, events in fields["failing"].items()}
    return World(fields["tables"], tuple(fields["gone"]), fields["required"], failing)


def _events(told: Mapping[str, Sequence[str]]) -> Events:
    return {event: tuple(columns) for event, columns in told.items()}


def trials_from(told: Sequence[Mapping[str, Any]]) -> tuple[Trial, ...]:
    """Read trials that were written field by field."""
    return tuple(_trial(fields) for fields in told)


def _trial(fields: Mapping[str, Any]) -> Trial:
    found = {key: tuple(Found(**each) for each in fields[key]) for key in ("refused", "unsure", "notes")}
    return Trial(
        **found,
        uses=tuple(Use(**each) for each in fields["uses"]),
        makes={table: tuple(OutputColumn(**each) for each in columns) for table, columns in fields["makes"].items()},
        writes={table: tuple(columns) for table, columns in fields["writes"].items()},
        bare=tuple((start, end) for start, end in fields["bare"]),
        filled=tuple((start, end) for start, end in fields["filled"]),
        named=tuple((start, end, table) for start, end, table in fields["named"]),
        fires=tuple(Fires(**{**each, "events": _events(each["events"])}) for each in fields["fires"]),
    )
