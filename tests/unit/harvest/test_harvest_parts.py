from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import rfc8785

from nexus_core.connectors.objects import DatasetKind, Execution, JobKind, Profile, SourceDataset, SourceJob, SqlText
from nexus_core.errors import RefusedEventsError
from nexus_core.events.check import check
from nexus_core.harvest import events
from nexus_core.harvest.manifest import CHUNK_OBJECTS, Manifest
from nexus_core.harvest.outbox import BATCH_EVENTS, Outbox
from nexus_core.harvest.run import _fingerprint
from nexus_core.model.names import DatasetName, JobName

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
TABLE = SourceDataset(DatasetName("postgres://h:5432", "d.s.t"), DatasetKind.TABLE, "postgres://h:5432/d", ())


def _print_of(dataset: SourceDataset, at: datetime = AT) -> str:
    return _fingerprint(events.of_dataset(dataset, "postgresql", "postgres", at))


def test_fingerprint_is_of_content() -> None:
    assert _print_of(TABLE) == _print_of(TABLE, datetime(2027, 1, 1, tzinfo=UTC))
    assert _print_of(TABLE) != _print_of(replace(TABLE, description="new"))


def test_fingerprint_overlooks_small_growth() -> None:
    sizes = [Profile(count, None, AT) for count in (1_010, 1_020, 1_900)]
    near, nearer, far = (_print_of(replace(TABLE, profile=size)) for size in sizes)
    assert near == nearer != far


def test_a_statement_is_one_run_a_day() -> None:
    def run_id(at: datetime) -> Any:
        execution = Execution(at, "7")
        job = SourceJob(JobName("n", "d.query.1"), JobKind.QUERY, SqlText("SELECT 1", "d"), execution=execution)
        event = events.of_job(job, "postgresql", "postgres", AT)
        assert check(event).warnings == ()
        return event["run"]["runId"]

    assert run_id(AT) == run_id(AT.replace(hour=1))
    assert run_id(AT) != run_id(AT.replace(day=25))


def test_manifest_tells_chunks_and_digest() -> None:
    manifest = Manifest()
    for number in range(CHUNK_OBJECTS):
        assert not manifest.full
        manifest.add(DatasetName("n", str(number)), "f")
    assert manifest.full
    manifest.forget("3")
    first = manifest.take()
    manifest.add(JobName("n", "j()"), "g")
    second = manifest.take()
    assert (first["chunk"], second["chunk"], manifest.chunk_count, manifest.empty) == (0, 1, 2, True)
    assert first["objects"][3]["fingerprint"] is None
    told = rfc8785.dumps(first["objects"]) + rfc8785.dumps(second["objects"])
    assert manifest.digest == hashlib.sha256(told).hexdigest()


def test_outbox_sends_full_batches_and_reports_what_is_refused() -> None:
    batches: list[int] = []
    refused: list[tuple[str, str]] = []

    def emit(batch: Sequence[dict[str, Any]]) -> None:
        batches.append(len(batch))
        if len(batches) == 1:
            raise RefusedEventsError({2: "bad"})

    outbox = Outbox(emit, lambda name, reason: refused.append((name, reason)))
    for number in range(BATCH_EVENTS + 1):
        outbox.add({"dataset": {"name": str(number)}})
    outbox.flush()
    outbox.flush()
    assert (batches, refused, outbox.sent_count) == ([BATCH_EVENTS, 1], [("2", "bad")], BATCH_EVENTS)
