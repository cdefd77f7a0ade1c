"""Which job an event is about: the statements `TASK.query.N` of a task stand for the task (lineage.md §2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from nexus_core.model.names import JobName

_QUERY_JOB = re.compile(r"(?P<task>.+)\.query\.\d+", re.DOTALL)


def folded_job(event: Mapping[str, Any]) -> tuple[JobName | None, bool]:
    """Give the job, None for a DatasetEvent, and whether the event is about one query of it."""
    job = _mapping(event.get("job"))
    if not job:
        return None, False
    name = JobName(job["namespace"], job["name"])
    query = _QUERY_JOB.fullmatch(name.name)
    if query is None or _mapping(_facets(job).get("jobType")).get("jobType") != "QUERY":
        return name, False
    parent = _mapping(_mapping(_facets(_mapping(event.get("run"))).get("parent")).get("job"))
    if parent.get("name") != query["task"]:
        return name, False
    namespace = parent.get("namespace")
    return JobName(namespace if isinstance(namespace, str) and namespace else name.namespace, query["task"]), True


def _facets(owner: Mapping[str, Any]) -> Mapping[str, Any]:
    return _mapping(owner.get("facets"))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
