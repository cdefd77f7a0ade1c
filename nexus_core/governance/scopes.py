"""Scopes as texts and as JSON (docs/access.md).

A text is parts joined by `;`, each KEY=VALUE, a key as often as needed: `namespace=postgres://*;class=Confidential`.
JSON is a list of reaches, each an object of `namespaces`, `datasets`, `domains`, `ceiling`; an empty object limits
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from nexus_core.errors import InvalidInputError
from nexus_core.model.access import Reach, Scope

KEYS = {"namespace": "namespaces", "dataset": "datasets", "domain": "domains", "class": "ceiling"}
_LISTS = ("namespaces", "datasets", "domains")
_PARTS_MOST, _TEXT_MOST, _REACHES_MOST = 100, 2048, 20
_SET = re.compile(r"\[!?+\]?+[^]]*+(?:\]|(?P<open>\Z))")
_CLASS = re.compile(r"[^\x00-\x1f\x7f;=]{1,100}\Z")
_RANGE = re.compile(r"(.)-(.)", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def is_scope_text(text: str) -> bool:
    """Whether a text begins as a scope's does, not as a pattern of namespaces."""
    return text.partition("=")[0] in KEYS and "=" in text


def reach_of(text: str, path: str = "$.scope") -> Reach:
    """Read a text; "" limits nothing. Raises InvalidInputError for what means nothing."""
    told: dict[str, Any] = {}
    for part in text.split(";") if text else ():
        key, equals, value = part.strip().partition("=")
        if key not in KEYS or not equals:
            raise InvalidInputError(f"has parts namespace=, dataset=, domain= and class=, but `{part[:100]}`", path)
        if key == "class" and "ceiling" in told:
            raise InvalidInputError("has more than one class=: it is the highest that is visible", path)
        told[KEYS[key]] = value if key == "class" else [*told.get(KEYS[key], ()), value]
    return reach_from(told, path)


def scope_from(reaches: Sequence[Mapping[str, Any]], path: str = "$.scope") -> Scope:
    """Read JSON. Raises InvalidInputError for what means nothing."""
    if len(reaches) > _REACHES_MOST:
        raise InvalidInputError(f"has more than {_REACHES_MOST} parts", path)
    return Scope(tuple(reach_from(each, f"{path}[{index}]") for index, each in enumerate(reaches)))


def reach_from(told: Mapping[str, Any], path: str) -> Reach:
    """Read one object of the JSON."""
    ceiling = told.get("ceiling")
    if ceiling is not None and not (isinstance(ceiling, str) and _CLASS.match(ceiling)):
        raise InvalidInputError("is no name of a class", f"{path}.ceiling")
    lists = {name: _checked(told[name], f"{path}.{name}") for name in _LISTS if told.get(name) is not None}
    for name in ("namespaces", "datasets"):
        _check_patterns(lists.get(name, ()), f"{path}.{name}")
    namespaces, datasets, domains = (lists.get(name) for name in _LISTS)
    return Reach(namespaces, datasets, domains, ceiling)


def scope_json(scope: Scope) -> str:
    """Write a scope as JSON; one that was limited to another has no such form."""
    return orjson.dumps([reach_json(reach) for reach in scope.reaches]).decode()


def read_scope(written: str) -> Scope:
    """Read what `scope_json` wrote."""
    return scope_from(orjson.loads(written))


def reach_json(reach: Reach) -> dict[str, Any]:
    """Give one object of the JSON, with the limits that there are."""
    told = {**{name: getattr(reach, name) for name in _LISTS}, "ceiling": reach.ceiling}
    return {name: value for name, value in told.items() if value is not None}


def _checked(values: Any, path: str) -> tuple[str, ...]:
    if not isinstance(values, list | tuple) or len(values) > _PARTS_MOST:
        raise InvalidInputError(f"is no list of at most {_PARTS_MOST} texts", path)
    for value in values:
        if not isinstance(value, str) or not 0 < len(value) <= _TEXT_MOST or _CONTROL.search(value):
            raise InvalidInputError(f"holds no text of 1 to {_TEXT_MOST} printable characters", path)
    return tuple(dict.fromkeys(values))


def _check_patterns(patterns: Iterable[str], path: str) -> None:
    """Refuse what Python, SQLite and PostgreSQL would read differently: unclosed sets, and ranges that run down."""
    for pattern in patterns:
        sets = list(_SET.finditer(pattern))
        unclosed = any(each["open"] is not None for each in sets)
        downwards = any(a > b for each in sets for a, b in _RANGE.findall(each[0][1:-1]))
        if unclosed or downwards or "\\" in pattern:
            raise InvalidInputError(f"`{pattern[:100]}` is no pattern: close its sets, write ranges upwards", path)
