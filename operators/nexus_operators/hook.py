"""The connection `lineage_nexus`: where the LineageNexus API is, and the token for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from airflow.sdk import BaseHook

from nexus_core.errors import ConfigurationError

if TYPE_CHECKING:
    from nexus_core.spool.delivery import Delivery


class LineageNexusHook(BaseHook):
    """Reads the connection; its host is the API's URL, its password the token."""

    conn_name_attr = "nexus_conn_id"
    default_conn_name = "lineage_nexus_default"
    conn_type = "lineage_nexus"
    hook_name = "LineageNexus"

    def __init__(self, nexus_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.nexus_conn_id = nexus_conn_id

    @contextmanager
    def delivery(self) -> Iterator[Delivery]:
        """Give the way to send batches of events. Raises ConfigurationError for a connection without URL."""
        # Imported here since Airflow imports hooks to list connection types, in every process.
        from nexus_core.spool.delivery import Delivery
        from nexus_core.spool.http import HttpPost

        connection = self.get_connection(self.nexus_conn_id)
        if not connection.host:
            raise ConfigurationError(f"The connection {self.nexus_conn_id} has no API URL", "Set its host")
        with closing(HttpPost(connection.host, timeout_s=60)) as post:
            yield Delivery(post, lambda: connection.password)

    def test_connection(self) -> tuple[bool, str]:
        """Tell whether the API takes our token: it refuses an event that says nothing, but as an event."""
        with self.delivery() as delivery:
            (outcome,) = delivery.send([b"{}"])
        if outcome.verdict == "refused" and outcome.status != 403:
            return True, "LineageNexus takes events with this token."
        return False, f"LineageNexus answers {outcome.status}: {outcome.reason.get('detail', 'no reason given')}"
