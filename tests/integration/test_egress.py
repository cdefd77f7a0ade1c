"""Where our own HTTP may go: no inner address in any spelling, no other scheme, and the address that was checked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from nexus_core import egress
from nexus_core.errors import ForbiddenError

INNER = (
    "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "224.0.0.1", "::1", "::", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "fe80::1",
    "fd00:ec2::254", "ff02::1",
)  # fmt: skip


@pytest.mark.parametrize("address", INNER)
def test_inner_addresses_need_leave(address: str) -> None:
    with pytest.raises(ForbiddenError, match="NEXUS_EGRESS__ALLOW_HOSTS"):
        egress.check_host(address, 443, ())


@pytest.mark.parametrize("host", ["/run/postgresql", "a.example,b.example"])
def test_sockets_and_lists_are_no_host(host: str) -> None:
    with pytest.raises(ForbiddenError):
        egress.check_host(host, 443, ())


def test_ranges_that_the_operator_allows() -> None:
    assert egress.check_host("10.1.2.3", 443, ("10.0.0.0/8",)) == "10.1.2.3"
    assert egress.check_host("::ffff:10.1.2.3", 443, ("10.0.0.0/8",))
    with pytest.raises(ForbiddenError):
        egress.check_host("192.168.0.1", 443, ("10.0.0.0/8",))


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://a.example/x", "gopher://a.example/x", "http://b.example/"]
)
def test_other_schemes_and_hosts_are_refused(url: str) -> None:
    with egress.client(egress.Purpose("test", ("a.example",))) as client, pytest.raises(Exception) as found:  # noqa: PT011
        client.get(url)
    assert isinstance(found.value, ForbiddenError) or "protocol" in str(found.value)


@pytest.fixture
def port() -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_a_second_answer_of_the_name_server_leads_nowhere(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, real = [], socket.getaddrinfo

    def rebinding(host: Any, *rest: Any, **more: Any) -> Any:
        if host != "rebinding.example":
            return real(host, *rest, **more)
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "192.0.2.1", *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    purpose = egress.Purpose("test", ("rebinding.example",), ("rebinding.example",), total_s=5.0)
    with egress.client(purpose) as client:
        assert client.get(f"http://rebinding.example:{port}/").text == "ok"
    assert asked == ["rebinding.example"]
