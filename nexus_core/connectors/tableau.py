"""Tableau Server and Cloud: data sources, custom SQL, sheets and dashboards of a site, with lineage by field."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar

from nexus_core.connectors import _tableau_objects as objects
from nexus_core.connectors import _tableau_queries as queries
from nexus_core.connectors._tableau_activity import Activity
from nexus_core.connectors._tableau_client import (
    HIDDEN,
    RefusedError,
    Session,
    TableauSettings,
    address,
    sentence,
    session,
)
from nexus_core.connectors._tableau_names import Site, project_paths
from nexus_core.connectors.objects import GrantAdvice, SourceCheck, SourceDataset, SourceJob
from nexus_core.connectors.protocol import Capability, ConnectorSettings
from nexus_core.connectors.report import Report
from nexus_core.errors import MissingDriverError, SourceError
from nexus_core.model.naming import canonical_namespace

Found = TypeVar("Found", SourceDataset, SourceJob)
Make = Callable[[Any, Site], SourceDataset]

_ALL: tuple[tuple[str, str, Make], ...] = (
    ("custom SQL", queries.CUSTOM_SQL, objects.custom_sql),
    ("published data sources", queries.PUBLISHED, objects.published),
    ("data sources of workbooks", queries.EMBEDDED, objects.embedded),
    ("sheets", queries.SHEETS, objects.sheet),
    ("dashboards", queries.DASHBOARDS, objects.dashboard),
)


class TableauConnector:
    """One site, read over one signed-in session."""

    kind: ClassVar[str] = "tableau"
    title: ClassVar[str] = "Tableau"
    dialect: ClassVar[str | None] = None
    driver: ClassVar[str | None] = "tableauserverclient"
    schemes: ClassVar[tuple[str, ...]] = ("tableau",)
    url_example: ClassVar[str] = "tableau://nexus-token@tableau.example.com:443/finance"
    grants: ClassVar[str] = (
        "1. Make an account for LineageNexus with the site role Site Administrator Explorer (or Explorer, with View\n"
        "   on every project that shall be read).\n"
        "2. Signed in as that account: My Account Settings, Personal Access Tokens, make one. Its name is the user,\n"
        "   its secret the password.\n"
        "3. Tableau Server only, once: tsm maintenance metadata-services enable\n"
        "4. Settings, Automatic Access to Metadata: lets the account see the tables of databases."
    )
    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {Capability.FIELD_DETAILS, Capability.COMMENTS, Capability.OWNERS, Capability.VIEWS, Capability.TAGS}
        | {Capability.PROPERTIES, Capability.RUNS, Capability.USAGE}
    )
    settings_type: ClassVar[type[ConnectorSettings]] = TableauSettings

    def __init__(self, settings: ConnectorSettings) -> None:
        try:
            import tableauserverclient
        except ImportError as error:
            raise MissingDriverError(self.kind, "tableau") from error
        self._server_error = tableauserverclient.ServerResponseError
        self._settings = TableauSettings.model_validate(settings)
        self.report = Report()
        self.watermark: str | None = None

    def __repr__(self) -> str:
        return f"TableauConnector({self.namespace}, {self.scope})"

    @property
    def namespace(self) -> str:
        """`tableau://HOST/SITE`; the default site has no name."""
        settings = self._settings
        site = f"/{settings.database}" if settings.database else ""
        return canonical_namespace(f"tableau://{settings.host}:{settings.port}{site}")

    @property
    def scope(self) -> str:
        """Everything on the site, or what is in the wanted projects; custom SQL is in none."""
        wanted = sorted(self._settings.schemas)
        found = [f"{kind}/{name}/*" for name in wanted for kind in ("datasource", "workbook", "flow")]
        return ",".join([*found, "customsql/*"]) if found else "*"

    def test(self) -> SourceCheck:
        """Sign in and ask both APIs."""
        try:
            with self._session() as opened:
                projects = tuple(sorted(self._site(opened).projects.values()))
                server = f"Tableau {opened.server.server_info.get().product_version}"
                missing = tuple(self._advice(opened))
        except SourceError as error:
            return SourceCheck(self.namespace, problem=str(error))
        works = (
            "projects, refreshes, view counts",
            "data sources, custom SQL, sheets, dashboards, flows, their lineage",
        )
        return SourceCheck(
            self.namespace, server, works=works[: 1 if missing else 2], missing=missing, schemas=projects
        )

    def datasets(self) -> Iterator[SourceDataset]:
        """Give custom SQL, data sources, sheets and dashboards, each kind page by page."""
        with self._session() as opened:
            site = self._site(opened)
            for what, query, make in _ALL:
                yield from self._kind(opened, site, what, query, make)

    def jobs(self, since: str | None) -> Iterator[SourceJob]:
        """Give flows, then extract refreshes, and how often views were looked at."""
        with self._session() as opened:
            site = self._site(opened)
            yield from self._flows(opened, site)
            if not self._settings.query_log:
                return
            activity = Activity(opened, site, self.report.skipped.add, datetime.now(UTC))
            try:
                for job in activity.jobs(since, self._settings.query_log_days):
                    self.report.read[job.kind.value] += 1
                    yield job
            except (RefusedError, self._server_error) as error:
                self._lose("refreshes and view counts", error, partial=False)
            self.watermark = activity.watermark or since

    def _flows(self, opened: Session, site: Site) -> Iterator[SourceJob]:
        """Give flows; the REST API tells their projects, which not every version of the Metadata API does."""
        import tableauserverclient

        driver: Any = tableauserverclient
        try:
            projects = {each.id: each.project_id for each in driver.Pager(opened.server.flows)}
        except self._server_error as error:
            self._lose("flows", error)
            return
        yield from self._kind(opened, replace(site, flows=projects), "flows", queries.FLOWS, objects.flow)

    def _kind(
        self, opened: Session, site: Site, what: str, query: str, make: Callable[[Any, Site], Found]
    ) -> Iterator[Found]:
        try:
            for nodes, said in opened.pages(query):
                for warning in said:
                    self._lose(what, warning)
                for node in nodes:
                    if found := self._made(site, what, node, make):
                        yield found
        except RefusedError as error:
            self._lose(what, error)

    def _made(self, site: Site, what: str, node: Any, make: Callable[[Any, Site], Found]) -> Found | None:
        """Make one object; what an account may not see is null in Tableau's answer."""
        if not self._wanted(node, site):
            return None
        try:
            found = make(node, site)
        except (KeyError, TypeError, AttributeError) as error:
            name = (node or {}).get("name") or (node or {}).get("id") or "one"
            self.report.denied.add(f"{what}: {name}", f"a part of it is hidden ({type(error).__name__})")
            self.report.partial = True
            return None
        self.report.read[found.kind.value] += 1
        return found

    def _wanted(self, node: Any, site: Site) -> bool:
        """Whether an object is in a project that is asked for, or in one below it; custom SQL is in none."""
        held = (node or {}).get("workbook") or node
        if not self._settings.schemas or not held or "projectName" not in held:
            return True
        path = site.project(held)
        return any(path == wanted or path.startswith(f"{wanted}/") for wanted in self._settings.schemas)

    def _lose(self, what: str, error: Exception, *, partial: bool = True) -> None:
        code = str(getattr(error, "code", ""))
        tally = self.report.denied if code == HIDDEN or code.startswith("403") else self.report.failed
        tally.add(what, f"{code} {sentence(error)}".strip())
        self.report.partial = self.report.partial or partial

    def _advice(self, opened: Session) -> Iterator[GrantAdvice]:
        costs = "data sources, sheets and all lineage"
        try:
            _, said = opened.ask(queries.PROBE)
        except (RefusedError, self._server_error) as error:
            step = "tsm maintenance metadata-services enable"
            yield GrantAdvice(f"the Metadata API ({sentence(error)})", costs, step)
            return
        if any(each.code == HIDDEN for each in said):
            step = "Give the account the site role Site Administrator Explorer"
            yield GrantAdvice("View on all content", "what the account may not see", step)

    def _site(self, opened: Session) -> Site:
        import tableauserverclient

        driver: Any = tableauserverclient
        projects = [(each.id, each.parent_id, each.name) for each in driver.Pager(opened.server.projects)]
        site = f"/#/site/{self._settings.database}" if self._settings.database else "/#"
        return Site(self.namespace, f"{address(self._settings)}{site}", project_paths(projects))

    def _session(self) -> Any:
        return session(self._settings, self.namespace)
