"""Changes as people and pipelines write them: a YAML or JSON document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from nexus_core.errors import InvalidInputError
from nexus_core.model.impact import Change, ChangeKind
from nexus_core.model.names import DatasetName

_KEYS = {"kind": True, "namespace": True, "name": True, "field": False, "to": False, "sql": False}
"""What a change has, and whether it must."""


def changes_in(document: Any) -> tuple[Change, ...]:
    """Give the changes of a document `{"changes": [{kind, namespace, name, field?, to?, sql?}]}`.

    A `namespace` beside `changes` holds for those that name none. Raises InvalidInputError naming the place.
    """
    if not isinstance(document, dict) or not isinstance(document.get("changes"), list):
        raise InvalidInputError("must be an object with a list `changes`", "$")
    unknown = document.keys() - {"changes", "namespace"}
    if unknown:
        raise InvalidInputError(f"{min(unknown)!r} is not known here", "$")
    namespace = document.get("namespace")
    return tuple(_change(each, namespace, f"$.changes[{at}]") for at, each in enumerate(document["changes"]))


def _change(said: Any, namespace: Any, where: str) -> Change:
    if not isinstance(said, dict):
        raise InvalidInputError("must be an object", where)
    told = {"namespace": namespace, **said} if namespace else said
    texts = {key: _text(told, key, where, required=required) for key, required in _KEYS.items()}
    unknown = told.keys() - _KEYS.keys()
    if unknown:
        raise InvalidInputError(f"{min(unknown)!r} is not known here", where)
    if texts["kind"] not in set(ChangeKind):
        raise InvalidInputError(f"must be one of {', '.join(ChangeKind)}", f"{where}.kind")
    dataset = DatasetName(texts["namespace"], texts["name"])
    return Change(ChangeKind(texts["kind"]), dataset, texts["field"], texts["to"], texts["sql"])


def _text(said: Mapping[str, Any], key: str, where: str, *, required: bool) -> str:
    value = said.get(key)
    if value is None and not required:
        return ""
    if not isinstance(value, str) or not value:
        raise InvalidInputError("must be a text that is not empty", f"{where}.{key}")
    return value


def written(changes: Sequence[Change]) -> list[dict[str, str]]:
    """Give changes as `POST /api/v1/impact` takes them."""
    return [_written(change) for change in changes]


def _written(change: Change) -> dict[str, str]:
    told = {"kind": change.kind.value, "namespace": change.dataset.namespace, "name": change.dataset.name}
    optional = {"field": change.field, "to": change.to, "sql": change.sql}
    return told | {key: value for key, value in optional.items() if value}


def as_json(changes: Sequence[Change]) -> str:
    """Give a document of changes, to be kept or read again."""
    return orjson.dumps({"changes": written(changes)}, option=orjson.OPT_INDENT_2).decode()
