"""What happened on a Tableau site: extract refreshes as runs, and how often views were looked at.

The watermark is JSON: `{"refreshed": TIME, "day": DAY, "views": {ID: [TOTAL_BEFORE_DAY, TOTAL]}}`. Tableau counts looks
since a view was made, not by day: a day's count is the difference from the last total before it that a harvest saw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from nexus_core.connectors._tableau_client import Session
from nexus_core.connectors._tableau_names import Site, part
from nexus_core.connectors._tableau_queries import EXTRACTS_OF_WORKBOOK
from nexus_core.connectors.objects import Execution, JobKind, SourceJob, Use, Written
from nexus_core.model.names import DatasetName, JobName

VIEWS_MAX = 20_000
"""Most views whose counts are remembered from harvest to harvest."""

_REFRESHES = ("refresh", "increment")


class Activity:
    """Reads a site's jobs and views; `skip` counts what is left out."""

    def __init__(self, session: Session, site: Site, skip: Callable[[str, str], None], now: datetime) -> None:
        import tableauserverclient

        self._driver: Any = tableauserverclient
        self._session, self._site, self._skip, self._now = session, site, skip, now
        self._written: dict[tuple[str, str], tuple[str, tuple[DatasetName, ...]]] = {}
        self.watermark: str | None = None

    def jobs(self, since: str | None, days: int) -> Iterator[SourceJob]:
        """Give refreshes that ended since, then today's looks at views."""
        before: dict[str, Any] = orjson.loads(since) if since else {}
        oldest = before.get("refreshed") or (self._now - timedelta(days=days)).isoformat()
        last = oldest
        for ended_at, job in self._refreshes(datetime.fromisoformat(oldest)):
            last = max(last, ended_at.isoformat())
            yield job
        seen: dict[str, list[int]] = {}
        yield from self._looks(before, seen)
        day = self._now.date().isoformat()
        mark = {"refreshed": last if last != oldest else before.get("refreshed"), "day": day, "views": seen}
        self.watermark = orjson.dumps(mark, option=orjson.OPT_SORT_KEYS).decode()

    def _refreshes(self, after: datetime) -> Iterator[tuple[datetime, SourceJob]]:
        options = self._driver.RequestOptions()
        recent = self._driver.RequestOptions.Operator.GreaterThanOrEqual
        options.filter.add(self._driver.Filter("createdAt", recent, _stamp(after)))
        for listed in self._driver.Pager(self._session.server.jobs, options):
            if listed.ended_at is None or listed.ended_at <= after or not _is_refresh(listed.type):
                continue
            found = self._session.server.jobs.get_by_id(listed.id)
            if job := self._refresh(listed, found):
                yield listed.ended_at, job

    def _refresh(self, listed: Any, found: Any) -> SourceJob | None:
        kind, luid = ("datasource", found.datasource_id) if found.datasource_id else ("workbook", found.workbook_id)
        if not luid:
            self._skip(f"refresh {listed.id}", "it tells of no workbook or data source")
            return None
        name, written = self._target(kind, luid)
        return SourceJob(
            JobName(self._site.namespace, f"refresh/{name}"),
            JobKind.REFRESH,
            execution=Execution(listed.ended_at.astimezone(UTC), listed.id, failed=listed.status != "Success"),
            outputs=tuple(Written(each) for each in written),
        )

    def _target(self, kind: str, luid: str) -> tuple[str, tuple[DatasetName, ...]]:
        """Give the name of what is refreshed, and the data sources that are written by it."""
        if (kind, luid) not in self._written:
            look = self._published if kind == "datasource" else self._of_workbook
            self._written[kind, luid] = look(luid)
        return self._written[kind, luid]

    def _published(self, luid: str) -> tuple[str, tuple[DatasetName, ...]]:
        found = self._session.server.datasources.get_by_id(luid)
        told = {"name": found.name, "projectLuid": found.project_id, "projectName": found.project_name}
        name = self._site.published(told)
        return name.name, (name,)

    def _of_workbook(self, luid: str) -> tuple[str, tuple[DatasetName, ...]]:
        data, _ = self._session.ask(EXTRACTS_OF_WORKBOOK, luid=luid)
        workbook = next(iter(data["workbooks"]), None)
        if workbook is None:
            return f"workbook/{luid}", ()
        held = [each for each in workbook["embeddedDatasources"] if each["hasExtracts"]]
        return self._site.in_workbook(workbook).name, tuple(self._site.embedded(workbook, each) for each in held)

    def _looks(self, before: dict[str, Any], seen: dict[str, list[int]]) -> Iterator[SourceJob]:
        is_same_day = before.get("day") == self._now.date().isoformat()
        former = before.get("views", {})
        workbooks: dict[str, tuple[str, str]] = {}
        for view in self._driver.Pager(lambda options: self._session.server.views.get(options, usage=True)):
            if not view.total_views:
                continue
            if len(seen) >= VIEWS_MAX:
                self._skip(f"view {view.name}", f"more than {VIEWS_MAX} views have counts")
                continue
            base, last = former.get(view.id) or self._first(view)
            base = base if is_same_day else last
            seen[view.id] = [base, view.total_views]
            if view.total_views > max(base, last):
                yield self._look(view, view.total_views - base, workbooks)

    def _first(self, view: Any) -> tuple[int, int]:
        """Give the totals before a view was first seen: those of one made today are today's."""
        is_new = view.created_at is not None and view.created_at.astimezone(UTC).date() == self._now.date()
        return (0, 0) if is_new else (view.total_views, view.total_views)

    def _look(self, view: Any, count: int, workbooks: dict[str, tuple[str, str]]) -> SourceJob:
        if view.workbook_id not in workbooks:
            workbook = self._session.server.workbooks.get_by_id(view.workbook_id)
            workbooks[view.workbook_id] = (workbook.name, workbook.project_id)
        name, project = workbooks[view.workbook_id]
        shown = self._site.in_workbook({"name": name, "projectLuid": project}, part(view.name))
        return SourceJob(
            JobName(self._site.namespace, f"view/{shown.name}"),
            JobKind.QUERY,
            execution=Execution(self._now, uses=(Use(None, count),)),
            inputs=(shown,),
        )


def _is_refresh(kind: str) -> bool:
    return any(word in (kind or "").lower() for word in _REFRESHES)


def _stamp(at: datetime) -> str:
    return (at - timedelta(days=1)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
