"""Sources: which connectors there are, whether a connection works, what has been harvested."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

from fastapi import APIRouter

from nexus_core.api.access import Harvester, Identified, Reader
from nexus_core.api.guard import is_loopback
from nexus_core.api.schemas import ConnectorSummary, GrantAdvice, SourceRequest, SourceSummary, SourceTest
from nexus_core.api.services import Services, UsesServices
from nexus_core.connectors.objects import SourceCheck
from nexus_core.connectors.protocol import Connector
from nexus_core.connectors.registry import Installed, installed, open_connector
from nexus_core.errors import ForbiddenError, SourceError
from nexus_core.governance.identity import Identity
from nexus_core.harvest.preview import preview
from nexus_core.model.names import DatasetName
from nexus_core.store.dataset_access import visible_in
from nexus_core.store.ledger_harvests import HarvestEnd, harvest_ends

router = APIRouter(prefix="/api/v1", tags=["sources"])

_OBJECTS_MAX, _SECONDS_MAX = 2_000, 10.0
_PRIVATE = ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")


@router.get("/connectors", operation_id="listConnectors")
async def list_connectors(_caller: Reader) -> list[ConnectorSummary]:
    """List the connectors of this installation, with what each needs."""
    return [_connector(each) for each in await asyncio.to_thread(installed)]


@router.get("/sources", operation_id="listSources")
async def list_sources(services: UsesServices, caller: Reader) -> list[SourceSummary]:
    """List the sources that were harvested, or are being harvested now, as far as the caller sees them."""
    ends = await harvest_ends(services.store)
    names = {end.source for end in ends} | services.harvests.sources()
    listed = {DatasetName(end.source, name) for end in ends for name in end.fingerprints}
    seen = Counter(name.namespace for name in await visible_in(services.store, caller.scope, listed))
    return [
        _source(services, name, ends, None if caller.scope.sees_whole(name) else seen[name])
        for name in sorted(names)
        if caller.scope.sees_whole(name) or seen[name]
    ]


@router.post("/sources/test", operation_id="testSource")
async def try_source(
    services: UsesServices, identity: Identified, _caller: Harvester, asked: SourceRequest
) -> SourceTest:
    """Try a connection: what works, which rights are missing with the statements that grant them, what would be read.

    Reading stops after 2,000 objects or 10 seconds, so the counts may be partial (`whole` false).
    """
    connector = await connect(services, identity, asked)
    return await asyncio.to_thread(_tried, connector)


def _tried(connector: Connector) -> SourceTest:
    """Test, and count what would be read; a source that refuses that after a good test says so."""
    check = connector.test()
    try:
        found = preview(connector, check, objects_max=_OBJECTS_MAX, seconds_max=_SECONDS_MAX)
    except SourceError as error:
        return _test(replace(check, problem=str(error)))
    shown = _test(check)
    return shown.model_copy(
        update={
            "counts": found.counts,
            "names": {kind: list(names) for kind, names in found.names.items()},
            "denied": list(found.report.denied.samples),
            "whole": found.whole,
        }
    )


async def connect(services: Services, identity: Identity, asked: SourceRequest) -> Connector:
    """Give the connector of a request; raises ForbiddenError for a source outside the caller's authority."""
    url, allowed = asked.url.get_secret_value(), _allowed_hosts(services)
    connector = await asyncio.to_thread(open_connector, url, allow_hosts=allowed, schemas=tuple(asked.schemas))
    require_source(identity, connector.namespace)
    return connector


def require_source(identity: Identity, source: str) -> None:
    """Raise ForbiddenError unless the caller may harvest a source."""
    if not covers(identity, source):
        raise ForbiddenError(f"harvesting {source}", f"the authority harvest:{source}")


def covers(identity: Identity, source: str) -> bool:
    """Whether the caller may harvest a source."""
    return any(fnmatchcase(source, pattern) for pattern in identity.authority.harvest)


def _allowed_hosts(services: Services) -> tuple[str, ...]:
    """Give the hosts that may be private: on one's own machine all such ranges, else those that are configured."""
    settings = services.settings
    own = _PRIVATE if settings.store.url is None and is_loopback(settings.api.host) else ()
    return (*settings.egress.allow_hosts, *own)


def _connector(each: Installed) -> ConnectorSummary:
    known = each.connector
    return ConnectorSummary(
        kind=each.kind,
        title=known.title if known else each.kind,
        url_example=known.url_example if known else "",
        grants_sql=known.grants if known else "",
        problem=each.problem,
    )


def _source(services: Services, name: str, ends: list[HarvestEnd], seen: int | None) -> SourceSummary:
    """Tell of a source; `seen` is how many of its datasets are visible, None if all of it is."""
    of_source = [end for end in ends if end.source == name]
    last, ended_at = services.harvests.last(name), max((end.completed_at for end in of_source), default=None)
    overdue = timedelta(hours=services.settings.api.harvest_overdue_hours)
    return SourceSummary(
        source=name,
        kind=last.connector.kind if last else name.partition(":")[0],
        dataset_count=sum(len(end.fingerprints) for end in of_source) if seen is None else seen,
        last_harvest_at=ended_at,
        last_state=last.state if last else "completed",
        counts=last.report.counts if last and last.report and seen is None else {},
        last_problem=last.problem if last and seen is None and last.state in ("failed", "cancelled") else None,
        overdue=ended_at is not None and datetime.now(UTC) - ended_at > overdue,
    )


def _test(found: SourceCheck) -> SourceTest:
    return SourceTest(
        ok=found.ok,
        source=found.source,
        server=found.server,
        problem=found.problem,
        works=list(found.works),
        missing=[
            GrantAdvice(missing=each.missing, costs=each.costs, statement=each.statement) for each in found.missing
        ],
        schemas=list(found.schemas),
    )
