"""Splits an event into what users may read and what is sealed beside it (lineage.md §1).

Sealed are SQL literals and comments, error messages, stack traces, and the observed values of data quality checks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from nexus_core.events.sql_text import hide, hide_literals
from nexus_core.model.envelope import Event

Keys = tuple[str | int, ...]
"""The way from the event's root to a value."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """The readable event, and the originals of what differs, by their place."""

    event: Event
    originals: tuple[tuple[Keys, str], ...]


# Facet → the way to each text inside it; "*" stands for every item or key.
_SQL_TEXTS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "sql": (("query",),),
    "extractionError": (("errors", "*", "task"),),
    "dataQualityAssertions": (("assertions", "*", "content"),),
    "columnLineage": (
        ("fields", "*", "transformationDescription"),
        ("fields", "*", "inputFields", "*", "transformations", "*", "description"),
        ("dataset", "*", "transformations", "*", "description"),
    ),
    "lineageNexus_constraints": (("checks", "*", "sql"), ("indexes", "*", "sql"), ("triggers", "*", "sql")),
    "lineageNexus_columns": (("fields", "*", "default"), ("fields", "*", "generated")),
}
_SELDOM = frozenset(_SQL_TEXTS["columnLineage"])
_PRIVATE_TEXTS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "errorMessage": (("message",), ("stackTrace",)),
    "extractionError": (("errors", "*", "errorMessage"), ("errors", "*", "stackTrace")),
    "dataQualityAssertions": (("assertions", "*", "actual"), ("assertions", "*", "expected")),
}
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*(?=:)")
_SCHEME_DIALECTS = frozenset({"postgres", "mysql", "bigquery", "redshift", "hive", "trino", "oracle"})


def redact(event: Event) -> Redacted:
    """Hide what may be personal; texts keep their length, so that positions in them stay true."""
    dialect = _dialect(event)
    originals = []
    shown: Any = event
    for way, facets in _facet_groups(event):
        for key, facet in facets.items():
            for inner, text, hidden in _hidden(key, facet, dialect):
                if hidden != text:
                    keys = (*way, key, *inner)
                    originals.append((keys, text))
                    shown = _with(shown, keys, hidden)
    return Redacted(shown, tuple(originals))


def restore(event: Event, originals: Iterable[tuple[Keys, str]]) -> Event:
    """Put the originals back."""
    for keys, text in originals:
        event = _with(event, keys, text)
    return event


def _facet_groups(event: Event) -> Iterator[tuple[Keys, Mapping[str, Any]]]:
    """Give each `facets` object with its place."""
    for owner in ("run", "job", "dataset"):
        yield (owner, "facets"), event.get(owner, {}).get("facets", {})
    for side, extra in (("inputs", "inputFacets"), ("outputs", "outputFacets")):
        for index, dataset in enumerate(event.get(side, ())):
            for group in ("facets", extra):
                yield (side, index, group), dataset.get(group, {})


def _hidden(key: str, facet: Any, dialect: str | None) -> Iterator[tuple[Keys, str, str]]:
    for way in _SQL_TEXTS.get(key, ()):
        if way in _SELDOM and not _names(facet, way[-1]):
            continue
        for keys, text in _texts(facet, way):
            yield keys, text, hide_literals(text, dialect)
    for way in _PRIVATE_TEXTS.get(key, ()):
        for keys, text in _texts(facet, way):
            yield keys, text, hide(text)
    if key == "sourceCode" and "sql" in str(facet.get("language", "")).lower():
        for keys, text in _texts(facet, ("sourceCode",)):
            yield keys, text, hide_literals(text, dialect)


def _names(facet: Any, key: str) -> bool:
    """Whether a key may be in a facet, told by its text: to walk a large one takes twenty times as long."""
    return f'"{key}"'.encode() in orjson.dumps(facet)


def _texts(node: Any, way: tuple[str, ...], done: Keys = ()) -> Iterator[tuple[Keys, str]]:
    """Give the texts at the end of a way; what has another shape there has none."""
    if not way:
        if isinstance(node, str):
            yield done, node
    elif way[0] != "*":
        if isinstance(node, dict) and way[0] in node:
            yield from _texts(node[way[0]], way[1:], (*done, way[0]))
    elif isinstance(node, dict | list):
        for key, each in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _texts(each, way[1:], (*done, key))


def _with(node: Any, keys: Keys, value: str) -> Any:
    """Copy a value with one part replaced; what is not on the way is shared."""
    if not keys:
        return value
    copy: Any = node.copy()
    copy[keys[0]] = _with(node[keys[0]], keys[1:], value)
    return copy


def _dialect(event: Event) -> str | None:
    """Tell how the event's SQL is quoted: by its facet, else by the scheme of its datasets."""
    facets = event.get("job", {}).get("facets", {})
    for key in ("sql", "lineageNexus_sqlContext"):
        told = facets.get(key, {}).get("dialect")
        if isinstance(told, str):
            return told
    datasets = [*event.get("outputs", ()), *event.get("inputs", ()), event.get("dataset", {})]
    schemes = (_SCHEME.match(each.get("namespace", "")) for each in datasets)
    return next((each[0] for each in schemes if each and each[0] in _SCHEME_DIALECTS), None)
