"""Reads the data quality facets of an event, as dbt, Great Expectations, Soda and our own checks send them.

Read are `dataQualityAssertions` (specification 1-1-0, on inputs, outputs or the dataset), the
`greatExpectations_assertions` of OpenLineage's action for Great Expectations, `dataQualityMetrics` (also under that
action's older key `dataQuality`), and `outputStatistics`. Values of rows (`min`, `max`, `sum`, quantiles, the observed
value of a foreign assertion) and the text of a check are never taken, since they may be personal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any
from urllib.parse import urlsplit

from nexus_core.events.decision import is_decision
from nexus_core.events.folding import folded_job
from nexus_core.model.edge import digest_of, node_key
from nexus_core.model.envelope import Envelope, EventKind
from nexus_core.model.moments import microseconds
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.naming import canonical, canonical_field
from nexus_core.model.quality import Figure, Finding, Severity

OUR_TOOL = "lineage-nexus"

_TEXT_CHARS = 300
_FINDINGS_MAX = 5_000  # of one event
_TOOLS = {
    "dbt": "dbt",
    "great_expectations": "great-expectations",
    "great-expectations": "great-expectations",
    "soda": "soda",
    "lineage-nexus": OUR_TOOL,
    "lineage_nexus": OUR_TOOL,
}
_SQLALCHEMY = re.compile(r"postgresql\+\w+://")
_METRICS = {"rowCount": "row_count", "bytes": "byte_count", "fileCount": "file_count"}
_COLUMN_METRICS = {"nullCount": "null_count", "distinctCount": "distinct_count"}
_READ = frozenset(
    {"dataQualityAssertions", "greatExpectations_assertions", "dataQualityMetrics", "dataQuality", "outputStatistics"}
)
_WRITTEN = {"rowCount": "written_row_count", "size": "written_byte_count", "fileCount": "written_file_count"}


@dataclass(frozen=True, slots=True)
class Quality:
    """What events say of quality; each finding and figure once a run."""

    findings: list[Finding] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)


def read_quality(envelope: Envelope) -> Quality:
    """Read an event; what has not the shape that it should have is left out."""
    if is_decision(envelope.kind, envelope.event):
        return Quality()
    told = list(_datasets(envelope))
    return _Reading(envelope).all(told) if told else Quality()


def _datasets(envelope: Envelope) -> Iterator[tuple[DatasetName, Mapping[str, Any]]]:
    """Give the datasets of which an event has a facet that is read here, with all their facets."""
    event = envelope.event
    if envelope.kind is EventKind.DATASET:
        said = [event.get("dataset")]
    else:
        said = [*_list(event.get("inputs")), *_list(event.get("outputs"))]
    for each in map(_mapping, said):
        facets = [_mapping(each.get(key)) for key in ("facets", "inputFacets", "outputFacets")]
        namespace, name = each.get("namespace"), each.get("name")
        if isinstance(namespace, str) and isinstance(name, str) and any(map(_READ.intersection, facets)):
            yield _placed(DatasetName(namespace, name), facets[0]), {**facets[0], **facets[1], **facets[2]}


class _Reading:
    """Reads one event."""

    def __init__(self, envelope: Envelope) -> None:
        event = envelope.event
        self._event_id = envelope.id
        self._at = microseconds(envelope.valid_at)
        self._job = folded_job(event)[0] or JobName("", "")
        run = _mapping(event.get("run")).get("runId")
        self._run = digest_of([self._job.id, run if isinstance(run, str) else envelope.id])
        self._tool = _tool(event)

    def all(self, told: Iterable[tuple[DatasetName, Mapping[str, Any]]]) -> Quality:
        findings: dict[str, Finding] = {}
        figures: dict[tuple[str, ...], Figure] = {}
        for name, facets in told:
            for found in self._findings(name, facets):
                known = findings.get(found.check_key)
                if known is None and len(findings) < _FINDINGS_MAX:
                    findings[found.check_key] = found
                elif known is not None and known.passed and not found.passed:
                    findings[found.check_key] = found  # of checks that nothing tells apart one failure is enough
            figures |= {(each.dataset_key, each.field, each.metric): each for each in self._figures(name, facets)}
        return Quality(list(findings.values()), list(figures.values()))

    def _findings(self, name: DatasetName, facets: Mapping[str, Any]) -> Iterator[Finding]:
        for said in map(_mapping, _list(_mapping(facets.get("dataQualityAssertions")).get("assertions"))):
            measured = _number(said.get("actual")) if self._tool == OUR_TOOL else None
            yield from self._finding(name, said, ("assertion", "column"), measured)
        for said in map(_mapping, _list(_mapping(facets.get("greatExpectations_assertions")).get("assertions"))):
            column = "columnId" if "columnId" in said else "column"
            for found in self._finding(name, said, ("expectationType", column), None):
                yield found._replace(tool="great-expectations")

    def _finding(
        self, name: DatasetName, said: Mapping[str, Any], keys: tuple[str, str], measured: float | None
    ) -> Iterator[Finding]:
        assertion, passed = _text(said.get(keys[0])), said.get("success")
        if not assertion or not isinstance(passed, bool):
            return
        column, title = _text(said.get(keys[1])), _text(said.get("name"))
        of_field = canonical_field(name.namespace, column) if column else ""
        warn = str(said.get("severity")).lower() == Severity.WARN
        yield Finding(
            check_key=digest_of([name.id, self._job.id, assertion, of_field, title]),
            run_key=self._run,
            dataset_key=node_key(name.id),
            namespace=name.namespace,
            name=name.name,
            field=of_field,
            assertion=assertion,
            title=title,
            severity=Severity.WARN if warn else Severity.ERROR,
            tool=self._tool,
            job_namespace=self._job.namespace,
            job_name=self._job.name,
            passed=passed,
            measured=measured,
            at=self._at,
            event_id=self._event_id,
        )

    def _figures(self, name: DatasetName, facets: Mapping[str, Any]) -> Iterator[Figure]:
        key = node_key(name.id)
        for facet in (_mapping(facets.get("dataQuality")), _mapping(facets.get("dataQualityMetrics"))):
            yield from self._counted(key, "", facet, _METRICS)
            for column, said in _mapping(facet.get("columnMetrics")).items():
                of_field = canonical_field(name.namespace, column[:_TEXT_CHARS])
                yield from self._counted(key, of_field, _mapping(said), _COLUMN_METRICS)
        yield from self._counted(key, "", _mapping(facets.get("outputStatistics")), _WRITTEN)

    def _counted(self, key: str, of_field: str, said: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[Figure]:
        for given, metric in names.items():
            value = _number(said.get(given))
            if value is not None:
                yield Figure(key, of_field, metric, self._run, value, self._at, self._event_id)


def _placed(name: DatasetName, facets: Mapping[str, Any]) -> DatasetName:
    """Give a dataset's name; one by an SQLAlchemy address, as Great Expectations writes it, lacks port and database.

    Its data source tells both: `postgresql+psycopg2://host` and `public.orders` of `…://host:5432/shop`.
    """
    known = canonical(name)
    uri = _text(_mapping(facets.get("dataSource")).get("uri"))
    if not (_SQLALCHEMY.match(name.namespace) and _SQLALCHEMY.match(uri) and name.name.count(".") == 1):
        return known
    try:
        place = urlsplit(uri)
        host, database = f"{place.hostname}:{place.port or 5432}", place.path.strip("/")
    except ValueError:  # such as a port that is no number
        return known
    return canonical(DatasetName(f"postgres://{host}", f"{database}.{name.name}")) if database else known


def _tool(event: Mapping[str, Any]) -> str:
    """Give which tool checks: by the job's integration, else by the producer's address; "" for another."""
    facets = _mapping(_mapping(event.get("job")).get("facets"))
    said = f"{_mapping(facets.get('jobType')).get('integration')} {event.get('producer')}".lower()
    return next((tool for word, tool in _TOOLS.items() if word in said), "")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value[:_TEXT_CHARS] if isinstance(value, str) else ""


def _number(value: Any) -> float | None:
    """Give a number, also one that is written as text as the specification has it; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if isfinite(found) else None
