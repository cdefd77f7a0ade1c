"""The network of the drills itself: what a cut does, and that nothing stays open when it ends."""

from __future__ import annotations

import gc
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.drills.network import Cut, Proxy

ROUNDS, CLIENTS = 20, 10


@contextmanager
def knocking(port: int) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        yield [stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10)) for _ in range(CLIENTS)]


def ended(client: socket.socket) -> bool:
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("cut", Cut)
def test_who_is_on_the_way_when_it_is_cut_or_ends_is_closed(cut: Cut) -> None:
    """A socket that stays open is a ResourceWarning when it is collected, which fails the test."""
    for _ in range(ROUNDS):
        with socket.create_server(("127.0.0.1", 0)) as target, ExitStack() as clients:
            with Proxy(target.getsockname()[1]).running() as network:
                before = clients.enter_context(knocking(network.port))
                network.cut = cut
                after = clients.enter_context(knocking(network.port))
            assert all(ended(client) for client in (*before, *after))
    gc.collect()


def test_both_sides_learn_that_the_other_ended() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as target,
        Proxy(target.getsockname()[1]).running() as network,
        knocking(network.port) as clients,
    ):
        for number, client in enumerate(clients):
            client.sendall(b"asked")
            server, _ = target.accept()
            with server:
                assert server.recv(5, socket.MSG_WAITALL) == b"asked"
                server.sendall(b"answered")
                assert client.recv(8, socket.MSG_WAITALL) == b"answered"
                (client if number % 2 else server).shutdown(socket.SHUT_WR)
                assert ended(server if number % 2 else client)
