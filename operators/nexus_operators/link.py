"""The button “Open in LineageNexus” on a harvest's task."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from airflow.providers.common.compat.sdk import conf
from airflow.sdk import BaseOperatorLink

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey


class LineageNexusLink(BaseOperatorLink):
    """Leads to what the task harvested; Airflow asks for it in the task's own process, when the task has ended."""

    name = "Open in LineageNexus"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:  # noqa: ARG002 the base's signature
        """Give the catalogue's page of the harvested source, or of everything if the harvest failed before it."""
        namespace = getattr(operator, "harvested_namespace", None)
        return f"{ui_url()}/catalogue?{urlencode({'q': namespace})}" if namespace else f"{ui_url()}/"


def ui_url() -> str:
    """Give the address of our web UI: `[lineage_nexus] public_url`, else our page inside Airflow."""
    public: str | None = conf.get("lineage_nexus", "public_url", fallback=None)
    return public.rstrip("/") if public else f"{conf.get('api', 'base_url').rstrip('/')}/plugin/nexus/nexus"
