"""Files and stages as ends of lineage, named by their URL or as written (OpenLineage, naming of datasets)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from nexus_core.sql.reading.tokens import word_set
from nexus_core.sql.resolving.relations import BaseTable
from nexus_core.sql.resolving.resolution import Resolution

_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:/")
_FILE = re.compile(
    r".*\.(csv|tsv|parquet|json|jsonl|ndjson|orc|avro|arrow|xlsx|txt)(\.(gz|zst|bz2|zip))?", re.IGNORECASE
)
_FORMATS = frozenset({"parquet", "csv", "json", "orc", "avro", "text", "delta", "iceberg", "binaryfile", "hudi"})
_FORMAT_DIALECTS = ("spark", "spark2", "databricks", "hive", "")
_FUNCTIONS = word_set(
    """
    read_csv read_csv_auto read_parquet parquet_scan read_json read_json_auto read_ndjson read_ndjson_auto read_text
    read_blob read_files delta_scan iceberg_scan s3 s3cluster gcs hdfs url urlcluster file azureblobstorage
    openrowset cloud_files
    """
)
"""Table functions whose first argument is a path, or several in an array."""

_STANDARD = frozenset({"stdin", "stdout", "program"})


def file_name(text: str) -> str:
    """Give the name of a file: its URL, s3 by one scheme alone, or its path as written."""
    text = text.strip()
    return "s3:" + text.partition(":")[2] if text.lower().startswith(("s3a:", "s3n:")) else text


def stage_name(text: str, resolution: Resolution) -> str:
    """Give the name of a stage with the path in it, qualified by the defaults: `@db.schema.stage/path`."""
    stage, slash, path = text.strip().removeprefix("@").partition("/")
    if stage[:1] in ("~", "%") or not stage:
        return "@" + stage + (slash + path if path else "")
    parts = re.findall(r'"[^"]+"|[^."]+', stage)
    folded = tuple(resolution.traits.fold_text(part.strip('"'), quoted=part[0] == '"') for part in parts)
    return "@" + ".".join(resolution.session.qualified(folded)) + (slash + path if path else "")


def path_name(text: str, resolution: Resolution) -> str:
    """Give the name of what a string leads to, a stage or a file."""
    return stage_name(text, resolution) if text.startswith("@") else file_name(text)


def file_target(node: exp.Expr, resolution: Resolution) -> str | None:
    """Give the file or stage that a statement writes to, None if it is none."""
    if isinstance(node, exp.Directory):
        return file_name(node.this.name if isinstance(node.this, exp.Expr) else str(node.this))
    table = node.this if isinstance(node, exp.Schema) else node
    return next(_named(table, resolution), None)


def path_of(table: exp.Table, resolution: Resolution) -> str | None:
    """Give the path that a target's name is, as in `delta.`/mnt/x``, None if it is a name."""
    return file_name(table.name) if table.db and _is_path(table, resolution) else None


def file_relation(node: exp.Expr, resolution: Resolution) -> BaseTable | None:
    """Give an item of a FROM clause that is a file or stage as a relation, None if it is none."""
    names = list(_named(node, resolution))
    if not names:
        return None
    resolution.reads.update(dict.fromkeys(names))
    return BaseTable(names[0], None)


def _named(node: exp.Expr, resolution: Resolution) -> Iterator[str]:
    if isinstance(node, exp.Literal) and node.is_string:
        yield from _texts(node, resolution)
    elif isinstance(node, exp.Var) and node.name.startswith("@"):
        yield stage_name(node.name, resolution)
    elif isinstance(node, (exp.Func, exp.ReadCSV, exp.ReadParquet)):
        yield from _of_call(node, resolution)
    elif isinstance(node, exp.Table) and not isinstance(node.this, exp.Identifier):
        yield from _named(node.this, resolution) if isinstance(node.this, exp.Expr) else ()
    elif isinstance(node, exp.Table) and _is_path(node, resolution):
        yield file_name(node.name)


def _is_path(table: exp.Table, resolution: Resolution) -> bool:
    """Whether a quoted name is a path: `parquet.`s3://b/x`` (Spark), `'s3://b/x'` (DuckDB and others)."""
    if not table.this.args.get("quoted"):
        return False
    if table.db:
        return resolution.traits.name in _FORMAT_DIALECTS and table.db.lower() in _FORMATS
    return bool(_URL.match(table.name) or _FILE.fullmatch(table.name))


def _of_call(call: exp.Expr, resolution: Resolution) -> Iterator[str]:
    name = call.name if isinstance(call, exp.Anonymous) else call.sql_name() if isinstance(call, exp.Func) else ""
    if name.lower() not in _FUNCTIONS:
        return
    first = call.this if isinstance(call.this, exp.Expr) else next(iter(call.expressions), None)
    if isinstance(first, exp.Array):
        for each in first.expressions:
            yield from _texts(each, resolution)
    elif first is not None:
        yield from _texts(first, resolution)


def _texts(node: exp.Expr, resolution: Resolution) -> Iterator[str]:
    if not isinstance(node, exp.Literal) or not node.is_string:
        return
    yield path_name(node.name, resolution)


def files_of(items: list[exp.Expr], resolution: Resolution) -> Iterator[str]:
    """Give the files and stages that COPY lists; standard input, output and programs are none."""
    for item in items:
        if item.name.lower() not in _STANDARD:
            yield from _named(item, resolution) if not isinstance(item, exp.Identifier) else (file_name(item.name),)
