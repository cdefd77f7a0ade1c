"""Hands messages on: to signed webhooks and to Slack-compatible hooks by HTTP, and by e-mail.

Messages through hooks have names, counts and links only, never a value or a file: what they link to asks who reads it.
"""

from __future__ import annotations

import hmac
import smtplib
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from hashlib import sha256
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx
import orjson
from pydantic import SecretStr

from nexus_core import egress
from nexus_core.errors import ConfigurationError, ForbiddenError, UnavailableError

SIGNATURE = "X-Nexus-Signature"
_ANSWER_MAX = 64 * 1024
_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class MailServer:
    """An SMTP server; `security` is starttls, tls (from the start) or none, which is for a relay on this machine."""

    host: str
    port: int
    sender: str
    user: str | None = None
    password: SecretStr | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"


def send_webhook(url: str, secret: SecretStr, message: Mapping[str, Any]) -> None:
    """Post a message with its signature; raises UnavailableError, ForbiddenError where the receiver refuses."""
    body = orjson.dumps(message, option=orjson.OPT_SORT_KEYS)
    _post(url, body, {SIGNATURE: signature(secret, body, int(time.time()))})


def send_slack(url: SecretStr, text: str) -> None:
    """Post a text to a hook of Slack, Mattermost and the like, whose address is its secret; raises as a webhook."""
    _post(url.get_secret_value(), orjson.dumps({"text": text}), {})


def signature(secret: SecretStr, body: bytes, at: int) -> str:
    """Give `t=SECONDS,v1=HEX`: HMAC-SHA-256 under the secret of `SECONDS.BODY`, so that an old one shows as such."""
    signed = hmac.new(secret.get_secret_value().encode(), f"{at}.".encode() + body, sha256).hexdigest()
    return f"t={at},v1={signed}"


def send_mail(
    server: MailServer, to: Sequence[str], subject: str, text: str, files: Mapping[str, bytes] | None = None
) -> None:
    """Send an e-mail with files by name; raises UnavailableError, ForbiddenError where the server refuses it."""
    message = _mail(server.sender, to, subject, text, files or {})
    try:
        with _connected(server) as smtp:
            if server.user and server.password:
                smtp.login(server.user, server.password.get_secret_value())
            smtp.send_message(message)
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused) as error:
        raise ForbiddenError(f"sending mail by {server.host}", "an account and addresses that it accepts") from error
    except (smtplib.SMTPException, OSError) as error:
        raise UnavailableError(f"The mail server {server.host}", type(error).__name__) from error


def _mail(sender: str, to: Sequence[str], subject: str, text: str, files: Mapping[str, bytes]) -> EmailMessage:
    message = EmailMessage()
    try:
        message["From"], message["To"], message["Subject"] = sender, ", ".join(to), subject
    except ValueError as error:  # a line break in a header
        raise ConfigurationError("An address or the subject of the mail has a line break", "Leave it out") from error
    message.set_content(text)
    for name, body in files.items():
        message.add_attachment(body, maintype="application", subtype="octet-stream", filename=name)
    return message


def _connected(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=_SECONDS, context=context)
    smtp = smtplib.SMTP(server.host, server.port, timeout=_SECONDS)
    if server.security == "starttls":
        try:
            smtp.starttls(context=context)
        except (smtplib.SMTPException, OSError):
            smtp.close()
            raise
    return smtp


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    host = urlsplit(url).hostname
    if not host:
        raise ConfigurationError("The address of the hook is no URL", "Write it as https://HOST/PATH")
    purpose = egress.Purpose("Delivering", (host,), (host,), _ANSWER_MAX, _SECONDS)  # who configured it, trusts it
    try:
        with egress.client(purpose) as client:
            answer = client.post(url, content=body, headers={"Content-Type": "application/json", **headers})
    except httpx.TransportError as error:
        raise UnavailableError(f"The hook at {host}", type(error).__name__) from error
    if answer.status_code >= 500 or answer.status_code in (408, 429):
        raise UnavailableError(f"The hook at {host}", f"it answered {answer.status_code}")
    if not answer.is_success:
        raise ForbiddenError(f"delivering to {host}, which answered {answer.status_code},", "its address and secret")
