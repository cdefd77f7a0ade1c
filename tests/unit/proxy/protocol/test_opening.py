"""What a connection begins with, and the proof of a password."""

from __future__ import annotations

from contextlib import suppress

import pytest
import scramp
from hypothesis import given
from hypothesis import strategies as st

from nexus_core.errors import AuthenticationError, InvalidInputError
from nexus_core.model.scram import verifier_of
from nexus_core.proxy.protocol.opening import (
    Cancel,
    Start,
    WantsGss,
    WantsTls,
    cancel_request,
    negotiate,
    packet_size,
    read_opening,
    start_message,
    tls_request,
)
from nexus_core.proxy.protocol.scram import BOUND, PLAIN, ScramClient, ScramServer

words = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1, max_size=20)


@given(st.dictionaries(words.filter(lambda name: not name.startswith("_pq_.")), words, max_size=5))
def test_what_is_written_is_read_again(parameters: dict[str, str]) -> None:
    packet = start_message(parameters)
    assert packet_size(packet[:4]) == len(packet)
    assert read_opening(packet) == Start(parameters)


def test_wishes_and_cancellations_are_told_apart() -> None:
    assert read_opening(tls_request()) == WantsTls()
    assert read_opening(b"\0\0\0\x08\x04\xd2\x16\x30") == WantsGss()
    assert read_opening(cancel_request(7, -9)) == Cancel(7, -9)


@given(st.binary(min_size=8, max_size=60))
def test_other_bytes_are_refused(packet: bytes) -> None:
    with suppress(InvalidInputError):
        read_opening(packet)


def test_a_client_of_a_later_version_is_told_ours() -> None:
    later = read_opening(start_message({"user": "ada", "_pq_.new": "1"}).replace(b"\0\3\0\0", b"\0\3\0\2", 1))
    assert isinstance(later, Start)
    assert later.parameters == {"user": "ada"}
    told = negotiate(later)
    assert told is not None
    assert told.endswith(b"\0\3\0\0\0\0\0\1_pq_.new\0")


@pytest.mark.parametrize("size", [b"\0\0\0\x07", b"\x16\x03\x01\x02", b"\xff\xff\xff\xff", b"\0\0\x27\x11"])
def test_a_first_packet_of_an_absurd_size_is_refused(size: bytes) -> None:
    with pytest.raises(InvalidInputError):
        packet_size(size)


@pytest.mark.parametrize("binding", [None, b"hash of the certificate"])
def test_another_implementation_proves_a_password_to_ours(binding: bytes | None) -> None:
    server = ScramServer(verifier_of("pencil"), binding)
    bound = ("tls-server-end-point", binding) if binding else None
    client = scramp.ScramClient(list(server.mechanisms), "user", "pencil", channel_binding=bound)
    client.set_server_first(server.challenge(client.mechanism_name, client.get_client_first().encode()).decode())
    client.set_server_final(server.finish(client.get_client_final().encode()).decode())


def test_our_client_proves_a_password_to_our_server_and_checks_it() -> None:
    server, client = ScramServer(verifier_of("pencil")), ScramClient("pencil")
    client.check(server.finish(client.proof(server.challenge(PLAIN, client.first))))
    with pytest.raises(AuthenticationError):
        client.check(b"v=" + b"A" * 44)


@pytest.mark.parametrize(
    ("mechanism", "first"),
    [
        (PLAIN, b"y,,n=,r=abc"),  # somebody removed what we offer
        (PLAIN, b"p=tls-server-end-point,,n=,r=abc"),
        (BOUND, b"n,,n=,r=abc"),
        (BOUND, b"p=tls-unique,,n=,r=abc"),
        ("PLAIN", b"n,,n=,r=abc"),
        (PLAIN, b"n,,n=,r="),
        (PLAIN, b"\xff"),
    ],
)
def test_a_first_message_that_is_not_as_offered_is_refused(mechanism: str, first: bytes) -> None:
    with pytest.raises(AuthenticationError):
        ScramServer(verifier_of("pencil"), b"hash").challenge(mechanism, first)


@given(st.binary(max_size=80))
def test_no_other_last_message_proves_anything(final: bytes) -> None:
    server = ScramServer(verifier_of("pencil"))
    server.challenge(PLAIN, b"n,,n=,r=abc")
    with pytest.raises(AuthenticationError):
        server.finish(final)


def test_a_wrong_password_and_a_replayed_proof_are_refused() -> None:
    server, client = ScramServer(verifier_of("pencil")), ScramClient("other")
    with pytest.raises(AuthenticationError, match="the name or the password"):
        server.finish(client.proof(server.challenge(PLAIN, client.first)))
    right = ScramClient("pencil")
    proof = right.proof(ScramServer(verifier_of("pencil")).challenge(PLAIN, right.first))
    again = ScramServer(verifier_of("pencil"))
    again.challenge(PLAIN, right.first)
    with pytest.raises(AuthenticationError):
        again.finish(proof)
