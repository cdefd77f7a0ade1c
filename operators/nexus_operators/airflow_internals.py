"""Every import of Airflow and its OpenLineage provider that they do not promise to keep."""

from __future__ import annotations

from airflow.providers.openlineage.plugins.adapter import OpenLineageAdapter
from openlineage.client.transport import Transport

__all__ = ["openlineage_transports"]


def openlineage_transports() -> list[Transport]:
    """Give the transports that Airflow's OpenLineage is configured with, those inside a composite one too."""
    transport = OpenLineageAdapter().get_or_create_openlineage_client().transport
    return [transport, *getattr(transport, "transports", ())]
