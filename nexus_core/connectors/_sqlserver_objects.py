"""From the rows of sqlserver.sql to the datasets and routines that a SQL Server connector yields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from nexus_core.connectors.objects import (
    Constraints,
    DatasetKind,
    FieldLink,
    Foreign,
    ForeignKey,
    JobKind,
    NamedSql,
    Partitioning,
    Profile,
    SourceCode,
    SourceDataset,
    SourceField,
    SourceJob,
    SqlText,
    Tag,
)
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.naming import canonical, canonical_namespace
from nexus_core.model.naming_tables import joined, quoted_parts

Row = Mapping[str, Any]
Details = Mapping[str, Mapping[int, Sequence[Row]]]
"""Rows by statement and object."""

_KINDS = {"U": DatasetKind.TABLE, "V": DatasetKind.VIEW, "SN": DatasetKind.SYNONYM, "ET": DatasetKind.FOREIGN_TABLE}
_JOBS = {
    "P": JobKind.PROCEDURE,
    "FN": JobKind.FUNCTION,
    "IF": JobKind.FUNCTION,
    "TF": JobKind.FUNCTION,
    "TR": JobKind.TRIGGER,
}
_DESCRIPTION = "MS_Description"
_TWO_BYTES = frozenset({"nvarchar", "nchar"})
_SIZED = frozenset({"varchar", "char", "varbinary", "binary"}) | _TWO_BYTES
_PRECISE, _SCALED = frozenset({"decimal", "numeric"}), frozenset({"datetime2", "datetimeoffset", "time"})


def namespace(host: str, port: int | str) -> str:
    """Name a server in the manner of OpenLineage (spec/Naming.md, which has `mssql`; model.platforms)."""
    return canonical_namespace(f"sqlserver://{f'[{host}]' if ':' in host else host}:{port}")


def quoted(*parts: str) -> str:
    """Write a name in T-SQL."""
    return ".".join("[" + part.replace("]", "]]") + "]" for part in parts)


def job_name(space: str, *parts: str) -> JobName:
    """Name a job in the case in which names of SQL Server are compared, so that a harvest's scope covers it."""
    return JobName(space, canonical(DatasetName(space, joined(*parts))).name)


def by_object(rows: Iterable[Row]) -> dict[int, list[Row]]:
    """Sort rows by their object."""
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row["id"], []).append(row)
    return found


@dataclass(frozen=True, slots=True)
class Place:
    """A database of a server; `linked` are the hosts of other servers by the name that this one has for them."""

    namespace: str
    database: str
    linked: Mapping[str, str]

    def name(self, schema: str, name: str, database: str | None = None) -> DatasetName:
        """Name a table of this database or another, in the case in which names of SQL Server are compared."""
        return canonical(DatasetName(self.namespace, joined(database or self.database, schema, name)))

    def elsewhere(self, parts: Sequence[str]) -> DatasetName | None:
        """Name what `[SERVER.][DATABASE.][SCHEMA.]NAME` means here; None for a server that is not known."""
        server, database, schema, name = [*[""] * (4 - len(parts)), *parts][-4:]
        if not server:
            return self.name(schema or "dbo", name, database or None)
        host = self.linked.get(server)
        if host is None:
            return None
        address, _, port = host.replace(",", ":").partition(":")
        space = namespace(address.partition("\\")[0], port or 1433)
        return canonical(DatasetName(space, joined(database, schema or "dbo", name)))

    def text(self, sql: str, schema: str = "dbo") -> SqlText:
        """Give a text this database and a schema for its unqualified names."""
        return SqlText(sql, self.database, schema)


def dataset(row: Row, place: Place, details: Details) -> SourceDataset:
    """Make a table, a view, a synonym or an external table."""

    def of(statement: str) -> Sequence[Row]:
        return details.get(statement, {}).get(row["id"], ())

    said = {each["name"]: each["value"] for each in of("properties") if each["field"] is None}
    partitions = of("partitions")
    base = place.elsewhere(list(quoted_parts(row["base"]))) if row["base"] else None
    fields = tuple(_fields(row["id"], details, of("columns")))
    return SourceDataset(
        name=place.name(row["schema_name"], row["name"]),
        kind=_kind(row, partitioned=bool(partitions)),
        uri=f"{place.namespace}/{place.database}",
        fields=fields,
        description=said.pop(_DESCRIPTION, None),
        owner=row["owner"],
        constraints=_constraints(row, place, details),
        profile=_profile(of("sizes"), of("bytes")),
        partitioning=_partitioning(partitions) if partitions else None,
        foreign=Foreign(row["source_name"] or "", "external table", {"location": row["location"]})
        if row["location"]
        else None,
        definition=place.text(row["definition"], row["schema_name"]) if row["definition"] else None,
        code=_synonym(row) if row["base"] else None,
        reads=tuple(_reads(of("reads"), place)) or ((base,) if base else ()),
        links=tuple(FieldLink(each.name, base, each.name) for each in fields) if base else (),
        properties=tuple(_properties(row, said)),
    )


def routine(row: Row, place: Place) -> SourceJob:
    """Make a procedure, function or trigger; without its text where that is denied or encrypted."""
    return SourceJob(
        name=job_name(place.namespace, place.database, row["schema_name"], row["name"]),
        kind=_JOBS[row["type"]],
        text=place.text(row["definition"], row["schema_name"]) if row["definition"] else None,
        description=row["description"],
        owner=row["owner"],
    )


def _kind(row: Row, *, partitioned: bool) -> DatasetKind:
    if row["location"]:
        return DatasetKind.FOREIGN_TABLE
    return DatasetKind.PARTITIONED_TABLE if partitioned else _KINDS[row["type"]]


def _fields(object_id: int, details: Details, columns: Sequence[Row]) -> Iterable[SourceField]:
    said: dict[str, str] = {}
    for each in details.get("properties", {}).get(object_id, ()):
        if each["field"] is not None and each["name"] == _DESCRIPTION:
            said[each["field"]] = each["value"]
    labels = {each["field"]: each for each in details.get("labels", {}).get(object_id, ())}
    for row in columns:
        yield SourceField(
            name=row["name"],
            type=_type(row),
            description=said.get(row["name"]),
            nullable=bool(row["nullable"]),
            default=row["default_"],
            identity="ALWAYS" if row["is_identity"] else None,
            generated=row["computed"] or _generated(row),
            tags=tuple(_tags(row, labels.get(row["name"]))),
        )


def _type(row: Row) -> str:
    name: str = row["type"]
    if row["own_type"]:
        return f"{row['type_schema']}.{name}"
    if name in _SIZED:
        length = row["max_length"]
        return f"{name}({'max' if length == -1 else length // 2 if name in _TWO_BYTES else length})"
    if name in _PRECISE:
        return f"{name}({row['precision_']},{row['scale']})"
    return f"{name}({row['scale']})" if name in _SCALED else name


def _generated(row: Row) -> str | None:
    """Tell of columns that a system-versioned table fills itself."""
    how: str = row["generated_always"] or "NOT_APPLICABLE"
    return None if how == "NOT_APPLICABLE" else f"GENERATED ALWAYS {how.replace('_', ' ')}"


def _tags(row: Row, label: Row | None) -> Iterable[Tag]:
    if row["mask"]:
        yield Tag("masked", row["mask"])
    if label and label["label"]:
        yield Tag("sensitivity", label["label"])
    if label and label["information_type"]:
        yield Tag("information type", label["information_type"])


def _properties(row: Row, said: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    if row["history"]:
        yield "history", f"{row['history_schema']}.{row['history']}"
    if row["temporal"] == "HISTORY_TABLE":
        yield "temporal", "history of another table"
    if row["in_memory"]:
        yield "memory optimized", "yes"
    yield from ((name, value) for name, value in sorted(said.items()) if value is not None)


def _synonym(row: Row) -> SourceCode:
    made = f"CREATE SYNONYM {quoted(row['schema_name'], row['name'])} FOR {row['base']}"
    return SourceCode(made, "T-SQL")


def _reads(rows: Sequence[Row], place: Place) -> Iterable[DatasetName]:
    for row in rows:
        parts = (row["server_name"], row["database_name"], row["schema_name"], row["name"])
        if found := place.elsewhere([part or "" for part in parts]):
            yield found


def _constraints(row: Row, place: Place, details: Details) -> Constraints:
    def of(statement: str) -> Sequence[Row]:
        return details.get(statement, {}).get(row["id"], ())

    indexes = [list(rows) for _, rows in groupby(of("indexes"), key=lambda each: each["name"])]
    primary = next((rows for rows in indexes if rows[0]["is_primary"]), [])
    table = quoted(row["schema_name"], row["name"])
    return Constraints(
        primary_key=tuple(each["field"] for each in primary),
        unique=tuple(tuple(each["field"] for each in rows) for rows in indexes if rows[0]["is_constraint"]),
        foreign_keys=tuple(_foreign_keys(of("foreign_keys"), place)),
        checks=tuple(NamedSql(each["name"], f"CHECK {each['definition']}") for each in of("checks")),
        indexes=tuple(_index(rows, table) for rows in indexes),
        triggers=tuple(NamedSql(each["name"], each["definition"] or "") for each in of("triggers")),
    )


def _index(rows: Sequence[Row], table: str) -> NamedSql:
    first = rows[0]
    keys = [quoted(row["field"]) + (" DESC" if row["descending"] else "") for row in rows if not row["included"]]
    included = [quoted(row["field"]) for row in rows if row["included"]]
    sql = f"CREATE {'UNIQUE ' if first['is_unique'] else ''}{first['type']} INDEX {quoted(first['name'])} ON {table}"
    sql += f" ({', '.join(keys)})" if keys else ""
    sql += f" INCLUDE ({', '.join(included)})" if keys and included else ""
    return NamedSql(first["name"], f"{sql} WHERE {first['filter']}" if first["filter"] else sql)


def _foreign_keys(rows: Sequence[Row], place: Place) -> Iterable[ForeignKey]:
    for name, pairs in groupby(rows, key=lambda row: row["name"]):
        each = list(pairs)
        to = place.name(each[0]["to_schema"], each[0]["to_table"])
        yield ForeignKey(name, tuple(row["field"] for row in each), to, tuple(row["to_field"] for row in each))


def _profile(sizes: Sequence[Row], stored: Sequence[Row]) -> Profile:
    size = stored[0]["size_bytes"] if stored else None
    return Profile(sizes[0]["row_count"], size) if sizes else Profile()


def _partitioning(rows: Sequence[Row]) -> Partitioning:
    """Tell the boundaries with the key: partitions of SQL Server have numbers only, no names."""
    first = rows[0]
    bounds = ", ".join(f"'{row['value']}'" for row in rows if row["value"] is not None)
    side = "RIGHT" if first["on_right"] else "LEFT"
    return Partitioning(f"RANGE {side} ({first['field']}) FOR VALUES ({bounds})", ())
