"""Relations of a dbt project as datasets: what the manifest says of them, and the columns that the catalog has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nexus_core.connectors._dbt_artifacts import Artifacts, Json
from nexus_core.connectors.objects import (
    Constraints,
    DatasetKind,
    NamedSql,
    Profile,
    SourceDataset,
    SourceField,
    Tag,
)
from nexus_core.model.names import DatasetName

RELATIONS = frozenset({"model", "seed", "snapshot", "source"})
_KINDS = {
    "view": DatasetKind.VIEW,
    "materialized view": DatasetKind.MATERIALIZED_VIEW,
    "dynamic table": DatasetKind.DYNAMIC_TABLE,
    "external": DatasetKind.FOREIGN_TABLE,
}
_ROWS, _BYTES = ("num_rows", "row_count"), ("num_bytes", "bytes", "size")


def dataset(name: DatasetName, node: Json, artifacts: Artifacts) -> SourceDataset:
    """Give a relation; without a catalog or an enforced contract its columns are not known."""
    catalog = artifacts.described(node["unique_id"])
    return SourceDataset(
        name,
        _kind(node, catalog),
        f"{name.namespace}/{name.name}",
        tuple(_fields(node, catalog)),
        description=_text(node.get("description")) or _text(catalog.get("metadata", {}).get("comment")),
        owner=owner(node, artifacts) or _text(catalog.get("metadata", {}).get("owner")),
        constraints=_constraints(node),
        profile=Profile(_statistic(catalog, _ROWS), _statistic(catalog, _BYTES)),
        tags=_tags(node),
        properties=tuple(_properties(node)),
    )


def owner(node: Json, artifacts: Artifacts) -> str | None:
    """Give the owner that a node's meta or group names, a person by e-mail address, else a team."""
    group = artifacts.manifest.get("groups", {}).get(f"group.{node.get('package_name')}.{node.get('group')}", {})
    found = _meta(node).get("owner") or group.get("owner") or node.get("owner")
    if isinstance(found, dict):
        email = found.get("email")
        found = (email[0] if isinstance(email, list) and email else email) or found.get("name")
    if not isinstance(found, str) or not found:
        return None
    return f"user:{found}" if "@" in found else f"team:{found}"


def _kind(node: Json, catalog: Json) -> DatasetKind:
    told = str(catalog.get("metadata", {}).get("type") or "").lower().replace("_", " ")
    planned = str(node.get("config", {}).get("materialized") or "").replace("_", " ")
    return _KINDS.get(told) or _KINDS.get(planned) or DatasetKind.TABLE


def _fields(node: Json, catalog: Json) -> Iterator[SourceField]:
    said = {name.lower(): column for name, column in node.get("columns", {}).items()}
    if columns := catalog.get("columns"):
        for column in sorted(columns.values(), key=lambda each: each.get("index", 0)):
            yield _field(column["name"], str(column.get("type")), said.get(column["name"].lower(), {}), column)
    elif _enforced(node):
        for column in node["columns"].values():
            yield _field(column["name"], str(column.get("data_type")), column, {})


def _field(name: str, kind: str, said: Json, catalog: Json) -> SourceField:
    description = _text(said.get("description")) or _text(catalog.get("comment"))
    needed = any(each.get("type") in ("not_null", "primary_key") for each in said.get("constraints") or ())
    return SourceField(name, kind, description, nullable=False if needed else None, tags=_tags(said))


def _constraints(node: Json) -> Constraints:
    """Give what an enforced contract has the warehouse enforce."""
    if not _enforced(node):
        return Constraints()
    found = [(each, each.get("columns") or []) for each in node.get("constraints") or ()]
    for name, column in node.get("columns", {}).items():
        found += [(each, [name]) for each in column.get("constraints") or ()]
    keys = [tuple(columns) for each, columns in found if each.get("type") == "primary_key"]
    checks = (each for each, _ in found if each.get("type") == "check" and each.get("expression"))
    return Constraints(
        primary_key=keys[0] if keys else (),
        unique=tuple(tuple(columns) for each, columns in found if each.get("type") == "unique"),
        checks=tuple(NamedSql(each.get("name") or "check", f"CHECK ({each['expression']})") for each in checks),
    )


def _enforced(node: Json) -> bool:
    contract = node.get("config", {}).get("contract") or {}
    return bool(contract.get("enforced")) and bool(node.get("columns"))


def _tags(said: Json) -> tuple[Tag, ...]:
    config = said.get("config") or {}
    names = [*(said.get("tags") or ()), *(config.get("tags") or () if isinstance(config.get("tags"), list) else ())]
    meta = ((name, value) for name, value in _meta(said).items() if isinstance(value, str | int | float | bool))
    found = [*(Tag(str(name)) for name in names), *(Tag(f"meta.{name}", str(value).lower()) for name, value in meta)]
    return tuple(dict.fromkeys(found))


def _meta(said: Json) -> Mapping[str, Any]:
    """Give the meta of a node or column, which dbt 1.10 moves into its config; the owner is told as such."""
    return {**(said.get("meta") or {}), **((said.get("config") or {}).get("meta") or {})}


def _statistic(catalog: Json, names: tuple[str, ...]) -> int | None:
    for name in names:
        value = catalog.get("stats", {}).get(name, {}).get("value")
        if isinstance(value, int | float) and not isinstance(value, bool):
            return int(value)
    return None


def _properties(node: Json) -> Iterator[tuple[str, str]]:
    said = {
        "dbt.id": node.get("unique_id"),
        "dbt.path": node.get("original_file_path"),
        "dbt.materialized": node.get("config", {}).get("materialized"),
        "dbt.access": node.get("access"),
        "dbt.version": node.get("version"),
        "dbt.loader": node.get("loader"),
    }
    yield from ((name, str(value)) for name, value in said.items() if value not in (None, ""))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
