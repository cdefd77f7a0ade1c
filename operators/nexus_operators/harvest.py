"""Harvests as Airflow tasks: an Airflow connection in, lineage events out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from nexus_core.errors import ConfigurationError, NexusError
from nexus_operators.connections import SETTINGS
from nexus_operators.link import LineageNexusLink

if TYPE_CHECKING:
    from airflow.sdk import Context


class HarvestOperator(BaseOperator):
    """Harvests one source of any kind; returns what it read, skipped, was denied and failed to read.

    `conn_id` names an Airflow connection of the source's own type, `options` are further settings of its connector.
    Events go through the spool of Airflow's OpenLineage transport, else by HTTP to `nexus_conn_id`.
    """

    template_fields: ClassVar[Sequence[str]] = ("conn_id", "schemas", "options", "nexus_conn_id")
    operator_extra_links = (LineageNexusLink(),)
    ui_color = "#ccfbf1"

    def __init__(
        self,
        *,
        kind: str,
        conn_id: str,
        schemas: Sequence[str] = (),
        options: Mapping[str, Any] | None = None,
        nexus_conn_id: str = "lineage_nexus_default",
        **task: Any,
    ) -> None:
        if kind not in SETTINGS:
            raise ConfigurationError(f"No harvest operator reads {kind!r}", f"It reads {', '.join(SETTINGS)}")
        super().__init__(**task)
        self.kind, self.conn_id, self.schemas = kind, conn_id, schemas
        self.options, self.nexus_conn_id = options, nexus_conn_id

    def execute(self, context: Context) -> dict[str, Any]:  # noqa: ARG002 Airflow passes it
        """Harvest; a failure that cannot pass by itself is not retried."""
        try:
            return self._harvest()
        except NexusError as error:
            if error.transient:
                raise
            raise AirflowFailException(str(error)) from error


class PostgreSQLHarvestOperator(HarvestOperator):
    """Harvests PostgreSQL, by a connection of Airflow's type `postgres`."""

    def __init__(self, **task: Any) -> None:
        super().__init__(kind="postgresql", **task)
