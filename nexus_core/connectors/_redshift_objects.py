"""From the rows of redshift.sql to what a connector yields."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nexus_core.connectors.objects import (
    Constraints,
    DatasetKind,
    Foreign,
    ForeignKey,
    JobKind,
    Profile,
    SourceDataset,
    SourceField,
    SourceJob,
    SqlText,
    Tag,
)
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.naming import canonical, canonical_field, canonical_namespace
from nexus_core.model.naming_tables import joined

Row = Mapping[str, Any]
DEFAULT_SCHEMA = "public"
_CATALOGUE, _HIVE, _POSTGRES, _LOCAL, _REMOTE, _MYSQL = 1, 2, 3, 4, 5, 7
_WRAPPERS = {
    _CATALOGUE: "data catalog",
    _HIVE: "hive",
    _POSTGRES: "postgres",
    _LOCAL: "redshift",
    _REMOTE: "redshift",
    _MYSQL: "mysql",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A database of a cluster or workgroup."""

    namespace: str
    database: str

    @property
    def uri(self) -> str:
        """Where it is."""
        return f"{self.namespace}/{self.database}"

    def name(self, schema: str, name: str) -> DatasetName:
        """Name a relation of this database."""
        return canonical(DatasetName(self.namespace, joined(self.database, schema, name)))


@dataclass(frozen=True, slots=True)
class Details:
    """What was read of a batch of relations, by oid or by name."""

    columns: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    definitions: Mapping[int, str] = field(default_factory=dict)
    constraints: Mapping[int, Sequence[Row]] = field(default_factory=dict)
    attributes: Mapping[tuple[int, int], str] = field(default_factory=dict)
    statistics: Mapping[int, Row] = field(default_factory=dict)
    materialised: Mapping[str, Row] = field(default_factory=dict)
    shares: Mapping[str, Sequence[str]] = field(default_factory=dict)


def grouped(rows: Iterable[Row], key: str) -> dict[Any, list[Row]]:
    """Group rows by a column, in their order."""
    found: dict[Any, list[Row]] = {}
    for row in rows:
        found.setdefault(row[key], []).append(row)
    return found


def is_late_binding(definition: str) -> bool:
    """Whether a view is bound to its tables only when it is read."""
    return "with no schema binding" in " ".join(definition.lower().split())


def dataset(row: Row, details: Details, place: Place) -> SourceDataset:
    """Make a table or a view."""
    definition = details.definitions.get(row["oid"])
    materialised = details.materialised.get(row["name"])
    columns = details.columns.get(row["name"], ())
    statistics = details.statistics.get(row["oid"])
    kind = DatasetKind.TABLE if row["kind"] == "r" else DatasetKind.VIEW
    shares = details.shares.get(f"{row['schema']}.{row['name']}", ())
    return SourceDataset(
        name=place.name(row["schema"], row["name"]),
        kind=DatasetKind.MATERIALIZED_VIEW if materialised else kind,
        uri=place.uri,
        fields=tuple(_field(each, place) for each in columns),
        description=row["description"],
        owner=row["owner"],
        constraints=_constraints(details.constraints.get(row["oid"], ()), details, place),
        profile=_profile(statistics),
        definition=_definition(row, definition, place, materialised=bool(materialised)) if definition else None,
        tags=tuple(Tag("datashare", share) for share in shares),
        properties=(*_table_properties(columns, statistics), *_view_properties(definition, materialised)),
    )


def external(row: Row, columns: Sequence[Row], schema: Row, place: Place) -> SourceDataset:
    """Make a table of an external schema, with where its rows are."""
    options, location = _options(schema), (row["location"] or "").rstrip("/")
    shown = {"location": location, "format": row["input_format"] or "", "database": schema["database"] or ""}
    parts = [each["name"] for each in columns if each["part_key"]]
    return SourceDataset(
        name=place.name(row["schema"], row["name"]),
        kind=DatasetKind.FOREIGN_TABLE,
        uri=place.uri,
        fields=tuple(_field(each, place) for each in columns),
        foreign=Foreign(
            server=schema["name"],
            wrapper=_WRAPPERS.get(schema["kind"], "external"),
            options={name: value for name, value in shown.items() if value},
            origin=_origin(row, schema, options, location, place),
        ),
        properties=(("partitioned by", ", ".join(parts)),) if parts else (),
    )


def shared(row: Row, columns: Sequence[Row], share: Row, place: Place) -> SourceDataset:
    """Make a table of a datashare that another cluster gives."""
    producer = {name: str(share[name]) for name in ("producer_account", "producer_namespace") if share[name]}
    return SourceDataset(
        name=place.name(row["schema"], row["name"]),
        kind=DatasetKind.FOREIGN_TABLE,
        uri=place.uri,
        fields=tuple(_field(each, place) for each in columns),
        foreign=Foreign(share["share"], "datashare", producer),
    )


def routine(row: Row, place: Place) -> SourceJob:
    """Make a procedure or a SQL function."""
    procedure = row["kind"] == "p"
    word = "PROCEDURE" if procedure else "FUNCTION"
    quoted = f'"{row["schema"]}"."{row["name"]}"'
    head = f"CREATE OR REPLACE {word} {quoted}({_parameters(row)})" + (
        "" if procedure else f" RETURNS {row['returns']}"
    )
    sql = f"{head} AS $nexus${row['body']}$nexus$ LANGUAGE {row['language']}"
    return SourceJob(
        name=JobName(place.namespace, f"{place.database}.{row['schema']}.{row['name']}({row['types']})"),
        kind=JobKind.PROCEDURE if procedure else JobKind.FUNCTION,
        text=SqlText(sql, place.database, DEFAULT_SCHEMA),
        owner=row["owner"],
    )


def _parameters(row: Row) -> str:
    """Give parameters with their names, where each that is told has one."""
    types = [each.strip() for each in row["types"].split(", ")] if row["types"] else []
    names = [each for each in (row["names"] or "").split(",") if each]
    if len(names) != len(types):
        return str(row["types"])
    return ", ".join(f"{name} {kind}" for name, kind in zip(names, types, strict=True))


def _field(row: Row, place: Place) -> SourceField:
    nullable = {"yes": True, "true": True, "no": False, "false": False}.get(str(row.get("is_nullable")).lower())
    return SourceField(
        canonical_field(place.namespace, row["name"]),
        row["type"],
        description=row.get("description"),
        nullable=nullable,
        default=row.get("default"),
    )


def _constraints(rows: Iterable[Row], details: Details, place: Place) -> Constraints:
    found = [(row["type"], _names(row["oid"], row["fields"], details, place), row) for row in rows]
    return Constraints(
        primary_key=next((names for kind, names, _ in found if kind == "p"), ()),
        unique=tuple(names for kind, names, _ in found if kind == "u"),
        foreign_keys=tuple(_foreign_key(names, row, details, place) for kind, names, row in found if kind == "f"),
    )


def _foreign_key(names: tuple[str, ...], row: Row, details: Details, place: Place) -> ForeignKey:
    to = place.name(row["to_schema"], row["to_table"])
    return ForeignKey(row["name"], names, to, _names(row["to_oid"], row["to_fields"], details, place))


def _names(oid: int, numbers: str, details: Details, place: Place) -> tuple[str, ...]:
    found = (details.attributes[oid, int(number)] for number in numbers.split(","))
    return tuple(canonical_field(place.namespace, name) for name in found)


def _profile(row: Row | None) -> Profile:
    if row is None:
        return Profile()
    count, size = row["row_count"], row["size_mb"]
    return Profile(None if count is None else int(count), None if size is None else int(size) * 2**20)


def _definition(row: Row, text: str, place: Place, *, materialised: bool) -> SqlText:
    """Give the statement that makes a view: the catalogue has that of a late-binding one whole, else the query."""
    sql = text.strip()
    if not sql.lower().startswith("create"):
        word = "MATERIALIZED VIEW" if materialised else "VIEW"
        sql = f'CREATE {word} "{row["schema"]}"."{row["name"]}" AS\n{sql}'
    return SqlText(sql, place.database, DEFAULT_SCHEMA)


def _table_properties(columns: Sequence[Row], statistics: Row | None) -> Iterator[tuple[str, str]]:
    dist = [each["name"] for each in columns if each.get("distkey") in (True, "true", "t")]
    places = {each["name"]: int(each.get("sortkey") or 0) for each in columns}
    sort = sorted((name for name, place in places.items() if place), key=lambda name: abs(places[name]))
    encoded = {each["name"]: each["encoding"] for each in columns if each.get("encoding") not in (None, "", "none")}
    if statistics and statistics["diststyle"]:
        yield "diststyle", statistics["diststyle"]
    if dist:
        yield "distkey", ", ".join(dist)
    if sort:  # the places in an interleaved key alternate in sign
        interleaved = any(place < 0 for place in places.values())
        yield "interleaved sortkey" if interleaved else "sortkey", ", ".join(sort)
    if encoded:
        yield "encoding", ", ".join(f"{name} {encoding}" for name, encoding in sorted(encoded.items()))


def _view_properties(definition: str | None, materialised: Row | None) -> Iterator[tuple[str, str]]:
    if definition and is_late_binding(definition):
        yield "binding", "late"
    if materialised:
        yield "autorefresh", "on" if materialised["autorefresh"] in (True, "t", "true", 1) else "off"


def _options(schema: Row) -> dict[str, Any]:
    try:
        found = json.loads(schema["options"] or "{}")
    except ValueError:
        return {}
    return {name.upper(): value for name, value in found.items()} if isinstance(found, dict) else {}


def _origin(row: Row, schema: Row, options: Row, location: str, place: Place) -> DatasetName | None:
    """Name where the rows of an external table are: an object store, another database, or unknown."""
    host, port, inner = options.get("URI"), options.get("PORT"), options.get("SCHEMA") or DEFAULT_SCHEMA
    if schema["kind"] == _POSTGRES and host:
        space = canonical_namespace(f"postgres://{host}:{port or 5432}")
        return canonical(DatasetName(space, joined(schema["database"], inner, row["name"])))
    if schema["kind"] == _MYSQL and host:
        space = canonical_namespace(f"mysql://{host}:{port or 3306}")
        return canonical(DatasetName(space, joined(schema["database"], row["name"])))
    if schema["kind"] in (_LOCAL, _REMOTE):
        return Place(place.namespace, schema["database"]).name(inner, row["name"])
    scheme, found, rest = location.partition("://")
    bucket, _, key = rest.partition("/")
    return canonical(DatasetName(f"{scheme}://{bucket}", key or "/")) if found and bucket else None
