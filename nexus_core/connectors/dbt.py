"""dbt 1.5 and newer: a project's artifacts tell of models, tests and exposures, their SQL and how they ran."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import orjson
from pydantic import Field

from nexus_core.connectors import _dbt_artifacts as artifacts
from nexus_core.connectors import _dbt_datasets as datasets
from nexus_core.connectors import _dbt_warehouse as warehouses
from nexus_core.connectors._dbt_jobs import PREFIX, Jobs
from nexus_core.connectors._http import JsonService, Login
from nexus_core.connectors.objects import GrantAdvice, SourceCheck, SourceDataset, SourceJob
from nexus_core.connectors.protocol import Capability, ConnectorSettings
from nexus_core.connectors.report import Report
from nexus_core.errors import SourceError

_MAX_BYTES = 1 << 30
_PARTS = (
    ("catalog", "columns and their types", "dbt docs generate --no-compile"),
    ("results", "runs, and what tests found", "dbt build"),
)


class DbtSettings(ConnectorSettings):
    """A folder of artifacts, here or on a web server, and the warehouse that they are about."""

    host: str = Field("", description="Web server that has the artifacts; none for a folder of this machine.")
    port: int = Field(443, description="Port of the web server.")
    https: bool = Field(True, description="Whether the web server is asked over TLS.")
    warehouse: str | None = Field(None, description="SCHEME://HOST:PORT of the warehouse, as its own harvest names it.")
    profiles_dir: Path | None = Field(None, description="Folder of profiles.yml, which tells of the warehouse, too.")
    profile: str | None = Field(None, description="Profile in profiles.yml; without, the first.")
    timeout_s: float = Field(60.0, gt=0, description="Seconds to wait for a file.")

    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Give the web server, or the folder, which only the operator may name."""
        return ((self.host or f"/{self.database or ''}", self.port),)


class DbtConnector:
    """The artifacts of one dbt project, read whole when they are first needed."""

    kind: ClassVar[str] = "dbt"
    title: ClassVar[str] = "dbt"
    dialect: ClassVar[str | None] = None
    driver: ClassVar[str | None] = None
    schemes: ClassVar[tuple[str, ...]] = ("dbt",)
    url_example: ClassVar[str] = "dbt:///srv/shop/target?warehouse=postgres://warehouse.example.com:5432"
    grants: ClassVar[str] = (
        "dbt source freshness; dbt build; dbt docs generate --no-compile  # leave their files in the target folder\n"
        "chmod -R o+rX target  # or give them to the account that harvests"
    )
    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {
            Capability.MODELS,
            Capability.QUALITY,
            Capability.RUNS,
            Capability.COMMENTS,
            Capability.OWNERS,
            Capability.CONSTRAINTS,
            Capability.FIELD_DETAILS,
            Capability.TAGS,
            Capability.PROPERTIES,
        }
    )
    settings_type: ClassVar[type[ConnectorSettings]] = DbtSettings

    def __init__(self, settings: ConnectorSettings) -> None:
        self._settings = DbtSettings.model_validate(settings)
        self._read: artifacts.Artifacts | None = None
        self.report = Report()
        self.watermark: str | None = None

    def __repr__(self) -> str:
        return f"DbtConnector({self._location})"

    @property
    def namespace(self) -> str:
        """`dbt://PROJECT`; where the artifacts cannot be read, their place instead of the project."""
        try:
            return f"dbt://{self._artifacts().project}"
        except SourceError:
            return f"dbt://{self._location}"

    @property
    def scope(self) -> str:
        """The jobs, which are all dbt's own; datasets are the warehouse's, and only described."""
        return f"{PREFIX}*"

    def test(self) -> SourceCheck:
        """Look which artifacts there are."""
        try:
            found = self._artifacts()
            self._warehouse(found)
        except SourceError as error:
            return SourceCheck(f"dbt://{self._location}", problem=str(error))
        missing = (GrantAdvice(f"{part}.json", costs, do) for part, costs, do in _PARTS if not getattr(found, part))
        works = f"models, tests and exposures of {found.project} in {found.adapter}"
        return SourceCheck(self.namespace, f"dbt {found.version}", works=(works,), missing=tuple(missing))

    def datasets(self) -> Iterator[SourceDataset]:
        """Give the relations of sources, seeds, models and snapshots, by the warehouse's names."""
        found = self._artifacts()
        warehouse = self._warehouse(found)
        named = {}
        for node in found.nodes().values():
            name = warehouse.relation(node) if node["resource_type"] in datasets.RELATIONS else None
            if name is not None:
                named[name] = node
        for name, node in sorted(named.items(), key=lambda each: each[0]):
            dataset = datasets.dataset(name, node, found)
            self.report.read[dataset.kind.value] += 1
            yield dataset

    def jobs(self, since: str | None) -> Iterator[SourceJob]:
        """Give nodes as jobs, then their runs of invocations that were not told yet."""
        found = self._artifacts()
        jobs = Jobs(self.namespace, found, self._warehouse(found), self.report)
        for job in jobs.defined():
            yield self._counted(job)
        before = orjson.loads(since) if since else {}
        told = {name: str(part.get("metadata", {}).get("invocation_id")) for name, part in self._parts(found).items()}
        if told["results"] != before.get("results"):
            yield from map(self._counted, jobs.ran(found.results))
        if told["freshness"] != before.get("freshness"):
            yield from map(self._counted, jobs.freshness(found.freshness))
        self.watermark = orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()

    def _parts(self, found: artifacts.Artifacts) -> dict[str, artifacts.Json]:
        return {"results": found.results, "freshness": found.freshness}

    def _counted(self, job: SourceJob) -> SourceJob:
        self.report.read["RUN" if job.execution else job.kind.value] += 1
        return job

    def _warehouse(self, found: artifacts.Artifacts) -> warehouses.Warehouse:
        settings = self._settings
        return warehouses.of_settings(found.adapter, settings.warehouse, settings.profiles_dir, settings.profile)

    def _artifacts(self) -> artifacts.Artifacts:
        if self._read is None:
            self._read = artifacts.load(self._place())
        return self._read

    def _place(self) -> artifacts.Place:
        if not self._settings.host:
            return artifacts.Folder(Path("/", self._settings.database or ""))
        return artifacts.Remote(self._service)

    def _service(self) -> JsonService:
        settings = self._settings
        scheme = "https" if settings.https else "http"
        url = f"{scheme}://{settings.host}:{settings.port}/{settings.database or ''}"
        bearer = settings.password if not settings.user else None
        login = Login(settings.user, settings.password, bearer)
        advice = "Check address and token; docs/sources/dbt.md"
        return JsonService(f"dbt artifacts at {settings.host}", url, login, settings.timeout_s, advice, _MAX_BYTES)

    @property
    def _location(self) -> str:
        settings = self._settings
        server = f"{settings.host}:{settings.port}" if settings.host else ""
        return f"{server}/{settings.database or ''}"
