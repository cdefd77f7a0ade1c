"""Writes the forms of Airflow's connection types from the connectors' settings: `python tools/connection_types.py`.

They lie in a file since Airflow asks for them in each of its processes, and importing all connectors takes a second.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from nexus_core.connectors.registry import installed
from nexus_operators.connections import OWN_TYPE, SETTINGS, hook_name

FILE = Path(__file__).parents[1] / "operators" / "nexus_operators" / "connection_types.json"
_PLAIN = {"host": "host", "port": "port", "user": "login", "password": "password", "database": "schema"}
_LABELS = {"host": "Host", "port": "Port", "login": "User", "password": "Password", "schema": "Database"}
_NOT_IN_FORM = frozenset({"schemas"})  # the DAG says them


def connection_types() -> list[dict[str, Any]]:
    """Give one connection type for each kind of source that Airflow harvests."""
    known = {each.kind: each.connector for each in installed() if each.connector}
    return [_type(kind, known[kind].title, known[kind].settings_type.model_fields) for kind in sorted(SETTINGS)]


def _type(kind: str, title: str, settings: dict[str, FieldInfo]) -> dict[str, Any]:
    hidden = [plain for name, plain in _PLAIN.items() if name not in settings]
    own = {name: field for name, field in settings.items() if name not in _PLAIN and name not in _NOT_IN_FORM}
    return {
        "connection-type": f"{OWN_TYPE}{kind}",
        "hook-name": f"LineageNexus: {title}",
        "hook-class-name": f"nexus_operators.sources.{hook_name(kind)}",
        "ui-field-behaviour": {
            "hidden-fields": ["extra", *hidden],
            "relabeling": {plain: label for plain, label in _LABELS.items() if plain not in hidden},
            "placeholders": {"port": str(settings["port"].default)},
        },
        "conn-fields": {name: _field(name, field) for name, field in own.items()},
    }


def _field(name: str, field: FieldInfo) -> dict[str, Any]:
    found: dict[str, Any] = {"label": name, "schema": _schema(field)}
    return found | ({"description": field.description} if field.description else {})


def _schema(field: FieldInfo) -> dict[str, Any]:
    kinds = [each for each in (get_args(field.annotation) or (field.annotation,)) if each is not type(None)]
    kind = field.annotation if get_origin(field.annotation) is Literal else kinds[0]
    if SecretStr in kinds:
        return {"type": ["string", "null"], "format": "password"}
    if get_origin(kind) is Literal:
        return {"type": ["string", "null"], "enum": [*get_args(kind), None]}
    names = {bool: "boolean", int: "integer", float: "number"}
    return {"type": [names.get(kind, "string") if isinstance(kind, type) else "string", "null"]}


if __name__ == "__main__":
    FILE.write_text(json.dumps(connection_types(), indent=1) + "\n", encoding="utf-8")
