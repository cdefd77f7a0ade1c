"""What a harvest would read, and what keeps it from more; nothing is sent or written."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from nexus_core.connectors.objects import SourceCheck
from nexus_core.connectors.protocol import Connector
from nexus_core.connectors.report import Report

NAMES_MAX = 5


@dataclass(frozen=True, slots=True)
class Preview:
    """What was found: `counts` and the first `names` by kind; `whole` is false where a limit ended the reading."""

    source: str
    scope: str
    check: SourceCheck
    counts: dict[str, int]
    names: dict[str, tuple[str, ...]]
    report: Report
    whole: bool = True


def preview(
    connector: Connector, check: SourceCheck, *, objects_max: int | None = None, seconds_max: float = 0
) -> Preview:
    """Read as a first harvest would, if the connection's `check` is good; raises what the connector raises.

    Stops after `objects_max` objects or `seconds_max` seconds, if those are given.
    """
    names: dict[str, list[str]] = {}
    counts: dict[str, int] = {}
    until = time.monotonic() + seconds_max if seconds_max else None
    found = _found(connector) if check.ok else iter(())
    whole = True
    for place, (kind, name) in enumerate(found):
        if place == objects_max or (until and time.monotonic() > until):
            whole = False
            break
        counts[kind] = counts.get(kind, 0) + 1
        if len(names.setdefault(kind, [])) < NAMES_MAX:
            names[kind].append(name)
    shown = {kind: tuple(first) for kind, first in names.items()}
    return Preview(connector.namespace, connector.scope, check, counts, shown, connector.report, whole)


def _found(connector: Connector) -> Iterator[tuple[str, str]]:
    for dataset in connector.datasets():
        yield dataset.kind.value, dataset.name.name
    for job in connector.jobs(None):
        yield job.kind.value, job.name.name
