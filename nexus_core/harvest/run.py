"""One harvest: from a connector's objects to events and a report."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from openlineage.client.uuid import generate_new_uuid

from nexus_core.connectors.objects import SourceDataset
from nexus_core.connectors.protocol import Connector
from nexus_core.connectors.report import Tally
from nexus_core.errors import CancelledHarvestError, SourceError
from nexus_core.harvest import events
from nexus_core.harvest.facets import fingerprinted, own, standard
from nexus_core.harvest.hints import with_hints
from nexus_core.harvest.manifest import Manifest
from nexus_core.harvest.outbox import Emit, Outbox
from nexus_core.model import facets as ours
from nexus_core.model.harvest import HarvestState
from nexus_core.model.names import DatasetName, JobName

_OBJECT_EVENTS = ("dataset", "job", "inputs", "outputs")


@dataclass(frozen=True, slots=True)
class HarvestReport:
    """What a harvest did: `counts` by kind of what was read, of which `unchanged_count` was not sent again."""

    run_id: UUID
    source: str
    scope: str
    started_at: datetime
    ended_at: datetime
    counts: dict[str, int]
    sent_count: int
    unchanged_count: int
    skipped: Tally
    denied: Tally
    failed: Tally
    partial: bool
    watermark: str | None


def harvest(
    connector: Connector,
    emit: Emit,
    *,
    state: HarvestState | None = None,
    run_id: UUID | None = None,
    hints: bool = False,
    stopped: Callable[[], bool] = lambda: False,
) -> HarvestReport:
    """Read a source and emit START, what changed since `state`, the manifest, and COMPLETE.

    `hints` adds to what changed which fields may hold personal data. Once `stopped` says so, it fails after the object
    that is read then, with CancelledHarvestError.
    Raises what the connector raises, after a FAIL event, and what `emit` raises but RefusedEventsError, whose events
    are reported as failed.
    """
    return _Harvest(connector, emit, state or HarvestState(), run_id or generate_new_uuid(), hints=hints).run(stopped)


class _Harvest:
    def __init__(self, connector: Connector, emit: Emit, state: HarvestState, run_id: UUID, *, hints: bool) -> None:
        self._connector, self._state, self._run_id, self._hints = connector, state, run_id, hints
        self._outbox = Outbox(emit, self._refused)
        self._manifest = Manifest()
        self._job = JobName(connector.namespace, f"harvest:{connector.scope}")
        self._started_at = datetime.now(UTC)
        self._unchanged_count = 0

    def run(self, stopped: Callable[[], bool]) -> HarvestReport:
        self._say("START", self._started_at)
        try:
            for name, found, dataset in self._objects():
                self._object(name, found, dataset)
                if stopped():
                    raise CancelledHarvestError(self._connector.namespace)
        except SourceError as error:
            message = standard("ErrorMessageRunFacet", "1-0-1", message=str(error), programmingLanguage="Python")
            self._say("FAIL", datetime.now(UTC), errorMessage=message)
            self._outbox.flush()
            raise
        return self._complete()

    def _objects(self) -> Iterator[tuple[DatasetName | JobName, list[events.Event], SourceDataset | None]]:
        kind, dialect = self._connector.kind, self._connector.dialect
        for dataset in self._connector.datasets():
            yield dataset.name, events.of_dataset(dataset, kind, dialect, self._started_at), dataset
        for job in self._connector.jobs(self._state.watermark):
            event = events.of_job(job, kind, dialect, self._started_at)
            if job.execution:
                self._outbox.add(event)
            else:
                yield job.name, [event], None

    def _object(self, name: DatasetName | JobName, found: list[events.Event], dataset: SourceDataset | None) -> None:
        fingerprint = _fingerprint(found)
        self._manifest.add(name, fingerprint)
        if self._state.fingerprints.get(name.name) == fingerprint:
            self._unchanged_count += 1
        else:
            if dataset and self._hints:
                found = [with_hints(found[0], dataset), *found[1:]]
            for event in found:
                self._outbox.add(event)
        if self._manifest.full:
            self._send_chunk()

    def _send_chunk(self) -> None:
        """Send a chunk after the events of its objects, since a refused one changes it."""
        self._outbox.flush()
        facet = own("RunFacet", **self._manifest.take())
        self._say("RUNNING", self._started_at, **{ours.MANIFEST: facet})

    def _complete(self) -> HarvestReport:
        if not self._manifest.empty:
            self._send_chunk()
        self._outbox.flush()
        ended_at, report = datetime.now(UTC), self._connector.report
        self._say("COMPLETE", ended_at, **self._told(**self._results()))
        self._outbox.flush()
        return HarvestReport(
            run_id=self._run_id,
            source=self._connector.namespace,
            scope=self._connector.scope,
            started_at=self._started_at,
            ended_at=ended_at,
            counts=dict(report.read),
            sent_count=self._outbox.sent_count,
            unchanged_count=self._unchanged_count,
            skipped=report.skipped,
            denied=report.denied,
            failed=report.failed,
            partial=report.partial,
            watermark=self._connector.watermark,
        )

    def _results(self) -> dict[str, Any]:
        return {
            "counts": dict(sorted(self._connector.report.read.items())),
            "chunk_count": self._manifest.chunk_count,
            "digest": self._manifest.digest,
            "watermark": self._connector.watermark,
            "partial": self._connector.report.partial,
        }

    def _told(self, **content: Any) -> dict[str, Any]:
        connector = self._connector
        return {ours.HARVEST: own("RunFacet", source=connector.namespace, scope=connector.scope, **content)}

    def _say(self, state: str, at: datetime, **run_facets: Any) -> None:
        kind = standard("JobTypeJobFacet", "2-0-4", processingType="BATCH", integration="NEXUS", jobType="HARVEST")
        facets = run_facets or self._told()
        self._outbox.add(events.of_run(state, self._run_id, self._job, at, {"jobType": kind}, facets))

    def _refused(self, name: str, reason: str) -> None:
        self._connector.report.failed.add(name, f"refused: {reason}")
        self._manifest.forget(name)


def _fingerprint(found: list[events.Event]) -> str:
    """Give the SHA-256, in hex, of what the events say, but for their time."""
    said = [{part: event[part] for part in _OBJECT_EVENTS if part in event} for event in found]
    if "dataset" in said[0]:
        said[0]["dataset"] = said[0]["dataset"] | {"facets": fingerprinted(said[0]["dataset"]["facets"])}
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()
