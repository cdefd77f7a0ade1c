"""Delivery as Airflow tasks: reports, and what changed in what the account subscribes to."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook, BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from nexus_core.errors import ConfigurationError, NexusError
from nexus_operators.hook import LineageNexusHook
from nexus_operators.report import Kind

if TYPE_CHECKING:
    from airflow.sdk import Context

    from nexus_core.client.api import NexusClient
    from nexus_core.client.delivery import MailServer


class _Delivering(BaseOperator):
    """What both operators share: where a message goes.

    `webhook_conn_id` is a connection whose host is the URL and whose password is the secret of the signature,
    `slack_conn_id` one whose password is the hook's URL, `smtp_conn_id` one of type `smtp` (host, port, login,
    password; extra `from_email`, `security`), with `to` for the addresses.
    """

    ui_color = "#ccfbf1"

    def __init__(
        self,
        *,
        webhook_conn_id: str | None = None,
        slack_conn_id: str | None = None,
        smtp_conn_id: str | None = None,
        to: Sequence[str] = (),
        nexus_conn_id: str = LineageNexusHook.default_conn_name,
        **task: Any,
    ) -> None:
        super().__init__(**task)
        if not (webhook_conn_id or slack_conn_id or smtp_conn_id):
            raise ConfigurationError(
                "The delivery goes nowhere", "Give a webhook_conn_id, slack_conn_id or smtp_conn_id"
            )
        if smtp_conn_id and not to:
            raise ConfigurationError("The mail has no addresses", "Give `to`")
        self.webhook_conn_id, self.slack_conn_id, self.smtp_conn_id = webhook_conn_id, slack_conn_id, smtp_conn_id
        self.to, self.nexus_conn_id = to, nexus_conn_id

    def execute(self, context: Context) -> Any:
        """Make the message and deliver it; a refusal is not tried again."""
        try:
            with LineageNexusHook(self.nexus_conn_id).get_conn() as client:
                return self._deliver(client, context)
        except NexusError as error:
            if error.transient:
                raise
            raise AirflowFailException(str(error)) from error

    @abstractmethod
    def _deliver(self, client: NexusClient, context: Context) -> Any:
        """Ask for what is to be delivered, and send it."""

    def _send(self, message: dict[str, Any], text: str, files: dict[str, bytes]) -> None:
        """Send by every way that is set; only an e-mail, which goes to named people, has files."""
        from pydantic import SecretStr

        from nexus_core.client.delivery import send_mail, send_slack, send_webhook

        if self.webhook_conn_id:
            hook = BaseHook.get_connection(self.webhook_conn_id)
            send_webhook(hook.host or "", SecretStr(hook.password or ""), message)
        if self.slack_conn_id:
            send_slack(SecretStr(BaseHook.get_connection(self.slack_conn_id).password or ""), text)
        if self.smtp_conn_id:
            send_mail(_mail_server(self.smtp_conn_id), self.to, text.partition("\n")[0], text, files)


class DeliverReportOperator(_Delivering):
    """Makes a report and delivers it: by e-mail as a file, by hooks as a message that it was made, with its digest."""

    template_fields: Sequence[str] = ("identifier", "link", "to", "nexus_conn_id")

    def __init__(
        self,
        *,
        report: Kind,
        form: str = "pdf",
        identifier: str | None = None,
        days: int = 90,
        link: str = "",
        **task: Any,
    ) -> None:
        super().__init__(**task)
        self.report, self.form, self.identifier, self.days, self.link = report, form, identifier, days, link

    def _deliver(self, client: NexusClient, context: Context) -> dict[str, Any]:  # noqa: ARG002
        body = client.report(self.report, self.form, self.identifier, self.days)
        made_at = datetime.now(UTC)
        message = {
            "kind": "report",
            "report": self.report,
            "format": self.form,
            "made_at": made_at.isoformat(timespec="seconds"),
            "sha256": hashlib.sha256(body).hexdigest(),
            "bytes": len(body),
            "link": self.link,
        }
        text = f"Report {self.report} of {made_at:%Y-%m-%d}\n{self.link}".strip()
        self._send(message, text, {f"{self.report}-{made_at:%Y-%m-%d}.{self.form}": body})
        return message


class DeliverChangesOperator(_Delivering):
    """Delivers what changed in what the connection's account subscribes to, since the start of the run's interval.

    Nothing is sent if nothing changed. Where a run has no interval, the last `hours` count.
    """

    template_fields: Sequence[str] = ("to", "nexus_conn_id")

    def __init__(self, *, hours: int = 24, **task: Any) -> None:
        super().__init__(**task)
        self.hours = hours

    def _deliver(self, client: NexusClient, context: Context) -> int:
        since = context.get("data_interval_start") or datetime.now(UTC) - timedelta(hours=self.hours)
        changes = client.subscribed_changes(since)
        if changes:
            message = {"kind": "changes", "since": since.isoformat(timespec="seconds"), "changes": changes}
            self._send(message, changes_text(changes), {})
        return len(changes)


def changes_text(changes: Sequence[dict[str, Any]]) -> str:
    """Write changes for people, a line each."""
    lines = [f"{len(changes)} changes in the data that you follow"]
    for each in changes:
        through = "" if each["asset"] == each["subscribed"] else f" (upstream of {each['subscribed']['name']})"
        lines.append(f"{each['at']}  {each['asset']['name']}{through}: {each['what']}")
    return "\n".join(lines)


def _mail_server(conn_id: str) -> MailServer:
    from pydantic import SecretStr

    from nexus_core.client.delivery import MailServer

    found = BaseHook.get_connection(conn_id)
    extra = found.extra_dejson
    security = extra.get("security", "starttls")
    if security not in ("starttls", "tls", "none") or not found.host:
        raise ConfigurationError(f"The connection {conn_id} is no mail server", "See docs/reports.md")
    password = SecretStr(found.password) if found.password else None
    sender = str(extra.get("from_email") or found.login or "lineage-nexus@localhost")
    return MailServer(found.host, found.port or 587, sender, found.login, password, security)
