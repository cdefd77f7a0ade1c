"""Streams cut anywhere come out the same, and no bytes make the cutting fail otherwise than by a refusal."""

from __future__ import annotations

import itertools
import struct
import tracemalloc
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexus_core.errors import InvalidInputError
from nexus_core.proxy.protocol import answers, messages, requests
from nexus_core.proxy.protocol.answers import Answers
from nexus_core.proxy.protocol.frames import frame
from nexus_core.proxy.protocol.requests import Requests

TEXT_MAX = 50
names = st.binary(max_size=6).map(lambda raw: raw.replace(b"\0", b""))
asked = st.one_of(
    names.map(requests.query),
    st.builds(lambda name, text: frame(b"P", name + b"\0" + text + b"\0\0\0"), names, names),
    st.builds(
        lambda portal, name, rest: frame(b"B", portal + b"\0" + name + b"\0" + rest),
        names,
        names,
        st.binary(max_size=9000),
    ),
    names.map(lambda name: frame(b"E", name + b"\0\0\0\0\0")),
    names.map(lambda name: frame(b"C", b"S" + name + b"\0")),
    st.sampled_from([frame(b"S"), frame(b"H"), frame(b"X")]),
    st.binary(max_size=300).map(lambda rows: frame(b"d", rows)),
    st.just(requests.query(b"x" * 200)),
)
told = st.one_of(
    st.binary(max_size=9000).map(lambda row: frame(b"D", row)),
    st.binary(max_size=20).map(lambda said: frame(b"T", said)),
    st.sampled_from([b"I", b"T", b"E"]).map(messages.ready),
    st.just(messages.error("42601", 'near "LineageNexus refused"').error),
    st.just(messages.error("22012", "x" * 6000).error),
    st.integers(0, 9).map(lambda count: frame(b"C", f"SELECT {count}".encode() + b"\0")),
    st.just(messages.parameter("TimeZone", "UTC")),
)


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    at = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:end] for start, end in itertools.pairwise(at)]


@given(st.lists(asked, max_size=8), st.lists(st.integers(0, 10**5), max_size=12))
def test_requests_come_out_whole_wherever_they_are_cut(frames: list[bytes], places: list[int]) -> None:
    stream = Requests(TEXT_MAX)
    found: list[list[bytes | int]] = []
    for part in cut(b"".join(frames), places):
        for kind, raw in stream.feed(part):
            if kind == requests.MORE:
                found[-1][1] += raw  # type: ignore[operator]
            else:
                found.append([kind, raw])
    expected = [
        [each[0], each if len(each) < TEXT_MAX or each[0] not in b"QP" else b""]
        for each in frames
        if each[0] != ord("d")
    ]
    assert found == expected


runs = st.builds(
    lambda portal, name, rest, described, most: (
        frame(b"B", portal + b"\0" + name + b"\0" + rest) + described + frame(b"E", b"\0" + most) + frame(b"S")
    ),
    st.sampled_from([b"", b"", b"c"]),
    names,
    st.binary(max_size=9000),
    st.sampled_from([b"", frame(b"D", b"P\0"), frame(b"D", b"S\0")]),
    st.sampled_from([bytes(4), bytes(4), b"\0\0\0\1"]),
)


@given(runs, st.integers(0, 10**5), st.binary(max_size=4))
def test_what_runs_a_statement_is_told_as_it_would_be_frame_by_frame(data: bytes, at: int, put: bytes) -> None:
    at %= len(data) + 1
    for sent in (data, data[:at] + put + data[at + len(put) :], data[:at], data + data[:at]):
        statement = Requests(TEXT_MAX).run(sent) if sent else None
        if statement is None:
            continue
        (kind, raw), *described, executed, synced = Requests(TEXT_MAX).feed(sent)
        assert (kind, requests.bound_names(raw)) == (requests.BIND, (b"", statement))
        assert described in ([], [(requests.DESCRIBE, frame(b"D", b"P\0"))])
        assert executed == (requests.EXECUTE, frame(b"E", bytes(5)))
        assert synced == (requests.SYNC, frame(b"S"))


def test_what_most_clients_send_runs_a_statement_and_nothing_within_another_message_does() -> None:
    sent = frame(b"B", b"\0s\0" + bytes(6)) + frame(b"E", bytes(5)) + frame(b"S")
    stream = Requests(TEXT_MAX)
    assert stream.run(sent) == b"s"
    assert stream.run(frame(b"B", b"\0") + sent[-15:]) is None
    for within in (b"Q\0\0", frame(b"B", b"\0s\0" + bytes(4000))[:3000], b"Q" + struct.pack("!i", 200) + b"x" * 100):
        stream = Requests(TEXT_MAX)
        stream.feed(within)
        assert stream.run(sent) is None


@given(st.lists(told, max_size=8), st.lists(st.integers(0, 10**5), max_size=12))
def test_answers_pass_unchanged_but_for_what_is_replaced(frames: list[bytes], places: list[int]) -> None:
    seen: list[int] = []

    def tell(kind: int, body: bytes) -> bytes | None:
        seen.append(kind)
        return b"OURS" if b"LineageNexus refused" in body else None

    stream = Answers(tell)
    passed = b"".join(stream.feed(part) for part in cut(b"".join(frames), places))
    assert passed == b"".join(b"OURS" if b"LineageNexus refused" in each else each for each in frames)
    assert stream.skip == 0
    assert seen == [each[0] for each in frames if each[0] not in b"DT"]


@pytest.mark.parametrize(("text_max", "is_kept"), [(TEXT_MAX, False), (2**30, True)])
def test_a_text_that_is_too_long_is_not_kept_as_it_would_be_without_a_limit(text_max: int, is_kept: bool) -> None:
    stream = Requests(text_max)
    tracemalloc.start()
    try:
        stream.feed(b"Q" + struct.pack("!i", 2**29))
        for _ in range(10):
            stream.feed(bytes(2**20))
        assert (tracemalloc.get_traced_memory()[0] > 9 * 2**20) == is_kept
    finally:
        tracemalloc.stop()


@given(st.lists(st.binary(max_size=200), max_size=6))
def test_bytes_of_any_kind_are_cut_or_refused(parts: list[bytes]) -> None:
    stream = Requests(TEXT_MAX)
    try:
        for part in parts:
            for kind, raw in stream.feed(part):
                _read(kind, raw)
    except InvalidInputError:
        pass
    source = Answers(lambda kind, body: None)
    try:
        for part in parts:
            source.feed(part)
    except InvalidInputError:
        pass


def _read(kind: int, raw: bytes) -> None:
    readers = {
        requests.PARSE: requests.parse_text,
        requests.QUERY: requests.query_text,
        requests.BIND: requests.bound_names,
        requests.EXECUTE: requests.executed,
        requests.CLOSE: requests.named,
    }
    if raw and kind in readers:
        readers[kind](raw)


@pytest.mark.parametrize(
    "sent",
    [
        b"Q\xff\xff\xff\xff",
        b"Q\x00\x00\x00\x03",
        b"?" + struct.pack("!i", 4),
        b"C" + struct.pack("!i", 2**20),
        b"p" + struct.pack("!i", 8) + b"\0\0\0\0",
    ],
)
def test_what_is_no_request_is_refused(sent: bytes) -> None:
    with pytest.raises(InvalidInputError):
        Requests(TEXT_MAX).feed(sent)


@pytest.mark.parametrize(
    ("reader", "raw"),
    [
        (requests.query_text, frame(b"Q", b"SELECT 1\0; SELECT 2\0")),
        (requests.query_text, frame(b"Q", b"SELECT 1")),
        (requests.parse_text, frame(b"P", b"\0SELECT 1\0\0\1")),
        (requests.parse_text, frame(b"P", b"\0SELECT 1\0")),
        (requests.executed, frame(b"E", b"\0\0")),
        (requests.named, frame(b"C", b"X\0")),
    ],
)
def test_requests_that_say_one_thing_and_hold_another_are_refused(reader: object, raw: bytes) -> None:
    with pytest.raises(InvalidInputError):
        reader(raw)  # type: ignore[operator]


@pytest.mark.parametrize("kind", [b"G", b"W", b"R", b"K", b"A", b"V"])
def test_a_source_cannot_tell_what_no_session_of_ours_has(kind: bytes) -> None:
    with pytest.raises(InvalidInputError):
        Answers(lambda kind, body: None).feed(frame(kind, b"\0\0\0\0"))


def test_a_long_failure_is_told_by_its_beginning() -> None:
    bodies: list[bytes] = []
    stream = Answers(lambda kind, body: bodies.append(body))  # type: ignore[func-returns-value]
    sent = messages.error("22P02", "x" * 100_000).error
    assert b"".join(stream.feed(part) for part in cut(sent, range(0, 100_000, 999))) == sent
    assert [messages.complaint_code(body) for body in bodies] == ["22P02"]
    assert len(bodies[0]) < answers.TOLD_BYTES
