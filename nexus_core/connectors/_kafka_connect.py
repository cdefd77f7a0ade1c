"""Reads the REST interface of Kafka Connect (KIP-26, KIP-465, KIP-558): connectors with their configs as jobs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from nexus_core.connectors._http import JsonService
from nexus_core.connectors._kafka_flows import Flow, Surroundings
from nexus_core.connectors._kafka_kinds import flows
from nexus_core.connectors._kafka_redaction import shown
from nexus_core.connectors.objects import JobKind, SourceCode, SourceJob, Written
from nexus_core.connectors.report import Report
from nexus_core.model.names import DatasetName, JobName

PREFIX = "connect:"
_ALL = "/connectors?expand=info&expand=status"


class Workers:
    """One cluster of Connect workers."""

    def __init__(self, service: JsonService, report: Report) -> None:
        self._service, self._report = service, report

    def version(self) -> str:
        """Give the version of Kafka that the workers run; also tells whether they answer."""
        return str((self._service.get("/").body or {}).get("version", "of unknown version"))

    def jobs(self, around: Surroundings) -> Iterator[SourceJob]:
        """Give each connector as a job, in the order of their names."""
        reply = self._service.get(_ALL)
        if reply.denied:
            self._report.denied.add("Kafka Connect", "listing connectors is not allowed")
            self._report.partial = True
        for name, told in sorted((reply.body or {}).items()):
            try:
                yield self._job(name, told["info"], around, _troubles(told.get("status") or {}))
            except (KeyError, TypeError, AttributeError, ValueError) as error:
                self._report.failed.add(f"connector {name}", f"its config has another form ({type(error).__name__})")
                self._report.partial = True

    def _job(self, name: str, info: Mapping[str, Any], around: Surroundings, troubles: str | None) -> SourceJob:
        config = {key: value for key, value in info["config"].items() if isinstance(value, str)}
        seen = self._seen(name) if info.get("type") != "sink" else ()
        here = Surroundings(around.namespace, around.topics, seen, around.fields_of)
        found, known = flows(config, here)
        if not known:
            kind = config.get("connector.class", "without a class")
            self._report.skipped.add(f"connector {name}", f"what {kind} moves is not known here, but for its topics")
        inputs = dict.fromkeys(flow.source for flow in found if flow.source)
        return SourceJob(
            JobName(around.namespace, f"{PREFIX}{name}"),
            JobKind.CONNECTOR,
            code=SourceCode(shown(config), "Kafka Connect"),
            description=troubles,
            inputs=tuple(inputs),
            outputs=tuple(_written(found)),
            streaming=True,
        )

    def _seen(self, name: str) -> Sequence[str]:
        """Give the topics that a connector was seen to use; workers may be told not to note them."""
        reply = self._service.get(f"/connectors/{quote(name, safe='')}/topics")
        return (reply.body or {}).get(name, {}).get("topics", []) if reply.ok else ()


def _troubles(status: Mapping[str, Any]) -> str | None:
    """Say what keeps a connector from moving data, if anything; traces stay where they are, since they quote data."""
    tasks = status.get("tasks") or []
    failed = sum(each.get("state") == "FAILED" for each in tasks)
    state = str((status.get("connector") or {}).get("state") or "RUNNING")
    found = [f"Connector is {state.lower()}."] if state not in ("RUNNING", "UNASSIGNED", "RESTARTING") else []
    return " ".join([*found, f"{failed} of {len(tasks)} tasks failed."] if failed else found) or None


def _written(found: Sequence[Flow]) -> Iterator[Written]:
    """Join the flows into each dataset."""
    by_target: dict[DatasetName, list[Flow]] = {}
    for flow in found:
        if flow.target:
            by_target.setdefault(flow.target, []).append(flow)
    for target, into in by_target.items():
        yield Written(target, tuple(dict.fromkeys(link for flow in into for link in flow.links)))
