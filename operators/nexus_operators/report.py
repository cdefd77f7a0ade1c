"""Reports as Airflow tasks: a file, made on a schedule."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from nexus_core.errors import NexusError
from nexus_operators.hook import LineageNexusHook

if TYPE_CHECKING:
    from airflow.sdk import Context


Kind = Literal["article-30", "subject", "exposure", "catalogue", "adherence", "quality"]


class ReportOperator(BaseOperator):
    """Writes a report to a file and gives its path; the file's ending (.pdf, .csv, .json) is the form.

    `report` is article-30, subject (with `identifier`), exposure (of the last `days`), catalogue, adherence or quality.
    The file is there whole or not at all.
    """

    template_fields: Sequence[str] = ("path", "identifier", "nexus_conn_id")
    ui_color = "#ccfbf1"

    def __init__(
        self,
        *,
        report: Kind,
        path: str,
        identifier: str | None = None,
        days: int = 90,
        nexus_conn_id: str = LineageNexusHook.default_conn_name,
        **task: Any,
    ) -> None:
        super().__init__(**task)
        self.report, self.path, self.identifier = report, path, identifier
        self.days, self.nexus_conn_id = days, nexus_conn_id

    def execute(self, context: Context) -> str:  # noqa: ARG002 Airflow passes it
        """Make the report; a refusal is not tried again."""
        file = Path(self.path)
        try:
            with LineageNexusHook(self.nexus_conn_id).get_conn() as client:
                body = client.report(self.report, file.suffix.removeprefix("."), self.identifier, self.days)
        except NexusError as error:
            if error.transient:
                raise
            raise AirflowFailException(str(error)) from error
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_name(f".{file.name}.part")
        unfinished.write_bytes(body)
        unfinished.replace(file)
        return self.path
