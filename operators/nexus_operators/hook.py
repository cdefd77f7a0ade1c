"""The connection `lineage_nexus`: where the LineageNexus API is, and the token for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseHook
from pydantic import SecretStr

from nexus_core.errors import ConfigurationError, NexusError, RefusedEventsError

if TYPE_CHECKING:
    from nexus_core.client.api import NexusClient


class LineageNexusHook(BaseHook):
    """Reads the connection; its host is the API's URL, its password the token."""

    conn_name_attr = "nexus_conn_id"
    default_conn_name = "lineage_nexus_default"
    conn_type = "lineage_nexus"
    hook_name = "LineageNexus"

    def __init__(self, nexus_conn_id: str = default_conn_name, patience_s: float = 60.0) -> None:
        super().__init__()
        self.nexus_conn_id, self._patience_s = nexus_conn_id, patience_s

    def get_conn(self) -> NexusClient:
        """Open a client, to be used in a `with`. Raises ConfigurationError for a connection without URL."""
        # Imported here since Airflow imports hooks to list connection types, in every process.
        from nexus_core.client.api import NexusClient

        connection = self.get_connection(self.nexus_conn_id)
        if not connection.host:
            raise ConfigurationError(f"The connection {self.nexus_conn_id} has no API URL", "Set its host")
        token = SecretStr(connection.password) if connection.password else None
        return NexusClient(connection.host, token, patience_s=self._patience_s)

    def test_connection(self) -> tuple[bool, str]:
        """Tell whether the API takes our token: it refuses an event that says nothing, but only as an event."""
        try:
            with LineageNexusHook(self.nexus_conn_id, patience_s=5.0).get_conn() as client:
                client.emit([{}])
        except RefusedEventsError:
            return True, "LineageNexus takes events with this token."
        except NexusError as error:
            return False, str(error)
        return False, "What answers there is not LineageNexus: it accepts an event that says nothing."
