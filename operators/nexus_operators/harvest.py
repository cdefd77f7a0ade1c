"""Harvests as Airflow tasks: an Airflow connection in, lineage events out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook, BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from nexus_core.errors import ConfigurationError, NexusError
from nexus_operators.connections import SETTINGS, connector_settings
from nexus_operators.link import LineageNexusLink

if TYPE_CHECKING:
    from airflow.providers.openlineage.extractors import OperatorLineage
    from airflow.sdk import Context

    from nexus_core.harvest import Emit, HarvestReport

LINEAGE_DATASETS_MAX = 100
"""Most datasets that the task's own OpenLineage event names; the harvest's events tell of all."""


class HarvestOperator(BaseOperator):
    """Harvests one source of any kind; returns what it read, skipped, was denied and failed to read.

    `conn_id` names an Airflow connection of the source's own type, `options` are further settings of its connector.
    Events go through the spool of Airflow's OpenLineage transport, else by HTTP to `nexus_conn_id`.
    """

    template_fields: Sequence[str] = ("conn_id", "schemas", "options", "nexus_conn_id")
    operator_extra_links = (LineageNexusLink(),)
    ui_color = "#ccfbf1"

    harvested_namespace: str | None = None
    """The source's namespace, once `execute` knows it."""

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
        self._datasets: list[tuple[str, str]] = []

    def execute(self, context: Context) -> dict[str, Any]:  # noqa: ARG002 Airflow passes it
        """Harvest; a failure that cannot pass by itself is not retried."""
        try:
            return told(self._harvest())
        except NexusError as error:
            if error.transient:
                raise
            raise AirflowFailException(str(error)) from error

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> OperatorLineage[Any, Any]:  # noqa: ARG002
        """Give what was read as the task's inputs, so that Airflow's own event shows it."""
        from airflow.providers.openlineage.extractors import OperatorLineage
        from openlineage.client.event_v2 import InputDataset

        from nexus_operators.facets import harvest_facets

        inputs = [InputDataset(namespace=space, name=name) for space, name in self._datasets]
        return OperatorLineage(inputs=inputs, job_facets=harvest_facets(self.harvested_namespace))

    def _harvest(self) -> HarvestReport:
        # Drivers and engines cost seconds and are needed in the task only, not where DAGs are parsed.
        from nexus_core.connectors import open_connector
        from nexus_core.harvest import harvest
        from nexus_operators.emission import open_channel

        settings = connector_settings(self.kind, BaseHook.get_connection(self.conn_id)) | dict(self.options or {})
        connector = open_connector(f"{self.kind}://", **settings, schemas=tuple(self.schemas))
        self.harvested_namespace = connector.namespace
        with open_channel(self.nexus_conn_id) as channel:
            state = channel.state(connector.namespace, connector.scope)
            report = harvest(connector, self._noting(channel.emit), state=state, hints=True)
        self.log.info("Harvested %s: %s", report.source, report.counts)
        for sample in (*report.denied.samples, *report.failed.samples):
            self.log.warning("Not read: %s", sample)
        return report

    def _noting(self, emit: Emit) -> Emit:
        """Note the first datasets that pass."""

        def noting(events: Sequence[dict[str, Any]]) -> None:
            emit(events)
            found = [event["dataset"] for event in events if "dataset" in event]
            room = LINEAGE_DATASETS_MAX - len(self._datasets)
            self._datasets += [(dataset["namespace"], dataset["name"]) for dataset in found[:room]]

        return noting


class MySQLHarvestOperator(HarvestOperator):
    """Harvests MySQL or MariaDB, by a connection of Airflow's type `mysql`."""

    def __init__(self, **task: Any) -> None:
        super().__init__(kind="mysql", **task)


class DbtHarvestOperator(HarvestOperator):
    """Harvests dbt's artifacts, by a connection with their folder as its schema, or of type `http`."""

    def __init__(self, **task: Any) -> None:
        super().__init__(kind="dbt", **task)


class KafkaHarvestOperator(HarvestOperator):
    """Harvests Kafka, by a connection of Airflow's type `kafka`; registry and Connect are options."""

    def __init__(self, **task: Any) -> None:
        super().__init__(kind="kafka", **task)


class PostgreSQLHarvestOperator(HarvestOperator):
    """Harvests PostgreSQL, by a connection of Airflow's type `postgres`."""

    def __init__(self, **task: Any) -> None:
        super().__init__(kind="postgresql", **task)


class MongoDBHarvestOperator(HarvestOperator):
    """Harvests MongoDB, by a connection of Airflow's type `mongo`."""

    def __init__(self, **task: Any) -> None:
        super().__init__(kind="mongodb", **task)


class RedshiftHarvestOperator(HarvestOperator):
    """Harvests Amazon Redshift, by a connection of Airflow's type `redshift`."""

    def __init__(self, **task: Any) -> None:
        super().__init__(kind="redshift", **task)


class BigQueryHarvestOperator(HarvestOperator):
    """Harvests BigQuery, by a connection of Airflow's type `google_cloud_platform`."""

    def __init__(self, **task: Any) -> None:
        super().__init__(kind="bigquery", **task)


class SnowflakeHarvestOperator(HarvestOperator):
    """Harvests Snowflake, by a connection of Airflow's type `snowflake`."""

    def __init__(self, **task: Any) -> None:
        super().__init__(kind="snowflake", **task)


class TableauHarvestOperator(HarvestOperator):
    """Harvests a Tableau site, by a connection of Airflow's type `tableau`."""

    def __init__(self, **task: Any) -> None:
        super().__init__(kind="tableau", **task)


class SQLServerHarvestOperator(HarvestOperator):
    """Harvests SQL Server, by a connection of Airflow's type `mssql`."""

    def __init__(self, **task: Any) -> None:
        super().__init__(kind="sqlserver", **task)


def told(report: HarvestReport) -> dict[str, Any]:
    """Give a report as JSON, which Airflow stores as the task's result."""
    return {
        "run_id": str(report.run_id),
        "source": report.source,
        "scope": report.scope,
        "counts": report.counts,
        "sent": report.sent_count,
        "unchanged": report.unchanged_count,
        "partial": report.partial,
        "skipped": report.skipped.samples,
        "denied": report.denied.samples,
        "failed": report.failed.samples,
    }
