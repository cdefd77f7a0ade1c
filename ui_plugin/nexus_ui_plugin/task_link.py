"""The button “Lineage” on every task of Airflow."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from airflow.sdk import BaseOperatorLink

from nexus_operators.link import ui_url
from nexus_ui_plugin.config import read_job_namespace


class TaskLineageLink(BaseOperatorLink):
    """Leads from a task to its lineage; Airflow's API server asks for it when it shows the task."""

    name = "Lineage"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """Give the page of the task's job; the instances of a mapped task are one job."""
        named = {"dag_id": ti_key.dag_id, "task_id": operator.task_id, "job_namespace": read_job_namespace()}
        return f"{ui_url()}/lineage?{urlencode(named)}"
