"""Loads a generated estate straight into the files of a new Neo4j (`neo4j-admin database import`).

The rows are those that `graph.write` would create, made by the same functions; events, ledger and log stay empty. About
half a minute for every million relationships on two cores.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from benchmarks.estate import BEGAN, COLUMNS, MOVED, Estate
from nexus_core.graph.claims import Claim, DatasetShape, HeldEdge
from nexus_core.graph.difference import difference
from nexus_core.graph.embedded.runtime import prepare
from nexus_core.graph.rows import dataset_rows, job_row
from nexus_core.model.edge import OPEN_END, Edge, EdgeKind
from nexus_core.model.timeline import Area
from nexus_core.settings import Settings

_NODES = ("Dataset", "Field", "Job")
_TYPES = ("HAS_FIELD", "READS", "WRITES", "FEEDS", "FED")
_FIELDS = tuple((f"c{position}", "text") for position in range(COLUMNS))
_MEMBERS = {name: ((0, OPEN_END, type_),) for name, type_ in _FIELDS}
_EVENT = "sha256:" + "0" * 64

Properties = Mapping[str, Any]


def load(estate: Estate, data_dir: Path) -> None:
    """Make the Neo4j of a data folder that `nexus up` has not used yet; raises RuntimeError if that fails."""
    folder = data_dir / "import"
    folder.mkdir(parents=True)
    _write(estate, folder)
    _import(folder, data_dir / "neo4j")
    for file in folder.iterdir():
        file.unlink()


class _Files:
    """A CSV file for each label and type; its header is told by the first row."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._files: dict[str, IO[str]] = {}

    def write(self, name: str, ids: str, header: str, properties: Properties) -> None:
        """Write one row."""
        self.write_text(name, ids, header, properties, text_of(properties))

    def write_text(self, name: str, ids: str, header: str, properties: Properties, text: str) -> None:
        """Write one row whose properties are a text already."""
        file = self._files.get(name)
        if file is None:
            file = self._files[name] = self._stack.enter_context((self._folder / f"{name}.csv").open("w"))
            typed = "".join(f",{key}{_type_of(value)}" for key, value in properties.items())
            (self._folder / f"{name}.header").write_text(f"{header}{typed}\n")
        file.write(f"{ids}{text}\n")


def text_of(properties: Properties) -> str:
    """Give properties as the end of a CSV line."""
    return "".join(f",{_cell(value)}" for value in properties.values())


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ";".join(map(_cell, value))
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else '"' + str(value).replace('"', '""') + '"'


def _type_of(value: Any) -> str:
    if isinstance(value, list):
        return f"{_type_of(value[0])}[]"
    if isinstance(value, bool):
        return ":boolean"
    return ":long" if isinstance(value, int) else ":string"


def _write(estate: Estate, folder: Path) -> None:
    with ExitStack() as stack:
        files = _Files(folder, stack)
        for table in range(estate.table_count):
            _write_dataset(estate, table, files)
        for table in estate.built():
            _write_job(estate, table, files)


def _write_dataset(estate: Estate, table: int, files: _Files) -> None:
    shape = DatasetShape(estate.name(table), "TABLE", _FIELDS, _MEMBERS)
    row, fields = dataset_rows(shape)
    del row["field_keys"]
    files.write("Dataset", str(table), ":ID", row | {"mentioned": True, "field_count": COLUMNS})
    for field in fields:
        column = table * COLUMNS + field["ordinal"] - 1
        files.write("Field", _field_id(estate, column), ":ID", field)
        files.write("HAS_FIELD", f"{table},{_field_id(estate, column)}", ":START_ID,:END_ID", {})


def _field_id(estate: Estate, column: int) -> str:
    return str(estate.table_count + column)


def _write_job(estate: Estate, table: int, files: _Files) -> None:
    job, name = estate.table_count * (1 + COLUMNS) + table, estate.name(table)
    files.write("Job", str(job), ":ID", job_row(estate.job(table)))
    first, second, hub = estate.table_sources(table)
    former = estate.table_sources(table, past=True)[1]
    always, now, before = (BEGAN, OPEN_END), (MOVED, OPEN_END), (BEGAN, MOVED)
    sources = ((first, always), (hub, always), (second, now), (former, before))
    written = Edge(EdgeKind.WRITES, "", "", "", "", name.namespace, name.name, "")
    _write_edge(estate, table, files, written, always, [f"{job},{table}"])
    for source, held in sources:
        of = estate.name(source)
        read = Edge(EdgeKind.READS, "", of.namespace, of.name, "", "", "", "")
        _write_edge(estate, table, files, read, held, [f"{source},{job}"])
        columns = [(0, COLUMNS - 1)] if source == hub else [(at, at) for at in range(COLUMNS)]
        pairs = [(source * COLUMNS + of_at, table * COLUMNS + at) for of_at, at in columns]
        column = estate.column_edge(*pairs[0])
        whole = Edge(EdgeKind.DATASET, "", of.namespace, of.name, "", name.namespace, name.name, "")
        _write_edge(estate, table, files, whole, held, [f"{source},{table}"], beside=column)
        ids = [f"{_field_id(estate, one)},{_field_id(estate, other)}" for one, other in pairs]
        _write_edge(estate, table, files, column, held, ids)


def _write_edge(
    estate: Estate,
    table: int,
    files: _Files,
    edge: Edge,
    held: tuple[int, int],
    ids: Iterable[str],
    beside: Edge | None = None,
) -> None:
    """Write relationships of equal properties, such as a table's columns have; `beside` is one that is claimed too."""
    evidence = estate.evidence(table, reads=edge.kind == EdgeKind.READS)
    start, end = held
    since = BEGAN if start == BEGAN and end == OPEN_END else MOVED
    edges = [HeldEdge(each, (Area(start, end, since, OPEN_END),), (), _EVENT) for each in (edge, beside) if each]
    created = difference([Claim(evidence, "event", estate.job(table), edges)], []).created
    ((_, type_, _), (row, *_)) = next(iter(created.items()))
    properties = dict(row["properties"])
    if type_ in ("FEEDS", "FED"):  # the first of which is between datasets, and makes the header
        properties["columns"] = properties.pop("columns", None)
    text = text_of(properties)
    for pair in ids:
        files.write_text(type_, pair, ":START_ID,:END_ID", properties, text)


def _import(folder: Path, home: Path) -> None:
    runtime = prepare(Settings(), os.environ, lambda _bytes: None)
    (home / "conf").mkdir(parents=True)
    (home / "conf" / "neo4j.conf").write_text(f"server.directories.data={home}/data\ndb.tx_log.preallocate=false\n")
    command = [str(runtime.java.executable), "-Xmx1g", *runtime.options(), "org.neo4j.cli.AdminTool"]
    command += ["database", "import", "full", "neo4j", "--id-type=integer", "--array-delimiter=;"]
    command += [f"--report-file={folder}/report.txt"]
    for option, names in (("nodes", _NODES), ("relationships", _TYPES)):
        command += [f"--{option}={name}={folder}/{name}.header,{folder}/{name}.csv" for name in names]
    environment = os.environ | {"NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"The import failed: {done.stdout[-2000:]} {done.stderr[-2000:]}")
