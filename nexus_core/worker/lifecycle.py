"""Ends and returns in one round: what events say of them, and when datasets and jobs were there as follows from it.

Facts are noted as they come; what follows is computed anew for the sources and subjects that they touch, so that the
order of arrival leaves no trace. A round without harvest, decision or lifecycle facet costs one query.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import orjson

from nexus_core.model.decision import DecidedObject, Decision, ObjectKind
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.naming import canonical, canonical_namespace
from nexus_core.model.retirement import CLOSE, RETIREMENT, RetiredKind, output_key
from nexus_core.store.ledger import Snapshot
from nexus_core.store.ledger_rows import Changes
from nexus_core.store.lifecycle_rows import ChunkRow, GuardRow, HarvestRow, StatementRow, VerdictRow
from nexus_core.worker.lifecycle_existence import GONE, THERE, UNDO, Subjects
from nexus_core.worker.lifecycle_source import Manifests, Sources, settle_source
from nexus_core.worker.said import Said, Teller

_ACTIONS = {"retire": GONE, "restore": THERE}


class Lifecycle:
    """Takes in one round's events; `settle` gives the keys of datasets and jobs whose existence changed, and of the
    outputs of jobs that decisions name.
    """

    def __init__(self, sources: Sources, ledger: Snapshot, changes: Changes) -> None:
        self._known_sources, self._ledger, self._changes = sources, ledger, changes
        self._runs: set[str] = set()
        self._sources: set[str] = set()
        self._subjects: set[str] = set()
        self._closed: set[str] = set()

    def observe(self, events: Iterable[Said]) -> None:
        """Note what events say of harvests, ends and returns."""
        for said in events:
            self._observe_harvest(said)
            for change in said.lifecycle:
                name = canonical(change.dataset)
                action = GONE if change.gone else THERE
                self._state(said, DecidedObject(name.namespace, name.name), action, change.teller)
            if said.decision is not None and said.decision.kind == RETIREMENT:
                self._observe_decision(said, said.decision)

    async def settle(self, outputs: Mapping[str, Collection[str]]) -> set[str]:
        """Bring existence up to date; `outputs` are the subjects (output, job) of evidence that this round observed."""
        manifests = Manifests(self._ledger, self._changes)
        for source in sorted(self._sources | await manifests.settle(self._runs)):
            self._subjects |= await settle_source(source, self._known_sources, manifests, self._ledger, self._changes)
        written = {subject for subjects in outputs.values() for subject in subjects}
        touched = self._subjects | await self._ledger.lifecycle.ended(written)
        return await Subjects(touched, manifests, self._ledger, self._changes).settle(outputs) | self._closed

    def _observe_harvest(self, said: Said) -> None:
        told = said.manifest
        if told is None:
            return
        if told.source and said.event_type == "COMPLETE":
            self._runs.add(said.run_key)
            self._changes.harvests.append(
                HarvestRow(
                    said.event_id,
                    said.run_key,
                    told.source,
                    told.scope,
                    said.valid_at,
                    said.accepted_at,
                    told.watermark,
                    told.chunk_count,
                    told.digest,
                    told.partial,
                )
            )
        if told.chunk is not None:
            self._runs.add(said.run_key)
            body = orjson.dumps(told.objects)
            self._changes.chunks.append(
                ChunkRow(said.event_id, said.run_key, told.chunk, said.valid_at, said.accepted_at, body)
            )

    def _observe_decision(self, said: Said, decision: Decision) -> None:
        harvest, event = decision.details.get("harvest"), decision.details.get("event")
        if decision.action in _ACTIONS:
            for each in decision.objects:
                self._state(said, each, _ACTIONS[decision.action], Teller.CURATOR)
        elif decision.action == CLOSE and (job := _job(decision)):
            for each in decision.objects:
                self._state_output(said, each, job, GONE)
        elif decision.action == "undo" and isinstance(event, str):
            for each in decision.objects:
                if job := _job(decision):
                    self._state_output(said, each, job, UNDO, event)
                else:
                    self._state(said, each, UNDO, Teller.CURATOR, event)
        elif decision.action in ("confirm", "undo") and isinstance(harvest, str):
            source, names = canonical_namespace(decision.subject), orjson.dumps(sorted(_datasets(decision.objects)))
            self._sources.add(source)
            row = VerdictRow(said.event_id, source, said.accepted_at, decision.action, harvest, names)
            self._changes.verdicts.append(row)
        elif decision.action == "guard":
            self._observe_guard(said, decision)

    def _observe_guard(self, said: Said, decision: Decision) -> None:
        share, least = decision.details.get("share"), decision.details.get("least")
        if isinstance(share, (int, float)) and isinstance(least, int) and 0 <= share <= 1 and 0 <= least < 2**31:
            source = canonical_namespace(decision.subject)
            self._sources.add(source)
            row = GuardRow(said.event_id, source, said.valid_at, said.accepted_at, float(share), least)
            self._changes.guards.append(row)

    def _state(self, said: Said, of: DecidedObject, action: str, teller: Teller, undoes: str = "") -> None:
        name = of.named if of.kind is ObjectKind.JOB else canonical(DatasetName(of.namespace, of.name))
        key, space = node_key(name.id), canonical_namespace(name.namespace)
        self._subjects.add(key)
        told = (said.valid_at, said.accepted_at, teller.value, undoes)
        self._changes.statements.append(
            StatementRow(key, said.event_id, action, space, name.name, of.kind.value, *told)
        )

    def _state_output(self, said: Said, of: DecidedObject, job: JobName, action: str, undoes: str = "") -> None:
        name = canonical(DatasetName(of.namespace, of.name))
        self._closed.add(node_key(name.id))
        told = (said.valid_at, said.accepted_at, Teller.CURATOR.value, undoes, job.namespace, job.name)
        key, kind = output_key(job, name), RetiredKind.OUTPUT.value
        self._changes.statements.append(
            StatementRow(key, said.event_id, action, name.namespace, name.name, kind, *told)
        )


def _job(decision: Decision) -> JobName | None:
    told = decision.details.get("job")
    if not isinstance(told, dict):
        return None
    namespace, name = told.get("namespace"), told.get("name")
    return JobName(namespace, name) if isinstance(namespace, str) and isinstance(name, str) and name else None


def _datasets(objects: Iterable[DecidedObject]) -> set[tuple[str, str]]:
    names = (canonical(DatasetName(each.namespace, each.name)) for each in objects)
    return {(name.namespace, name.name) for name in names}
