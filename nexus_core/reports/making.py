"""Makes reports of what the caller may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from nexus_core.errors import NotFoundError
from nexus_core.governance.processing import activity, all_activities
from nexus_core.graph.connection import Graph
from nexus_core.graph.read import read_lineage
from nexus_core.graph.read_answer import Direction, Granularity, LineageQuery
from nexus_core.model.access import Caller
from nexus_core.model.aliases import Aliases
from nexus_core.model.names import DatasetName, FieldName
from nexus_core.reports.article30 import article_30
from nexus_core.reports.document import Report
from nexus_core.reports.exposure import exposure_report
from nexus_core.reports.subject import Gathering, subject_report
from nexus_core.store.database import Store
from nexus_core.usage import read_usage

Classified = Mapping[DatasetName, Sequence[tuple[str, str]]]
"""Fields with personal data and their class, by dataset."""

_DEPTH_MOST = 50
_NODES_MOST = 10_000


async def make_article_30(main: Store, classified: Classified, caller: Caller) -> Report:
    """Make the record of processing activities."""
    records = [activity(each) for each in await all_activities(main)]
    return article_30(records, classified, datetime.now(UTC), caller.name)


async def make_subject(main: Store, graph: Graph, kind: str, caller: Caller, timeout_s: float) -> Report:
    """Make the report of where a person's rows are; raises NotFoundError if no activity declares such an identifier."""
    declared = {
        each.column for kept in await all_activities(main) for each in activity(kept).identifiers if each.kind == kind
    }
    if not declared:
        raise NotFoundError(f"An identifier of the kind {kind}, which a processing activity would declare")
    gathering = Gathering()
    for identifier in sorted(declared):
        gathering.declare(identifier)
        await _follow(gathering, graph, identifier, caller, timeout_s)
    return subject_report(kind, gathering.result(), datetime.now(UTC), caller.name)


async def make_exposure(store: Store, aliases: Aliases, classified: Classified, days: int, caller: Caller) -> Report:
    """Make the report of who read personal data in the last days."""
    found = []
    for name, fields in sorted(classified.items()):
        usage = await read_usage(store, aliases, caller.scope, name, days)
        found.append((usage, dict(fields)))
    return exposure_report(found, days, datetime.now(UTC), caller.name)


async def _follow(gathering: Gathering, graph: Graph, identifier: FieldName, caller: Caller, timeout_s: float) -> None:
    name = identifier.dataset
    for field in (identifier.field, None):
        query = LineageQuery(
            namespace=name.namespace,
            name=name.name,
            field=field,
            direction=Direction.DOWNSTREAM,
            depth=_DEPTH_MOST,
            granularity=Granularity.FIELD if field else Granularity.DATASET,
            limit=_NODES_MOST,
        )
        try:
            answer = await read_lineage(graph, query, caller.scope, timeout_s)
        except NotFoundError:  # declared, but not in the graph: nothing is known to come from it
            continue
        if field:
            gathering.add_fields(identifier, answer)
        else:
            gathering.add_datasets(answer)
