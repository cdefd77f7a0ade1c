"""Messages that leave: signed webhooks and hooks over real HTTP, e-mails over real SMTP."""

from __future__ import annotations

import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from nexus_core.client.delivery import SIGNATURE, MailServer, send_mail, send_slack, send_webhook
from nexus_core.errors import ConfigurationError, ForbiddenError, UnavailableError
from tests.services import free_port

SECRET = SecretStr("a secret")


@contextmanager
def hook(status: int = 200) -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    got: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.send_header("Location", "http://169.254.169.254/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook", got
        finally:
            server.shutdown()
            thread.join()


def test_a_webhook_is_signed_so_that_its_receiver_can_check_it() -> None:
    with hook() as (url, got):
        send_webhook(url, SECRET, {"kind": "report", "bytes": 3})
    ((headers, body),) = got
    assert body == b'{"bytes":3,"kind":"report"}'
    said = dict(part.split("=", 1) for part in headers[SIGNATURE].split(","))
    signed = f"{said['t']}.".encode() + body
    assert hmac.compare_digest(said["v1"], hmac.new(b"a secret", signed, sha256).hexdigest())


def test_a_hook_gets_a_text() -> None:
    with hook() as (url, got):
        send_slack(SecretStr(url), "Two changes")
    assert got[0][1] == b'{"text":"Two changes"}'


@pytest.mark.parametrize(
    ("status", "error"),
    [(302, ForbiddenError), (404, ForbiddenError), (429, UnavailableError), (503, UnavailableError)],
)
def test_what_a_receiver_refuses_is_told_and_no_redirection_followed(status: int, error: type[Exception]) -> None:
    with hook(status) as (url, got), pytest.raises(error) as told:
        send_slack(SecretStr(url), "text")
    assert len(got) == 1
    assert "/hook" not in str(told.value)  # the address is the secret of such a hook


def test_what_is_no_address_or_does_not_answer() -> None:
    with pytest.raises(ConfigurationError):
        send_webhook("hook", SECRET, {})
    with pytest.raises(ForbiddenError):
        send_webhook("file://localhost/etc/passwd", SECRET, {})
    with pytest.raises(UnavailableError):
        send_webhook(f"http://127.0.0.1:{free_port()}/", SECRET, {})


class Box:
    """Keeps the mails that a real SMTP server takes, but for one address."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if address.startswith("nobody"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


@pytest.fixture
def smtp() -> Iterator[tuple[MailServer, Box]]:
    box = Box()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield MailServer("127.0.0.1", controller.port, "nexus@example.com", security="none"), box
    controller.stop()


def test_a_mail_carries_the_report(smtp: tuple[MailServer, Box]) -> None:
    server, box = smtp
    send_mail(server, ["ann@example.com", "bob@example.com"], "Quality", "Text\n", {"quality.pdf": b"%PDF"})
    (mail,) = box.mails
    assert (mail["To"], mail["Subject"]) == ("ann@example.com, bob@example.com", "Quality")
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("quality.pdf", b"%PDF")
    with pytest.raises(ForbiddenError):
        send_mail(server, ["nobody@example.com"], "Quality", "Text")
    with pytest.raises(ConfigurationError):
        send_mail(server, ["ann@example.com"], "Quality\nBcc: eve@example.com", "Text")
    with pytest.raises(UnavailableError):  # it offers no encryption, so nothing is sent
        send_mail(MailServer(server.host, server.port, server.sender), ["ann@example.com"], "Quality", "Text")
    assert len(box.mails) == 1
