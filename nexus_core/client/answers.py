"""What the API answers, as values with the parts that callers need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from nexus_core.errors import (
    AuthenticationError,
    ConflictError,
    ForbiddenError,
    ForgottenError,
    InvalidInputError,
    NotFoundError,
    TooLargeError,
    UnavailableError,
)
from nexus_core.model.harvest import HarvestState


@dataclass(frozen=True, slots=True)
class Node:
    """A dataset, field or job of a lineage answer; a hidden one has only an id."""

    id: str
    kind: str
    namespace: str | None
    name: str | None
    field: str | None


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge between node ids, pointing downstream; `job` is the name of the job that makes it."""

    source: str
    target: str
    kind: str
    subtype: str | None
    job: str | None


@dataclass(frozen=True, slots=True)
class Graph:
    """A lineage answer; `truncated` says that there is more than the limit let through."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    truncated: bool


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a dataset."""

    name: str
    type: str | None
    description: str | None


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset; `kind` is table, view and so on."""

    namespace: str
    name: str
    kind: str
    description: str | None
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A dataset in a search."""

    namespace: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class DatasetPage:
    """A page of a search; `next` is the cursor of the following one."""

    items: tuple[Found, ...]
    total: int
    next: str | None


@dataclass(frozen=True, slots=True)
class RetiredObject:
    """A dataset or job that ended, or would."""

    namespace: str
    name: str
    kind: str
    state: str


@dataclass(frozen=True, slots=True)
class Retirement:
    """What one event retires, or would; `covered_count` is there for a harvest. At most 1,000 `objects` are given."""

    id: str
    by: str
    source: str
    scope: str | None
    at: str
    covered_count: int | None
    counts: Mapping[str, int]
    object_count: int
    objects: tuple[RetiredObject, ...]


def content(status: int, body: bytes, path: str) -> Any:
    """Give the JSON of a good answer; raises the error that a bad one stands for."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise UnavailableError("The LineageNexus API", f"{path} answered {status} without JSON") from error
    if status < 300:
        return found
    raise _error(status, found if isinstance(found, dict) else {}, path)


def harvest_state(found: Mapping[str, Any]) -> HarvestState:
    """Read a state of `GET /harvests/state`."""
    return HarvestState(found.get("watermark"), found.get("fingerprints", {}))


def graph(found: Mapping[str, Any]) -> Graph:
    """Read an answer of `GET /lineage/graph`."""
    nodes = (Node(*(each.get(part) for part in Node.__slots__)) for each in found["nodes"])
    return Graph(tuple(nodes), tuple(_edge(each) for each in found["edges"]), found["truncated"])


def _edge(found: Mapping[str, Any]) -> Edge:
    job = found.get("job") or {}
    return Edge(found["source"], found["target"], found["kind"], found.get("subtype"), job.get("name"))


def dataset(found: Mapping[str, Any]) -> Dataset:
    """Read an answer of `GET /datasets/one`."""
    fields = (Field(each["name"], each.get("type"), each.get("description")) for each in found["fields"])
    return Dataset(found["namespace"], found["name"], found["kind"], found.get("description"), tuple(fields))


def dataset_page(found: Mapping[str, Any]) -> DatasetPage:
    """Read an answer of `GET /datasets`."""
    items = (Found(each["namespace"], each["name"], each["kind"]) for each in found["items"])
    return DatasetPage(tuple(items), found["total"], found.get("next"))


def retirement(found: Mapping[str, Any]) -> Retirement:
    """Read a retirement of `GET /retirements`."""
    objects = (RetiredObject(*(each[part] for part in RetiredObject.__slots__)) for each in found["objects"])
    parts = {part: found.get(part) for part in Retirement.__slots__ if part != "objects"}
    return Retirement(**parts, objects=tuple(objects))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class StaleOutput:
    """A dataset that a job wrote at `seen_at` last, and `run_count` later runs did not."""

    namespace: str
    name: str
    seen_at: str
    run_count: int


@dataclass(frozen=True, slots=True)
class StaleJob:
    """A job with its stale outputs."""

    namespace: str
    name: str
    outputs: tuple[StaleOutput, ...]


def stale_job(found: Mapping[str, Any]) -> StaleJob:
    """Read a job of `GET /retirements/stale`."""
    outputs = (StaleOutput(*(each[part] for part in StaleOutput.__slots__)) for each in found["outputs"])
    return StaleJob(found["job"]["namespace"], found["job"]["name"], tuple(outputs))


def _error(status: int, problem: Mapping[str, Any], path: str) -> Exception:
    detail = str(problem.get("detail") or problem.get("title") or status)
    if status == 401:
        return AuthenticationError(detail)
    if status == 403:
        return ForbiddenError(detail, "another token")
    if status == 410:
        return ForgottenError("What is asked for", datetime.fromisoformat(problem["kept_from"]))
    if status == 404:
        return NotFoundError(path)
    if status == 412:
        return ConflictError(f"What {path} is about")
    kind = TooLargeError if status == 413 else InvalidInputError
    return kind(detail, str(problem.get("path") or "$"))
