"""A harvest: what a connector reads becomes OpenLineage events."""

from nexus_core.harvest.outbox import Emit
from nexus_core.harvest.run import HarvestReport, harvest
from nexus_core.model.harvest import HarvestState

__all__ = ["Emit", "HarvestReport", "HarvestState", "harvest"]
