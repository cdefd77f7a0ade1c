"""Generated events of a layered warehouse: 12 columns a table, column lineage, START and COMPLETE of 4 kB each."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

NAMESPACE = "postgres://bench.example:5432"
PRODUCER = "https://example.org/bench"
COLUMNS = 12
WIDTH = 50
FACET = {"_producer": PRODUCER, "_schemaURL": "https://openlineage.io/spec/facets/1-1-1/SchemaDatasetFacet.json"}


def table(number: int, database: str = "bench") -> str:
    """Name the table with this number; tables of one layer are WIDTH apart."""
    return f"{database}.layer{number // WIDTH}.t{number % WIDTH}"


def parents(number: int) -> list[int]:
    """Give the two tables of the layer before that a table is built from."""
    if number < WIDTH:
        return []
    first = number - WIDTH
    return [first, first - first % WIDTH + (first + 1) % WIDTH]


def run(number: int, at: datetime, database: str = "bench") -> Iterator[bytes]:
    """Give START and COMPLETE of the job that builds a table."""
    run_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{database}/{number}/{at.isoformat()}"))
    for offset, kind in enumerate(("START", "COMPLETE")):
        yield orjson.dumps(
            {
                "eventType": kind,
                "eventTime": (at + timedelta(seconds=offset)).isoformat(),
                "producer": PRODUCER,
                "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
                "run": {"runId": run_id},
                "job": {"namespace": "bench", "name": f"build.{table(number, database)}"},
                "inputs": [_dataset(parent, database) for parent in parents(number)],
                "outputs": [_output(number, database)],
            }
        )


def _dataset(number: int, database: str) -> dict[str, Any]:
    fields = [{"name": f"c{column}", "type": "text"} for column in range(COLUMNS)]
    return {"namespace": NAMESPACE, "name": table(number, database), "facets": {"schema": {**FACET, "fields": fields}}}


def _output(number: int, database: str) -> dict[str, Any]:
    dataset = _dataset(number, database)
    sources = [{"namespace": NAMESPACE, "name": table(parent, database)} for parent in parents(number)]
    fields = {
        f"c{column}": {
            "inputFields": [
                {**source, "field": f"c{column}", "transformations": [{"type": "DIRECT", "subtype": "IDENTITY"}]}
                for source in sources
            ]
        }
        for column in range(COLUMNS)
    }
    dataset["facets"]["columnLineage"] = {**FACET, "fields": fields}
    return dataset


def runs(tables: int, at: datetime | None = None, database: str = "bench") -> list[bytes]:
    """Give the events of one run of each table's job, in a database of this name."""
    start = at or datetime.now(UTC) - timedelta(hours=1)
    return [
        event for number in range(tables) for event in run(number, start + timedelta(milliseconds=number), database)
    ]
