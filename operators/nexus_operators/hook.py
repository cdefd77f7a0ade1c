"""The connection `lineage_nexus`: where the LineageNexus API is, and the token for it."""

from __future__ import annotations

from airflow.sdk import BaseHook


class LineageNexusHook(BaseHook):
    """Reads the connection; host is the API's URL, password its token."""

    conn_name_attr = "nexus_conn_id"
    default_conn_name = "lineage_nexus_default"
    conn_type = "lineage_nexus"
    hook_name = "LineageNexus"

    def __init__(self, nexus_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.nexus_conn_id = nexus_conn_id
