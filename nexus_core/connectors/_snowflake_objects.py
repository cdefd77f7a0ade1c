"""From the rows of snowflake.sql and of SHOW to what a connector yields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import orjson

from nexus_core.connectors._snowflake_names import Account, quoted, without_query
from nexus_core.connectors.objects import (
    Constraints,
    DatasetKind,
    FieldLink,
    Foreign,
    ForeignKey,
    JobKind,
    Profile,
    SourceCode,
    SourceDataset,
    SourceField,
    SourceJob,
    Tag,
)
from nexus_core.model.names import DatasetName

Row = Mapping[str, Any]
Place = tuple[str, str]
"""Database and schema."""

_KINDS = {
    "VIEW": DatasetKind.VIEW,
    "MATERIALIZED VIEW": DatasetKind.MATERIALIZED_VIEW,
    "EXTERNAL TABLE": DatasetKind.FOREIGN_TABLE,
}
_TEXT_MAX = 16_777_216  # what VARCHAR without a length holds
_METADATA = (
    SourceField("METADATA$ACTION", "VARCHAR", "INSERT or DELETE"),
    SourceField("METADATA$ISUPDATE", "BOOLEAN", "Whether the change is part of an UPDATE"),
    SourceField("METADATA$ROW_ID", "VARCHAR", "Id of the row that changed"),
)
_STAGED = re.compile(r"""@(?:"[^"]+"|[\w$.])+(?:/[^\s()',;]*)?""")
_BUCKET = re.compile(r"(?:s3(?:gov|china)?|gcs|azure)://[^/]+", re.IGNORECASE)


def field(row: Row, tags: Sequence[Tag] = ()) -> SourceField:
    """Make a column."""
    return SourceField(
        name=row["COLUMN_NAME"],
        type=_type(row),
        description=row["COMMENT"] or None,
        nullable=row["IS_NULLABLE"] == "YES",
        default=row["COLUMN_DEFAULT"],
        identity="BY DEFAULT" if row["IDENTITY"] == "YES" else None,
        tags=tuple(tags),
    )


def _type(row: Row) -> str:
    name, length = row["DATA_TYPE"], row["CHARACTER_MAXIMUM_LENGTH"]
    if name == "NUMBER" and row["NUMERIC_PRECISION"] is not None:
        return f"NUMBER({row['NUMERIC_PRECISION']},{row['NUMERIC_SCALE'] or 0})"
    if name == "TEXT":
        return f"VARCHAR({length})" if length and length < _TEXT_MAX else "VARCHAR"
    return str(name)


def table(
    account: Account, place: Place, row: Row, fields: Sequence[SourceField], beside: Mapping[str, Sequence[Row]]
) -> SourceDataset:
    """Make a table or a view; `beside` holds what other statements say of it, by what they ask for."""
    name = account.dataset(*place, row["TABLE_NAME"])
    shown = next(iter((*beside["DYNAMIC TABLES"], *beside["MATERIALIZED VIEWS"])), None)
    definition = shown["text"] if shown else row["VIEW_DEFINITION"]
    external = next(iter(beside["EXTERNAL TABLES"]), None)
    reads = [account.dataset(*_referenced(each)) for each in beside["dependencies"]]
    return SourceDataset(
        name=name,
        kind=_kind(row, beside),
        uri=f"{account.namespace}/{place[0]}/{place[1]}",
        fields=tuple(fields),
        description=row["COMMENT"] or None,
        owner=row["TABLE_OWNER"],
        constraints=_constraints(account, beside),
        profile=Profile(row["ROW_COUNT"], row["BYTES"]) if row["TABLE_TYPE"] != "VIEW" else Profile(),
        foreign=_external(external) if external else None,
        definition=account.text(definition, *place) if definition else None,
        reads=tuple(reads) or ((located(account, place, external["location"]),) if external else ()),
        tags=tuple(tags(beside, None)),
        properties=tuple(_table_properties(row, shown if beside["DYNAMIC TABLES"] else None)),
    )


def _referenced(row: Row) -> tuple[str, str, str]:
    return row["REFERENCED_DATABASE"], row["REFERENCED_SCHEMA"], row["REFERENCED_OBJECT_NAME"]


def _kind(row: Row, beside: Mapping[str, Sequence[Row]]) -> DatasetKind:
    if beside["DYNAMIC TABLES"]:
        return DatasetKind.DYNAMIC_TABLE
    if beside["MATERIALIZED VIEWS"]:
        return DatasetKind.MATERIALIZED_VIEW
    if beside["EXTERNAL TABLES"]:
        return DatasetKind.FOREIGN_TABLE
    return _KINDS.get(row["TABLE_TYPE"], DatasetKind.TABLE)


def tags(beside: Mapping[str, Sequence[Row]], column: str | None) -> list[Tag]:
    """Give the tags and policies of a column, or of the whole table."""
    found = [
        Tag(f"{each['TAG_DATABASE']}.{each['TAG_SCHEMA']}.{each['TAG_NAME']}", each["TAG_VALUE"])
        for each in beside["tags"]
        if each["COLUMN_NAME"] == column
    ]
    policies = (each for each in beside["policies"] if each["COLUMN_NAME"] == column)
    return found + [
        Tag(each["POLICY_KIND"], f"{each['POLICY_DB']}.{each['POLICY_SCHEMA']}.{each['POLICY_NAME']}")
        for each in policies
    ]


def _constraints(account: Account, beside: Mapping[str, Sequence[Row]]) -> Constraints:
    primary = [fields for _, fields in _keys(beside["PRIMARY KEYS"], "constraint_name", "column_name")]
    return Constraints(
        primary_key=primary[0] if primary else (),
        unique=tuple(fields for _, fields in _keys(beside["UNIQUE KEYS"], "constraint_name", "column_name")),
        foreign_keys=tuple(_foreign_keys(account, beside["IMPORTED KEYS"])),
    )


def _keys(rows: Iterable[Row], name: str, column: str) -> list[tuple[str, tuple[str, ...]]]:
    ordered = sorted(rows, key=lambda row: (row[name], row["key_sequence"]))
    return [(key, tuple(row[column] for row in group)) for key, group in groupby(ordered, lambda row: row[name])]


def _foreign_keys(account: Account, rows: Sequence[Row]) -> Iterable[ForeignKey]:
    targets = dict(_keys(rows, "fk_name", "pk_column_name"))
    to = {
        row["fk_name"]: account.dataset(row["pk_database_name"], row["pk_schema_name"], row["pk_table_name"])
        for row in rows
    }
    for name, fields in _keys(rows, "fk_name", "fk_column_name"):
        yield ForeignKey(name, fields, to[name], targets[name])


def _external(row: Row) -> Foreign:
    options = {"location": without_query(row["location"]), "file_format": row.get("file_format_type")}
    return Foreign("stage", "EXTERNAL TABLE", {name: value for name, value in options.items() if value})


def _table_properties(row: Row, dynamic: Row | None) -> Iterable[tuple[str, str]]:
    found = {
        "clustering_key": row["CLUSTERING_KEY"],
        "retention_days": row["RETENTION_TIME"],
        "transient": row["IS_TRANSIENT"] == "YES" or None,
        "secure": row["IS_SECURE"] == "YES" or None,
    }
    if dynamic:
        found |= {name: dynamic.get(name) for name in ("target_lag", "warehouse", "refresh_mode")}
    return shown_properties(found)


def shown_properties(found: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Keep what is set, as text."""
    return tuple((name, str(value)) for name, value in found.items() if value not in (None, "", "null"))


def located(account: Account, place: Place, location: str) -> DatasetName:
    """Name where files lie: `@stage/path` of a place, or the bucket and key of a URL."""
    if location.startswith("@"):
        stage, _, path = location[1:].partition("/")
        parts = account.parts(stage)
        return account.stage(*place[: 3 - len(parts)], *parts, path=path)
    return _object_store(without_query(location))


def _object_store(url: str) -> DatasetName:
    """Name a location by bucket and key (OpenLineage, naming of S3, GCS and Azure)."""
    match = _BUCKET.match(url)
    bucket = match.group() if match else url
    for written, scheme in (("s3gov", "s3"), ("s3china", "s3"), ("gcs", "gs")):
        bucket = bucket.replace(f"{written}://", f"{scheme}://")
    return DatasetName(bucket, url[len(match.group()) :].strip("/") or "/" if match else "/")


def stage(account: Account, place: Place, row: Row) -> SourceDataset:
    """Make a stage; an external one shows the files of its location."""
    url = without_query(row.get("url") or "")
    options = {"url": url, "region": row.get("region"), "storage_integration": row.get("storage_integration")}
    known = {name: value for name, value in options.items() if value}
    foreign = Foreign(row["name"], row.get("cloud") or "FILES", known, _object_store(url)) if url else None
    return SourceDataset(
        name=account.stage(*place, row["name"]),
        kind=DatasetKind.STAGE,
        uri=url or f"{account.namespace}/{place[0]}/{place[1]}",
        fields=(),
        description=row.get("comment") or None,
        owner=row.get("owner"),
        foreign=foreign,
        properties=shown_properties({"type": row.get("type")}),
    )


def folder(account: Account, whole: DatasetName, path: DatasetName) -> SourceDataset:
    """Make a path in a stage, which shows files of the whole stage."""
    return SourceDataset(path, DatasetKind.STAGE, f"{account.namespace}/{path.name}", (), reads=(whole,))


def stream(account: Account, place: Place, row: Row, base: Sequence[SourceField]) -> SourceDataset:
    """Make a stream: the columns of the table whose changes it gives, and three of its own."""
    read = account.written(row["table_name"])
    return SourceDataset(
        name=account.dataset(*place, row["name"]),
        kind=DatasetKind.STREAM,
        uri=f"{account.namespace}/{place[0]}/{place[1]}",
        fields=(*base, *_METADATA),
        description=row.get("comment") or None,
        owner=row.get("owner"),
        reads=(read,),
        links=tuple(FieldLink(each.name, read, each.name) for each in base),
        properties=shown_properties({name: row.get(name) for name in ("source_type", "type", "mode", "stale")}),
    )


def task(account: Account, place: Place, row: Row) -> SourceJob:
    """Make a task; the tasks that it follows stand in its properties."""
    before = orjson.loads(row.get("predecessors") or "[]")
    after = ", ".join(_task_name(account, each) for each in before) if isinstance(before, list) else None
    said = {name: row.get(name) for name in ("schedule", "condition", "warehouse", "state")}
    return SourceJob(
        name=account.job(*place, "task", row["name"]),
        kind=JobKind.TASK,
        text=account.text(row["definition"], *place),
        description=row.get("comment") or None,
        owner=row.get("owner"),
        properties=shown_properties({**said, "after": after}),
    )


def _task_name(account: Account, name: str) -> str:
    database, schema, last = account.parts(name)
    return account.job(database, schema, "task", last).name


def pipe(account: Account, place: Place, row: Row) -> SourceJob:
    """Make a pipe, which copies files as they come."""
    said = {name: row.get(name) for name in ("pattern", "integration")}
    return SourceJob(
        name=account.job(*place, "pipe", row["name"]),
        kind=JobKind.PIPE,
        text=account.text(row["definition"], *place),
        description=row.get("comment") or None,
        owner=row.get("owner"),
        streaming=True,
        properties=shown_properties(said),
    )


def routine(account: Account, place: Place, row: Row, kind: JobKind) -> SourceJob:
    """Make a procedure or a function; what is not in SQL is code."""
    body, language = row["DEFINITION"] or "", row["LANGUAGE"]
    sql = _create(place, row, kind, body) if body and language == "SQL" else None
    return SourceJob(
        name=account.job(*place, row["NAME"] + _types(row["ARGUMENT_SIGNATURE"])),
        kind=kind,
        text=account.text(sql, *place) if sql else None,
        code=SourceCode(body, language.title()) if body and not sql else None,
        description=row["COMMENT"] or None,
        owner=row["OWNER"],
    )


def _create(place: Place, row: Row, kind: JobKind, body: str) -> str:
    name, mark = quoted(*place, row["NAME"]), "$$" if "$$" not in body else "'"
    text = body if mark == "$$" else body.replace("'", "''")
    head = f"CREATE {kind.value} {name}{row['ARGUMENT_SIGNATURE']}\nRETURNS {row['DATA_TYPE']}\nLANGUAGE SQL"
    return f"{head}\nAS {mark}{text}{mark}"


def _types(signature: str) -> str:
    """Give `(NUMBER, VARCHAR)` of `(A NUMBER, B VARCHAR)`."""
    arguments = signature.strip().removeprefix("(").removesuffix(")")
    return f"({', '.join(each.split()[-1] for each in arguments.split(',') if each.strip())})"


def folders(
    account: Account, place: Place, pipes: Sequence[Row], tables: Sequence[Row], stages: Mapping[DatasetName, object]
) -> list[SourceDataset]:
    """Give the paths in stages that pipes and external tables read; the stage of a path may be in another schema."""
    found: dict[DatasetName, SourceDataset] = {}
    written = [match.group() for row in pipes for match in _STAGED.finditer(row["definition"])]
    for location in (*written, *(row["location"] for row in tables if row["location"].startswith("@"))):
        path = located(account, place, location)
        whole = DatasetName(path.namespace, path.name.partition("/")[0])
        if path != whole and path not in stages:
            found[path] = folder(account, whole, path)
    return list(found.values())
