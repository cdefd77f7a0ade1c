"""What Airflow loads: our pages in its menu and beside its DAGs, runs and tasks.

Loaded in every Airflow process; what serves the pages is imported only by the API server, which asks for it.
"""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin

_TABS = {
    "dag": "dag_id={DAG_ID}",
    "dag_run": "dag_id={DAG_ID}&run_id={RUN_ID}",
    "task": "dag_id={DAG_ID}&task_id={TASK_ID}",
    "task_instance": "dag_id={DAG_ID}&run_id={RUN_ID}&task_id={TASK_ID}&map_index={MAP_INDEX}",
}


def _view(name: str, destination: str, query: str, **more: Any) -> dict[str, Any]:
    """Describe an iframe; relative addresses resolve against Airflow's `<base>`, so a sub-path needs no setting."""
    return {
        "name": name,
        "href": f"nexus/?embed=1{query}",
        "destination": destination,
        "icon": "nexus/icons/light.svg",
        "icon_dark_mode": "nexus/icons/dark.svg",
        **more,
    }


class LineageNexusPlugin(AirflowPlugin):
    """The web UI inside Airflow, for the user who is signed in there."""

    name = "lineage_nexus"
    external_views = [  # noqa: RUF012 the base class declares it so
        _view("Nexus", "nav", "", url_route="nexus", nav_top_level=True),
        *(_view("Lineage", place, f"&{query}", url_route=f"nexus-{place}") for place, query in _TABS.items()),
    ]

    react_apps = [  # noqa: RUF012 the base class declares it so
        {
            "name": "LineageNexus",
            "bundle_url": "nexus/dashboard.js",
            "destination": "dashboard",
            "url_route": "nexus-dashboard",
        }
    ]

    @property
    def global_operator_extra_links(self) -> list[Any]:  # type: ignore[override] # asked of the instance
        """Give the link from every task to its lineage; processes that show or read DAGs ask."""
        from nexus_ui_plugin.task_link import TaskLineageLink

        return [TaskLineageLink()]

    @property
    def fastapi_apps(self) -> list[dict[str, Any]]:  # type: ignore[override] # asked of the instance
        """Give the app; only the API server and `airflow plugins` ask."""
        from nexus_ui_plugin.app import build_app

        return [{"app": build_app(), "url_prefix": "/nexus", "name": "LineageNexus"}]
