"""Airflow connection types `lineage_nexus_KIND`, for sources whose own type Airflow lacks or that need more fields.

Airflow wants a hook class for each type; these only try the connection, since harvests read it by connector_settings.
"""

from __future__ import annotations

from airflow.sdk import BaseHook

from nexus_core.errors import NexusError
from nexus_operators.connections import OWN_TYPE, SETTINGS, connector_settings, hook_name


class SourceHook(BaseHook):
    """Tries the connection of one kind of source."""

    conn_name_attr = "conn_id"
    default_conn_name: str
    kind: str

    def __init__(self, conn_id: str | None = None) -> None:
        super().__init__()
        self.conn_id = conn_id or self.default_conn_name

    def test_connection(self) -> tuple[bool, str]:
        """Tell what works, and which rights are missing with the statements that grant them."""
        # Drivers cost seconds, and Airflow imports hooks where it lists connection types.
        from nexus_core.connectors import open_connector

        try:
            settings = connector_settings(self.kind, self.get_connection(self.conn_id))
            found = open_connector(f"{self.kind}://", **settings).test()
        except NexusError as error:
            return False, str(error)
        missing = [f"Missing: {each.missing}. Run: {each.statement}" for each in found.missing]
        return found.ok, found.problem or "; ".join([f"Works: {', '.join(found.works)}", *missing])


def _hook(kind: str) -> type[SourceHook]:
    conn_type = f"{OWN_TYPE}{kind}"
    named = {"kind": kind, "conn_type": conn_type, "default_conn_name": f"{conn_type}_default"}
    return type(hook_name(kind), (SourceHook,), {**named, "hook_name": f"LineageNexus: {kind}", "__module__": __name__})


globals().update({hook_name(kind): _hook(kind) for kind in SETTINGS})
