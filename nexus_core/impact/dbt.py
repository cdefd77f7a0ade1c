"""Changes between two manifests of a dbt project (docs.getdbt.com/reference/artifacts/manifest-json)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nexus_core.errors import InvalidInputError
from nexus_core.model.impact import Change, ChangeKind
from nexus_core.model.names import DatasetName

_BUILT = frozenset({"model", "snapshot", "seed"})


def dbt_changes(old: Any, new: Any, namespace: str) -> list[Change]:
    """Give what changes from one manifest to the other: models that go, are named otherwise, or have another SQL.

    `namespace` is that of the warehouse's tables. SQL is compared as compiled (`dbt compile`); raises InvalidInputError
    for what is no manifest, or for a changed model that is not compiled.
    """
    before, after = _nodes(old, "old"), _nodes(new, "new")
    return list(_changes(before, after, namespace))


def _nodes(manifest: Any, which: str) -> Mapping[str, Mapping[str, Any]]:
    nodes = manifest.get("nodes") if isinstance(manifest, dict) else None
    if not isinstance(nodes, dict):
        raise InvalidInputError("is no manifest.json of dbt", which)
    return {key: node for key, node in nodes.items() if node.get("resource_type") in _BUILT}


def _changes(
    before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]], namespace: str
) -> Iterator[Change]:
    for key, node in before.items():
        name, new = DatasetName(namespace, _name(node)), after.get(key)
        if new is None:
            yield Change(ChangeKind.DROP_DATASET, name)
            continue
        if _name(new) != _name(node):
            yield Change(ChangeKind.RENAME_DATASET, name, to=_name(new))
        elif _is_sql(node) and any(node.get(part) != new.get(part) for part in ("raw_code", "compiled_code")):
            yield Change(ChangeKind.REPLACE_SQL, name, sql=_statement(key, new))


def _is_sql(node: Mapping[str, Any]) -> bool:
    return node.get("resource_type") == "model" and node.get("language", "sql") == "sql"


def _name(node: Mapping[str, Any]) -> str:
    """Give the table's name with as many parts as the catalogue has: MySQL's adapters leave the database out."""
    parts = (node.get("database"), node.get("schema"), node.get("alias") or node.get("name"))
    return ".".join(str(part) for part in parts if part)


def _statement(key: str, node: Mapping[str, Any]) -> str:
    compiled = str(node.get("compiled_code") or "").strip().rstrip(";")
    if not compiled:
        raise InvalidInputError(f"{key} is not compiled; run `dbt compile` before", "new")
    return f"create table {_name(node)} as {compiled}"
