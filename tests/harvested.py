"""Harvests and decisions as events, for tests of ends and returns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from nexus_core.events.decision import decision_event
from nexus_core.harvest.manifest import Manifest
from nexus_core.model.decision import DecidedObject, Decision
from nexus_core.model.envelope import Authority, Envelope
from nexus_core.model.names import DatasetName
from tests.merging import HARVESTER, PRODUCER, SPACE, at, envelope, run_event

CURATOR = Authority(curator=True)


def harvest(
    minutes: float, *tables: str, scope: str = "shop.*", partial: bool = False, chunk: int = 2, lack: int = 0
) -> list[Envelope]:
    """One harvest that saw tables: RUNNING for each `chunk` of them (without the last `lack` ones), then COMPLETE."""
    manifest, events, run = Manifest(), [], f"harvest {minutes}"
    for start in range(0, len(tables), chunk):
        for table in tables[start : start + chunk]:
            manifest.add(DatasetName(SPACE, f"shop.public.{table}"), f"mark of {table}")
        events.append(_said("RUNNING", minutes, run, lineageNexus_manifest=manifest.take()))
    told = {"source": SPACE, "scope": scope, "chunk_count": manifest.chunk_count, "digest": manifest.digest}
    complete = _said("COMPLETE", minutes + 0.1, run, lineageNexus_harvest=told | {"partial": partial})
    return [*events[: len(events) - lack], complete]


def _said(kind: str, minutes: float, run: str, **facets: Any) -> Envelope:
    event = run_event(kind, minutes, run, job="harvest:shop", **facets)
    event["job"]["namespace"] = SPACE
    return envelope(event, HARVESTER, "harvester")


def decided(
    minutes: float, action: str, *tables: str, authority: Authority = CURATOR, subject: str = SPACE, **details: Any
) -> Envelope:
    """A decision about tables."""
    objects = tuple(DecidedObject(SPACE, f"shop.public.{table}") for table in tables)
    event = decision_event(
        Decision("retirement", action, objects, subject, details), datetime.fromisoformat(at(minutes))
    )
    return envelope(event, authority, "steward")


def closed(minutes: float, job: str, *tables: str, undoes: str | None = None) -> Envelope:
    """A decision that a job of Airflow no longer writes tables, or that such a decision is undone."""
    objects = tuple(DecidedObject(SPACE, f"shop.public.{table}") for table in tables)
    details: dict[str, Any] = {"job": {"namespace": "airflow", "name": job}} | ({"event": undoes} if undoes else {})
    decision = Decision("retirement", "undo" if undoes else "close", objects, job, details)
    return envelope(decision_event(decision, datetime.fromisoformat(at(minutes))), CURATOR, "steward")


def lifecycle(
    minutes: float, table: str, state: str, authority: Authority = PRODUCER, former: str | None = None
) -> Envelope:
    """A run that did something to a table, as its lifecycle facet says."""
    facet: dict[str, Any] = {"lifecycleStateChange": state}
    if former:
        facet["previousIdentifier"] = {"namespace": SPACE, "name": f"shop.public.{former}"}
    described = {"namespace": SPACE, "name": f"shop.public.{table}", "facets": {"lifecycleStateChange": facet}}
    event = run_event("COMPLETE", minutes, f"{state} {table} {minutes}", job=f"{state} {table}", outputs=[described])
    return envelope(event, authority)


def copied(minutes: float, source: str, target: str, columns: Sequence[str] = ("a",)) -> Envelope:
    """A run that copied one table into another, as SQL says."""
    names = ", ".join(columns)
    sql = f"insert into public.{target} ({names}) select {names} from public.{source}"
    described = {"inputs": [_table(source)], "outputs": [_table(target)]}
    event = run_event("COMPLETE", minutes, f"{source} {target} {minutes}", f"fill {target}", sql=sql, **described)
    return envelope(event)


def _table(name: str) -> dict[str, Any]:
    return {"namespace": SPACE, "name": f"shop.public.{name}", "facets": {}}
