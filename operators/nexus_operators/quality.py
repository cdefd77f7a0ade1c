"""Checks of data as Airflow tasks: an Airflow connection in, results as lineage events out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook, BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from nexus_core.errors import ConfigurationError, NexusError
from nexus_operators.connections import SETTINGS, connector_settings
from nexus_operators.link import LineageNexusLink

if TYPE_CHECKING:
    from airflow.sdk import Context

    from nexus_core.checks import ChecksReport

CHECKED_KINDS = ("postgresql", "mysql", "redshift")


class QualityCheckOperator(BaseOperator):
    """Runs the checks of a YAML file (docs/quality.md) on one source; returns what passed, failed and could not be run.

    `conn_id` names an Airflow connection of the source's own type, whose account needs no more than to read. `checks`
    is the file's path, or what would stand in it. Results go the way of a harvest's events. With `fail_on_error` a
    failing check of severity error fails the task, without a retry, so that what comes after it does not run.
    """

    template_fields: Sequence[str] = ("conn_id", "checks", "options", "nexus_conn_id")
    operator_extra_links = (LineageNexusLink(),)
    ui_color = "#ccfbf1"

    harvested_namespace: str | None = None
    """The source's namespace, once `execute` knows it; the extra link leads there."""

    def __init__(
        self,
        *,
        kind: str,
        conn_id: str,
        checks: str | dict[str, Any],
        options: Mapping[str, Any] | None = None,
        fail_on_error: bool = True,
        nexus_conn_id: str = "lineage_nexus_default",
        **task: Any,
    ) -> None:
        if kind not in CHECKED_KINDS or kind not in SETTINGS:
            raise ConfigurationError(f"Checks do not run on {kind!r}", f"They run on {', '.join(CHECKED_KINDS)}")
        super().__init__(**task)
        self.kind, self.conn_id, self.checks = kind, conn_id, checks
        self.options, self.fail_on_error, self.nexus_conn_id = options, fail_on_error, nexus_conn_id

    def execute(self, context: Context) -> dict[str, Any]:  # noqa: ARG002 Airflow passes it
        """Run the checks; a failure that cannot pass by itself is not retried."""
        try:
            report = self._run()
        except NexusError as error:
            if error.transient:
                raise
            raise AirflowFailException(str(error)) from error
        said = told(report)
        if self.fail_on_error and any(each["severity"] == "error" for each in (*said["failed"], *said["broken"])):
            raise AirflowFailException(f"Checks failed: {said['failed'] + said['broken']}")
        return said

    def _run(self) -> ChecksReport:
        # Drivers cost seconds and are needed in the task only, not where DAGs are parsed.
        from nexus_core.checks import read_checks, run_checks
        from nexus_core.connectors import open_connector
        from nexus_operators.emission import open_channel

        settings = connector_settings(self.kind, BaseHook.get_connection(self.conn_id)) | dict(self.options or {})
        connector = open_connector(f"{self.kind}://", **settings)
        self.harvested_namespace = connector.namespace
        with open_channel(self.nexus_conn_id) as channel:
            return run_checks(connector, read_checks(self.checks), channel.emit)


def told(report: ChecksReport) -> dict[str, Any]:
    """Give a report as JSON, which Airflow stores as the task's result; it has no value of a row."""
    failed = [
        {
            "dataset": each.dataset.name,
            "check": each.check.name or each.check.check,
            "severity": each.check.severity,
            "measured": each.found.measured,
            "expected": each.found.expected,
        }
        for each in report.failed
        if each.found
    ]
    broken = [
        {
            "dataset": each.dataset.name,
            "check": each.check.name or each.check.check,
            "severity": each.check.severity,
            "problem": each.problem,
        }
        for each in report.broken
    ]
    return {"passed": len(report.ran) - len(failed) - len(broken), "failed": failed, "broken": broken}
