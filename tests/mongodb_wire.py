"""MongoDB's wire protocol as far as tests need it: OP_MSG, and OP_QUERY for a driver's first word."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from typing import Any

import bson

_OP_REPLY, _OP_QUERY, _OP_MSG = 1, 2004, 2013
_HEADER = struct.Struct("<iiii")

Document = dict[str, Any]


@dataclass(frozen=True)
class Message:
    """One request or reply; `command` is its first document, without what lies in sequences beside it."""

    raw: bytes
    request_id: int
    opcode: int
    command: Document
    has_sequences: bool


def read(connection: socket.socket) -> Message | None:
    """Read a message; None where the other side has closed."""
    header = _exactly(connection, _HEADER.size)
    if header is None:
        return None
    length, request_id, _, opcode = _HEADER.unpack(header)
    body = _exactly(connection, length - _HEADER.size)
    if body is None:
        return None
    command, more = _parsed(opcode, body)
    return Message(header + body, request_id, opcode, command, more)


def request(command: Document, request_id: int) -> bytes:
    """Write a command as OP_MSG."""
    return _message(request_id, 0, _OP_MSG, b"\0\0\0\0\0" + bson.encode(command))


def answer(to: Message, document: Document) -> bytes:
    """Write the reply to a request, in the request's own form."""
    if to.opcode == _OP_QUERY:
        return _message(1, to.request_id, _OP_REPLY, struct.pack("<iqii", 8, 0, 0, 1) + bson.encode(document))
    return _message(1, to.request_id, _OP_MSG, b"\0\0\0\0\0" + bson.encode(document))


def _message(request_id: int, response_to: int, opcode: int, body: bytes) -> bytes:
    return _HEADER.pack(_HEADER.size + len(body), request_id, response_to, opcode) + body


def _parsed(opcode: int, body: bytes) -> tuple[Document, bool]:
    if opcode == _OP_QUERY:
        start = body.index(b"\0", 4) + 1 + 8
        return _document(body, start)[0], False
    if opcode == _OP_REPLY:
        return _document(body, 20)[0], False
    command: Document = {}
    at, sequences = 4, False
    while at < len(body):
        kind, at = body[at], at + 1
        if kind == 0:
            command, at = _document(body, at)
        else:
            sequences, at = True, at + struct.unpack_from("<i", body, at)[0]
    return command, sequences


def _document(body: bytes, at: int) -> tuple[Document, int]:
    size = struct.unpack_from("<i", body, at)[0]
    return dict(bson.decode(body[at : at + size])), at + size


def _exactly(connection: socket.socket, size: int) -> bytes | None:
    found = b""
    while len(found) < size:
        chunk = connection.recv(size - len(found))
        if not chunk:
            return None
        found += chunk
    return found
