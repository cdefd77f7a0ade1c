"""What the tasks of this package say of themselves in Airflow's own OpenLineage events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from openlineage.client.facet_v2 import JobFacet

if TYPE_CHECKING:
    from openlineage.client.facet_v2 import BaseFacet

HARVEST = "lineageNexus_harvest"


@attrs.define
class HarvestJobFacet(JobFacet):
    """That a job harvests `source`, a namespace: it reads what there is and no rows (nexus_core.model.facets)."""

    source: str


def harvest_facets(source: str | None) -> dict[str, BaseFacet]:
    """Give a harvesting task its facet; none before the task knows its source."""
    return {HARVEST: HarvestJobFacet(source=source)} if source else {}
