"""Nodes of a dbt project as jobs: models with their SQL, tests, exposures, freshness; and how they last ran."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from nexus_core.connectors._dbt_artifacts import Artifacts, Json
from nexus_core.connectors._dbt_datasets import RELATIONS, owner
from nexus_core.connectors._dbt_warehouse import Warehouse
from nexus_core.connectors.objects import Assertion, Execution, JobKind, SourceJob, SqlText, Written
from nexus_core.connectors.report import Report
from nexus_core.model.names import DatasetName, JobName

PREFIX = "dbt:"
_BUILT = {"model": JobKind.MODEL, "seed": JobKind.SEED, "snapshot": JobKind.SNAPSHOT}
_VIEWS = frozenset({"view", "materialized_view"})
_NOT_RUN = frozenset({"skipped", "no-op", "partial success"})
_BROKEN = frozenset({"error", "runtime error"})
_PASSED = frozenset({"success", "pass", "warn"})


class Jobs:
    """The jobs of one project, named `dbt:UNIQUE_ID` in its namespace."""

    def __init__(self, namespace: str, artifacts: Artifacts, warehouse: Warehouse, report: Report) -> None:
        self._namespace, self._artifacts, self._warehouse, self._report = namespace, artifacts, warehouse, report
        self._nodes = artifacts.nodes()

    def defined(self) -> Iterator[SourceJob]:
        """Give each node that builds, tests or shows something, in the order of their ids."""
        for unique_id, node in sorted(self._nodes.items()):
            if node["resource_type"] in _BUILT:
                yield from self._building(unique_id, node)
            elif node["resource_type"] == "test":
                yield self._test(unique_id, node)
        for unique_id, exposure in sorted(self._artifacts.manifest.get("exposures", {}).items()):
            yield self._exposure(unique_id, exposure)

    def ran(self, results: Json) -> Iterator[SourceJob]:
        """Give how nodes ran in an invocation of dbt."""
        jobs = {job.name.name: job for job in self.defined()}
        invocation = str(results.get("metadata", {}).get("invocation_id") or "")
        for result in results.get("results", ()):
            job = jobs.get(f"{PREFIX}{result.get('unique_id')}")
            if job and result.get("status") not in _NOT_RUN:
                yield self._executed(job, result, invocation, results)

    def freshness(self, freshness: Json) -> Iterator[SourceJob]:
        """Give whether sources were fresh, as tests of them."""
        for result in freshness.get("results", ()):
            unique_id = str(result.get("unique_id"))
            name = self._warehouse.relation(self._nodes.get(unique_id, {}))
            at = _time(result.get("snapshotted_at")) or _generated_at(freshness)
            if name and at and result.get("status") not in _BROKEN:
                found = Assertion(name, "freshness", result["status"] in _PASSED, severity="error")
                execution = Execution(at, _invocation(freshness), assertions=(found,))
                job = JobName(self._namespace, f"{PREFIX}freshness.{unique_id}")
                yield SourceJob(job, JobKind.TEST, execution=execution, inputs=(name,))

    def _building(self, unique_id: str, node: Json) -> Iterator[SourceJob]:
        target = self._warehouse.relation(node)
        if target:
            yield SourceJob(
                self._name(unique_id),
                _BUILT[node["resource_type"]],
                text=self._sql(unique_id, node),
                description=node.get("description") or None,
                owner=owner(node, self._artifacts),
                inputs=self._inputs(node),
                outputs=(Written(target),),
            )

    def _sql(self, unique_id: str, node: Json) -> SqlText | None:
        """Give compiled SQL as the statement that makes the relation; seeds have none."""
        compiled = str(node.get("compiled_code") or "").strip().rstrip(";")
        if node["resource_type"] == "seed" or node.get("language") == "python":
            return None
        if not compiled:
            self._report.skipped.add(unique_id, "its SQL was not compiled: run `dbt compile`")
            return None
        kind = "VIEW" if node.get("config", {}).get("materialized") in _VIEWS else "TABLE"
        sql = f"CREATE {kind} {node['relation_name']} AS\n{compiled}"
        return SqlText(sql, node.get("database"), node.get("schema"), self._warehouse.dialect)

    def _test(self, unique_id: str, node: Json) -> SourceJob:
        return SourceJob(
            self._name(unique_id),
            JobKind.TEST,
            description=node.get("description") or None,
            owner=owner(node, self._artifacts),
            inputs=self._inputs(node),
        )

    def _exposure(self, unique_id: str, exposure: Json) -> SourceJob:
        said = [exposure.get("label"), exposure.get("description"), exposure.get("url")]
        return SourceJob(
            self._name(unique_id),
            JobKind.EXPOSURE,
            description=" · ".join(str(each) for each in said if each) or None,
            owner=owner(exposure, self._artifacts),
            inputs=self._inputs(exposure),
        )

    def _executed(self, job: SourceJob, result: Json, invocation: str, results: Json) -> SourceJob:
        ended = [_time(each.get("completed_at")) for each in result.get("timing") or ()]
        at = max((each for each in ended if each), default=None) or _generated_at(results)
        query = (result.get("adapter_response") or {}).get("query_id") or invocation
        return SourceJob(
            job.name,
            job.kind,
            job.text,
            owner=job.owner,
            description=job.description,
            execution=Execution(
                at, query or None, failed=result["status"] in _BROKEN, assertions=self._assertions(job, result)
            ),
            inputs=job.inputs,
            outputs=job.outputs,
        )

    def _assertions(self, job: SourceJob, result: Json) -> tuple[Assertion, ...]:
        if job.kind is not JobKind.TEST or result["status"] in _BROKEN:
            return ()
        node = self._nodes[result["unique_id"]]
        tested = self._warehouse.relation(self._nodes.get(node.get("attached_node") or "", {}))
        tested = tested if tested in job.inputs else next(iter(job.inputs), None)
        if tested is None:
            return ()
        kind = (node.get("test_metadata") or {}).get("name") or node["name"]
        severity = str(node.get("config", {}).get("severity") or "error").lower()
        passed = result["status"] == "pass"
        return (Assertion(tested, kind, passed, node.get("column_name"), severity),)

    def _inputs(self, node: Json) -> tuple[DatasetName, ...]:
        """Give the relations that a node depends on, through ephemeral models."""
        found: dict[DatasetName, None] = {}
        waiting, seen = list(_depends_on(node)), set()
        while waiting:
            unique_id = waiting.pop(0)
            other = self._nodes.get(unique_id)
            if other is None or unique_id in seen or other["resource_type"] not in RELATIONS:
                continue
            seen.add(unique_id)
            if name := self._warehouse.relation(other):
                found[name] = None
            else:
                waiting += _depends_on(other)
        return tuple(found)

    def _name(self, unique_id: str) -> JobName:
        return JobName(self._namespace, f"{PREFIX}{unique_id}")


def _depends_on(node: Json) -> list[str]:
    return list((node.get("depends_on") or {}).get("nodes") or ())


def _invocation(artifact: Mapping[str, Any]) -> str | None:
    found = artifact.get("metadata", {}).get("invocation_id")
    return found if isinstance(found, str) else None


def _generated_at(artifact: Json) -> datetime:
    return _time(artifact.get("metadata", {}).get("generated_at")) or datetime.fromisoformat("1970-01-01T00:00:00Z")


def _time(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
