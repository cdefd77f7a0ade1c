"""What ran in a MongoDB database, from its `system.profile` (manual, "Database Profiler").

The watermark is the time of the last operation seen. An operation's day is read from its beginning again, so that its
count is that of the whole day, as far as the capped collection still holds it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from nexus_core.connectors import _mongodb_pipeline as pipeline
from nexus_core.connectors import _mongodb_shape
from nexus_core.connectors._mongodb_node import Path
from nexus_core.connectors._mongodb_objects import LANGUAGE, Place, text
from nexus_core.connectors.objects import Execution, JobKind, SourceCode, SourceJob, Use, Written
from nexus_core.model.names import DatasetName, JobName

Document = Mapping[str, Any]
OWN_APPLICATION = "lineage-nexus"
STATEMENTS_MAX = 20_000
"""Most different operations of one database and harvest; further ones are only counted as skipped."""

_READS = ("find", "aggregate", "count", "distinct")


@dataclass(slots=True)
class Seen:
    """An operation on a day: when first, when last, and how often by whom."""

    command: Document
    first: datetime
    last: datetime
    users: Counter[str] = field(default_factory=Counter)


def wanted(since: datetime | None, days: int, now: datetime) -> Document:
    """Give the filter of what is read: from the beginning of the watermark's day, else some days back."""
    start = since or now - timedelta(days=days)
    midnight = datetime(start.year, start.month, start.day, tzinfo=UTC)
    return {"ts": {"$gte": midnight}, "op": {"$in": ["command", "query"]}, "appName": {"$ne": OWN_APPLICATION}}


def jobs(
    place: Place,
    entries: Iterable[Document],
    since: datetime | None,
    known: Callable[[DatasetName], Iterable[Path]],
    skip: Callable[[str], None],
) -> Iterator[SourceJob]:
    """Give each operation with its uses, once a day, in order of time; `known` tells the fields of a collection."""
    seen = _collected(entries, skip)
    for (_, fingerprint), each in sorted(seen.items(), key=lambda item: (item[1].first, item[0][1])):
        if since is None or each.last > since:
            yield _job(place, fingerprint, each, known)


def operation(entry: Document) -> str | None:
    """Tell which command an entry of the profile is, where it read documents and succeeded."""
    command = entry.get("command")
    if not isinstance(command, Mapping) or entry.get("errCode") or entry.get("errMsg"):
        return None
    name = next((each for each in _READS if isinstance(command.get(each), str)), None)
    if name is None or "explain" in command or str(command[name]).startswith("system."):
        return None
    return None if _is_diagnostic(command) else name


def _collected(entries: Iterable[Document], skip: Callable[[str], None]) -> dict[tuple[date, str], Seen]:
    found: dict[tuple[date, str], Seen] = {}
    for entry in entries:
        if "$truncated" in (entry.get("command") or {}):
            skip("an operation too long for the profile")
        elif operation(entry):
            _count(found, entry, skip)
    return found


def _count(found: dict[tuple[date, str], Seen], entry: Document, skip: Callable[[str], None]) -> None:
    at = entry["ts"].replace(tzinfo=UTC)
    shown = text(_mongodb_shape.of_command(entry["command"]))
    key = (at.date(), hashlib.sha256(shown.encode()).hexdigest())
    if key not in found and len(found) >= STATEMENTS_MAX:
        skip(f"more than {STATEMENTS_MAX} different operations")
        return
    seen = found.setdefault(key, Seen(entry["command"], at, at))
    seen.first, seen.last = min(seen.first, at), max(seen.last, at)
    seen.users[entry.get("user") or ""] += 1


def _job(place: Place, fingerprint: str, seen: Seen, known: Callable[[DatasetName], Iterable[Path]]) -> SourceJob:
    name = next(each for each in _READS if each in seen.command)
    flow = pipeline.resolve(place.name, seen.command[name], seen.command.get("pipeline") or ())
    return SourceJob(
        JobName(place.namespace, f"{place.database}.query.{fingerprint[:12]}"),
        JobKind.QUERY,
        code=SourceCode(text(_mongodb_shape.of_command(seen.command)), LANGUAGE),
        execution=Execution(seen.first, uses=_uses(seen)),
        inputs=flow.reads,
        outputs=_written(flow, known),
    )


def _uses(seen: Seen) -> tuple[Use, ...]:
    return tuple(Use(user or None, count) for user, count in sorted(seen.users.items()))


def _written(flow: pipeline.Flow, known: Callable[[DatasetName], Iterable[Path]]) -> tuple[Written, ...]:
    if flow.target is None:
        return ()
    paths = () if flow.opaque else known(flow.target.dataset)
    return (Written(flow.target.dataset, flow.links(paths)),)


def _is_diagnostic(command: Document) -> bool:
    stages = command.get("pipeline")
    first = stages[0] if isinstance(stages, list) and stages else {}
    return isinstance(first, Mapping) and any(stage in pipeline.DIAGNOSTIC for stage in first)
