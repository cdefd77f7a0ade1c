"""Lets Redshift's driver talk to a PostgreSQL: the start-up parameters that PostgreSQL refuses are left out on the way.

It also names the server as Redshift does, since the driver reads its version. Everything else passes as it is.
"""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_KEPT = (b"user", b"database", b"options")
_SERVER_VERSION = b"8.0.2"


class _Proxy(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    upstream: tuple[str, int]
    open_sockets: set[socket.socket]


class _Conversation(socketserver.BaseRequestHandler):
    server: _Proxy

    def handle(self) -> None:
        client: socket.socket = self.request
        with suppress(OSError), socket.create_connection(self.server.upstream) as upstream:
            self.server.open_sockets |= {client, upstream}
            upstream.sendall(_started(client))
            threading.Thread(target=_pump, args=(client, upstream), daemon=True).start()
            _answers(upstream, client)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)


class Redshift:
    """The proxy's address; `cut` ends every connection, as a cluster that is resized does."""

    def __init__(self, server: _Proxy) -> None:
        self._server, self.port = server, int(server.server_address[1])

    def url(self, database: str = "dev", user: str = "postgres") -> str:
        return f"redshift://{user}:rs-pass-word@127.0.0.1:{self.port}/{database}?ssl=false"

    def cut(self) -> None:
        for each in self._server.open_sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextmanager
def redshift_proxy(port: int) -> Iterator[Redshift]:
    """Stand before a PostgreSQL on 127.0.0.1."""
    with _Proxy(("127.0.0.1", 0), _Conversation) as server:
        server.upstream, server.open_sockets = ("127.0.0.1", port), set()
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield Redshift(server)
        finally:
            server.shutdown()


def _started(client: socket.socket) -> bytes:
    """Read a start-up message (refusing encryption) and give it with the parameters that PostgreSQL knows."""
    while True:
        size, code = struct.unpack("!II", _exactly(client, 8))
        rest = _exactly(client, size - 8)
        if code != 80877103:
            break
        client.sendall(b"N")
    parts = rest.rstrip(b"\0").split(b"\0")
    kept = {name: value for name, value in zip(parts[::2], parts[1::2], strict=False) if name in _KEPT and value}
    body = struct.pack("!I", code) + b"".join(name + b"\0" + value + b"\0" for name, value in kept.items()) + b"\0"
    return struct.pack("!I", len(body) + 4) + body


def _answers(upstream: socket.socket, client: socket.socket) -> None:
    """Pass answers on, up to the first ReadyForQuery message by message to replace the server's version."""
    kind = b""
    while kind != b"Z":
        kind = _exactly(upstream, 1)
        body = _exactly(upstream, struct.unpack("!I", _exactly(upstream, 4))[0] - 4)
        if kind == b"S" and body.startswith(b"server_version\0"):
            body = b"server_version\0" + _SERVER_VERSION + b"\0"
        client.sendall(kind + struct.pack("!I", len(body) + 4) + body)
        if kind == b"E":
            return
    _pump(upstream, client)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(65536):
            sink.sendall(chunk)
        sink.shutdown(socket.SHUT_WR)


def _exactly(connection: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        chunk = connection.recv(size - len(found))
        if not chunk:
            raise OSError("closed")
        found += chunk
    return found
