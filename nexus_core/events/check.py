"""Decides whether a body is an OpenLineage event that can be accepted (lineage.md §1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import orjson
from openlineage.client.generated import base

from nexus_core.errors import InvalidInputError, TooLargeError
from nexus_core.events import times
from nexus_core.events.facets import facets_of
from nexus_core.events.shape import Place, Shape, fault, json_path, list_of, mistyped, name, one_of, record, text
from nexus_core.events.tree import has_plain_numbers
from nexus_core.model.envelope import Event, EventKind

NESTING_MAX = 100
_NUL = b"\\u0000"  # as JSON writes it
_UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\Z", re.ASCII | re.IGNORECASE)
_CLAIMED = re.compile(r"#/(?:\$defs|definitions)/(RunEvent|JobEvent|DatasetEvent)\Z")


@dataclass(frozen=True, slots=True)
class Checked:
    """An event that can be accepted; `warnings` say what is unusual about it, `plain` that no number in it is."""

    kind: EventKind
    event: Event
    event_at: datetime
    warnings: tuple[str, ...]
    plain: bool


def _dataset(**facets: Shape) -> Shape:
    return record({"namespace": name, "name": name}, {"facets": facets_of(base.DatasetFacet), **facets})


_JOB = record({"namespace": name, "name": name}, {"facets": facets_of(base.JobFacet)})
_SIDES = {
    "inputs": list_of(_dataset(inputFacets=facets_of(base.InputDatasetFacet))),
    "outputs": list_of(_dataset(outputFacets=facets_of(base.OutputDatasetFacet))),
}
_COMMON: dict[str, Shape] = {"eventTime": text, "producer": text}
_SHAPES: dict[EventKind, Shape] = {
    EventKind.RUN: record(
        {**_COMMON, "run": record({"runId": name}, {"facets": facets_of(base.RunFacet)}), "job": _JOB},
        {**_SIDES, "eventType": one_of(base.EventType), "schemaURL": text},
    ),
    EventKind.JOB: record({**_COMMON, "job": _JOB}, {**_SIDES, "schemaURL": text}),
    EventKind.DATASET: record({**_COMMON, "dataset": _dataset()}, {"schemaURL": text}),
}


def decode(body: bytes) -> Any:
    """Read JSON as the standard has it: UTF-8, no NaN, no lone surrogates; of equal keys the last counts.

    Raises InvalidInputError, and TooLargeError beyond 100 levels of nesting.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if "depth limit" in str(error):
            raise TooLargeError(f"is nested deeper than {NESTING_MAX} levels") from error
        raise InvalidInputError(f"is not JSON: {error}") from error


def check(value: Any) -> Checked:
    """Check a decoded event of any kind; raises InvalidInputError naming the JSON path of the first fault."""
    if type(value) is not dict:
        raise mistyped("an object", value, None)
    plain = has_plain_numbers(value, NESTING_MAX)
    _check_tree(value, shallow=plain is not None)
    kind = _kind(value)
    _SHAPES[kind](value, None)
    event_at = times.instant(value["eventTime"], (None, "eventTime"))
    return Checked(kind, value, event_at, tuple(_warnings(kind, value)), plain is True)


def _kind(event: dict[str, Any]) -> EventKind:
    """Tell the kinds apart by content, as the specification does; the schemaURL only tells what is missing."""
    if "run" in event:
        return EventKind.RUN
    claimed = event.get("schemaURL")
    claim = _CLAIMED.search(claimed) if type(claimed) is str else None
    if "eventType" in event or (claim and claim[1] == EventKind.RUN):
        raise fault("is missing", (None, "run"))
    if "dataset" in event:
        return EventKind.DATASET
    if "job" in event:
        return EventKind.JOB
    raise fault("has neither run, job nor dataset: it is no OpenLineage event", None)


def _check_tree(root: dict[str, Any], *, shallow: bool) -> None:
    """Refuse nesting beyond the limit and NUL characters, which SQL stores cannot hold; without recursion.

    Whether there may be any is told by the text and by whole levels first, since nearly no event has any.
    """
    if shallow and _NUL not in orjson.dumps(root):
        return
    stack: list[tuple[Any, Place, int]] = [(root, None, 1)]
    while stack:
        node, place, depth = stack.pop()
        if depth > NESTING_MAX:
            raise TooLargeError(f"is nested deeper than {NESTING_MAX} levels", json_path(place))
        for key, each in node.items() if type(node) is dict else enumerate(node):
            if type(each) is str:
                if "\0" in each:
                    raise fault("holds a NUL character", (place, key))
            elif type(each) is dict or type(each) is list:
                stack.append((each, (place, key), depth + 1))
            if type(key) is str and "\0" in key:
                raise fault("has a key that holds a NUL character", place)


def _warnings(kind: EventKind, event: dict[str, Any]) -> list[str]:
    found = []
    if "schemaURL" not in event:
        found.append("$.schemaURL: is missing; the event was read by its content")
    if kind is EventKind.RUN:
        if not _UUID.match(event["run"]["runId"]):
            found.append("$.run.runId: is no UUID")
        found += _nominal_warnings(event["run"].get("facets", {}).get("nominalTime", {}))
    return found


def _nominal_warnings(facet: dict[str, Any]) -> list[str]:
    parent: Place = (((None, "run"), "facets"), "nominalTime")
    found = []
    for key in ("nominalStartTime", "nominalEndTime"):
        place = cast("Place", (parent, key))
        if key in facet and times.lenient(facet[key], place):
            found.append(f"{json_path(place)}: has no time or no offset; it was read as UTC")
    return found
